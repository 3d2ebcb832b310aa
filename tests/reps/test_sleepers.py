"""Deals that fell asleep: told by the whole visit, in whoever's hands, and left out of the pace."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from spm_lib.reps.skills.hazard_fit import Fit, Spells, fit_pace
from spm_lib.reps.skills.hazard_grid import Grid

PACE, ASLEEP, SLOW, PEOPLE, END = 0.05, 0.3, 0.02, 10, 1200


def visits(seed: int) -> tuple[Spells, np.ndarray]:
    """Visits to one stage: three in ten sleep; person 0 hands all of his over on day 600."""
    rng = np.random.default_rng(seed)
    size = 6000
    begun, owner = rng.integers(0, END - 1, size), rng.integers(0, PEOPLE, size)
    owner = np.where((owner == 0) & (begun >= 600), 1, owner)
    sleeps = rng.random(size) < ASLEEP
    stay = np.ceil(rng.exponential(1 / (PACE * np.where(sleeps, SLOW, 1.0)))).astype(np.int64)
    until, ended = np.minimum(begun + stay, END), begun + stay < END
    hands = (owner == 0) & (until > 600)
    rows = [(begun, np.where(hands, 600, until), owner, ended & ~hands, np.arange(size))]
    rows += [(np.full(size, 600), until, np.ones(size, np.int64), ended, np.arange(size))]
    since, till, whose, left, number = (
        np.concatenate([a, b[hands]]) for a, b in zip(*rows, strict=True)
    )
    order = np.lexsort((since, number))
    since, till, whose, left, number = (x[order] for x in (since, till, whose, left, number))
    edges = np.array([0, 600, END])
    grid = Grid(np.zeros(len(since), np.int64), begun[number], since, till, edges, 1)
    taken = ((whose == 1) & (since > begun[number])).astype(np.int64)
    return Spells(grid, left, left & False, left, number, (whose, taken)), sleeps


@pytest.fixture(scope="module")
def told() -> tuple[Spells, np.ndarray, Fit]:
    spells, sleeps = visits(3)
    return spells, sleeps, fit_pace(spells, people=PEOPLE)


def test_who_sleeps_is_told_as_often_as_it_is_so(told: tuple[Spells, np.ndarray, Fit]) -> None:
    spells, sleeps, fit = told
    assert fit.sleepers[0] == pytest.approx(ASLEEP, abs=0.03)
    asleep = (1 - fit.pace) / (1 - fit.pace.min())
    handed = np.flatnonzero((spells.factors[0] == 0) & (spells.grid.until == 600) & ~spells.left)
    assert asleep[handed].mean() == pytest.approx(sleeps[spells.visit[handed]].mean(), abs=0.04)


def test_the_spells_of_one_visit_sleep_together(told: tuple[Spells, np.ndarray, Fit]) -> None:
    """By a loop: odds q / (1 - q) times how much less likely the wait is of a deal awake."""
    spells, _, fit = told
    twice = np.flatnonzero(spells.visit[1:] == spells.visit[:-1])
    assert len(twice) > 50
    assert (fit.pace[twice] == fit.pace[twice + 1]).all()
    slow = float(fit.pace.min())
    share = fit.sleepers[0]
    for first in twice[:20]:
        due = 0.0
        for row in (first, first + 1):
            for day in range(spells.grid.since[row], spells.grid.until[row]):
                age = day - spells.grid.entered[row]
                bucket = int(np.searchsorted((7, 21, 60), age, side="right"))
                cells = fit.base.reshape(4, 2), fit.steps.reshape(4, 2)
                due += _pace(*(cell[bucket] for cell in cells)) * fit.factor[row]
        odds = share / (1 - share) * exp((1 - slow) * due)
        odds *= slow if spells.left[first + 1] else 1.0
        told_odds = (1 - fit.pace[first]) / (fit.pace[first] - slow + 1e-12)
        assert np.log(told_odds) == pytest.approx(np.log(odds), abs=0.15) or odds > 1e4


def _pace(base: np.ndarray, steps: np.ndarray) -> float:
    """Return the pace of a time in stage over all months: steps over days at risk."""
    days = np.divide(steps, base, out=np.zeros(2), where=base > 0)
    return float(steps.sum() / days.sum())


def test_the_share_of_the_information_is_that_of_all_parameters_together() -> None:
    """By one dense matrix over spells, cells, people and kinds: the Schur complement on people."""
    spells, _ = visits(5)
    fit = fit_pace(spells, people=PEOPLE)
    size, cells = len(spells.left), len(fit.base)
    sat = spells.grid.days(np.arange(size), size).toarray()
    due = sat * fit.base * (fit.factor * fit.pace)[:, None]
    who = np.eye(PEOPLE)[spells.factors[0]]
    kind = np.eye(2)[spells.factors[1]]
    total = due.sum(axis=1)
    cell = np.diag(fit.steps) + np.eye(cells) * (fit.steps == 0)
    others = np.block([[cell, due.T @ kind], [kind.T @ due, (kind.T * total) @ kind]])
    others[cells:, cells:] += np.eye(2) * fit.priors[1]
    cross = np.hstack([who.T @ due, (who.T * total) @ kind])
    each = total @ who
    left = each - np.diag(cross @ np.linalg.solve(others, cross.T))
    share = left / (each * (1 - each / each.sum()))
    np.testing.assert_allclose(fit.own, share.clip(max=1), rtol=1e-6)
    assert fit.own.min() < 0.95
