"""Stage by stage: rates counted deal by deal, and chances against deals lived one by one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from spm_lib.forecast import Horizon, history_of, months_ahead, reps_of
from spm_lib.forecast.methods.multi_state import (
    LONGEST,
    MultiStateFitted,
    StageRates,
    entries,
    stage_chances,
    stage_rates,
)
from spm_lib.forecast.past.clocks import progress_pace, winning_pace
from spm_lib.forecast.past.exposure import BUCKETS, closing_cells, moves, sat_by_day
from spm_lib.forecast.past.landmarks import TIME
from spm_lib.model import Company

ORIGIN = date(2026, 3, 31)


@pytest.fixture(scope="module")
def history(tiny: Company):
    return history_of(tiny.at(ORIGIN), reps=reps_of(tiny))


def test_days_and_events_per_stage_and_time_are_those_of_the_deals(history) -> None:
    """Walk every deal day by day."""
    lives, spans = history.lives, history.lives.stretches
    since, origin = history.origin - 200, history.origin
    days = np.zeros(4 * BUCKETS)
    wins, losses = np.zeros(4 * BUCKETS), np.zeros(4 * BUCKETS)
    moved: dict[tuple[int, int], int] = {}
    moving = {
        row
        for row in range(len(spans.deal) - 1)
        if spans.deal[row] == spans.deal[row + 1]
        and spans.stage[row] != spans.stage[row + 1]
        and spans.until[row] == spans.since[row + 1]
    }
    for row in range(len(spans.deal)):
        deal = spans.deal[row]
        until = min(spans.until[row], lives.closed[deal])
        for day in range(max(spans.since[row] + 1, since), min(until, origin) + 1):
            time = sum(day - 1 - spans.entered[row] >= edge for edge in TIME)
            cell = int(spans.stage[row] * BUCKETS + time)
            days[cell] += 1
            if day == lives.closed[deal]:
                (wins if lives.won[deal] else losses)[cell] += 1
            elif day == until and row in moving:
                key = (cell, int(spans.stage[row + 1]))
                moved[key] = moved.get(key, 0) + 1
    sat = sat_by_day(lives, since=since, origin=origin)
    assert sat.sum(axis=1) == pytest.approx(days)
    for won, expected in ((True, wins), (False, losses)):
        cells = closing_cells(lives, since=since, origin=origin, won=won)
        assert np.bincount(cells, minlength=len(days)).tolist() == expected.tolist()
    found: dict[tuple[int, int], int] = {}
    for cell, to in zip(*moves(lives, since=since, origin=origin), strict=True):
        found[int(cell), int(to)] = found.get((int(cell), int(to)), 0) + 1
    assert found == moved
    assert sum(moved.values()) > 20


def test_chances_are_those_of_deals_lived_one_by_one(history) -> None:
    """20,000 deals from one cell, each day a throw of the dice."""
    horizon = Horizon(
        history.origin, (history.origin + 1, history.origin + 21, history.origin + 41)
    )
    rates = StageRates(
        win=np.array([[0.01] * BUCKETS, [0.05] * BUCKETS]),
        lose=np.array([[0.02] * BUCKETS, [0.01] * BUCKETS]),
        move=np.array([[[0.0] * BUCKETS, [0.06] * BUCKETS], [[0.0] * BUCKETS] * 2]),
    )
    table = stage_chances(history, horizon, rates)
    rng = np.random.default_rng(4)
    stage = np.zeros(20_000, dtype=int)
    won = np.zeros(2)
    for day in range(history.origin + 1, horizon.end):
        closing = winning_pace(history).between(day, day + 1)
        working = progress_pace(history).between(day, day + 1)
        luck = rng.random(len(stage))
        win = np.array([0.01, 0.05])[stage] * closing
        leave = win + np.array([0.02, 0.01])[stage] * working
        move = leave + np.array([0.06, 0.0])[stage] * working
        won[int(day >= horizon.edges[1])] += (luck < win).sum()
        stage = np.where((luck >= leave) & (luck < move), 1, stage)[luck >= leave]
    assert table.now[:, 0, 10] == pytest.approx(won / 20_000, abs=0.008)
    assert table.now.shape == (2, 2, LONGEST)
    assert table.fresh[-1].sum() == 0, "who comes at the end of the last day wins nothing in it"
    assert table.fresh[0, :, 1].sum() <= table.now[:, 1, 0].sum()


def test_newcomers_do_not_all_start_in_the_first_stage(history) -> None:
    """Pitfall: new leads simulated from stage 0 under-forecast a company whose deals skip it."""
    entry, at_once, worth = entries(history)
    lives, spans = history.lives, history.lives.stretches
    first = {}
    for row in range(len(spans.deal)):
        first.setdefault(int(spans.deal[row]), int(spans.stage[row]))
    recent = np.flatnonzero(
        (lives.created > history.origin - 730) & (lives.created >= history.since)
    )
    by_hand = [sum(first.get(int(d)) == k for d in recent) / len(recent) for k in range(4)]
    assert entry.tolist() == pytest.approx(by_hand)
    assert 0.05 < entry[1:].sum() < 0.5
    assert at_once + entry.sum() <= 1.0
    won = [d for d in recent if lives.won[d]]
    assert worth == pytest.approx(np.mean([lives.won_amount[d] for d in won]))


def test_more_time_means_more_wins(tiny: Company, history) -> None:
    fitted = MultiStateFitted(history)
    horizon = months_ahead(tiny.calendar, ORIGIN, months=3)
    chance = fitted.by_deal(horizon)
    assert chance.shape == (len(history.open.deal), 3)
    assert (chance > 0).all()
    assert (chance.sum(axis=1) < 1).all()
    rates = stage_rates(history)
    assert rates.move.shape == (4, 4, BUCKETS)
    assert not np.einsum("ssk->k", rates.move).any(), "nobody moves to where he is"
