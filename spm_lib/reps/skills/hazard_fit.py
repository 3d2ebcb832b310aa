"""The pace of steps forward: cell x kind of deal x person, deals that fell asleep left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from spm_lib.reps.skills.hazard_grid import BUCKETS, Grid
from spm_lib.reps.skills.kinds import kinds_of
from spm_lib.stats.factors import prior_weight, summing

_PRIOR = 5.0  # events by which effects of kinds of deals are drawn to none at first
_ROUNDS = 40
_CLOSE = 5e-4  # the largest change of an effect at which a fit is done
_STILL = 1e-4  # and that of the pace of visits, in the mean: one or the other moves for long
_SOON = 21  # days in a stage within which a visit that ended was awake, as good as certainly
_LONG = 120  # days in a stage from which on a deal is first taken to have slept


@dataclass(frozen=True, eq=False)
class Spells:
    """What is fitted: the grid, what ended each spell, and its factors (the first: whose it is).

    ``visit``: a number that the spells of one visit share, which lie below one another.
    """

    grid: Grid
    forward: np.ndarray
    lost: np.ndarray
    left: np.ndarray
    visit: np.ndarray
    factors: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """Steps and their expectation per person, and what is expected of each spell.

    ``base`` is the pace of each cell, ``steps`` how many there were in it.
    ``pace`` is, per spell, the share of the usual pace at which the deal may be expected to move;
    ``sleepers`` the share of visits to each stage in which a deal falls asleep. ``known``
    is the share of the information on people that is left as it is not known who sleeps; ``own``,
    per person, that which is left as paces of cells and effects of kinds are not known either;
    ``priors`` weigh the effects of each factor towards none.
    """

    observed: np.ndarray
    expected: np.ndarray
    base: np.ndarray
    steps: np.ndarray
    factor: np.ndarray
    pace: np.ndarray
    sleepers: np.ndarray
    known: float
    own: np.ndarray
    priors: tuple[float, ...]


def fit_pace(spells: Spells, *, people: int) -> Fit:
    """Fit hazard = cell x effects of the kind of deal x person, to the highest likelihood.

    Piecewise exponential: steps in a cell are Poisson with the days sat (Holford 1980, Biometrics
    36:299). Each part is fitted in turn. Some deals have fallen asleep and move at a small share
    ``r`` of the pace only: a visit that would have brought ``L`` steps or losses is asleep with
    odds ``q r^d exp(-r L) / ((1 - q) exp(-L))``, d = 1 if it ended (a mixture of two classes,
    fitted by expectation and maximisation; Farewell 1982, Biometrics 38:1041). Its days count that
    much less: else those who move fast would look slower, sleepers being all that is left to them.
    A deal that changed hands meanwhile sleeps or wakes in all of them.
    """
    return _Fitting(spells, people).run()


class _Fitting:
    """The state of a fit: visits that ended soon are added up by kind, the others stand alone.

    ``given``, per kind, is the product of all effects but the person's; ``whole`` that of all.
    """

    def __init__(self, spells: Spells, people: int) -> None:
        grid = spells.grid
        self.spells, self.people = spells, people
        self.kind, first = kinds_of(spells.factors)
        self.factors = [factor[first] for factor in spells.factors]
        begins, ended, stayed = _visits(spells)
        alone = ~ended | (stayed > _SOON)
        self.alone, self.soon = np.flatnonzero(alone), np.flatnonzero(~alone)
        kinds, each = len(first), np.arange(len(self.alone))
        self.days = grid.take(self.soon).days(self.kind[self.soon], kinds)
        self.turned = self.days.T.tocsr()
        self.soon_days = self.turned @ np.ones(kinds)
        self.sat = grid.take(self.alone).days(each, len(each))
        self.sat_turned = self.sat.T.tocsr()
        self.long = grid.take(self.alone).whole(begins[self.alone]).days(each, len(each))
        ends = grid.ends()
        self.steps = np.bincount(self.kind[spells.forward], minlength=kinds).astype(float)
        self.in_cell = np.bincount(ends[spells.forward], minlength=grid.cells).astype(float)
        self.lost_in = np.bincount(ends[spells.lost], minlength=grid.cells).astype(float)
        self.effects = [np.ones(int(f.max(initial=0)) + 1) for f in self.factors]
        self.effects[0] = np.ones(people)
        sizes = [len(effect) for effect in self.effects]
        self.sums = [summing(f, size) for f, size in zip(self.factors, sizes, strict=True)]
        self.hits = [by_level @ self.steps for by_level in self.sums]
        self.given, self.whole = np.ones(kinds), np.ones(kinds)
        self.priors = [0.0, *(_PRIOR for _ in self.factors[1:])]
        self.asleep = (stayed > _LONG)[self.alone] * 1.0
        self.sleepers, self.drowsy = np.full(grid.stages, 0.05), 0.02
        self.pace = 1 - (1 - self.drowsy) * self.asleep
        self.base = np.zeros(grid.cells)
        last = spells.left | (grid.until >= grid.edges[-1])
        fresh = grid.entered >= grid.edges[0]
        self.mine, self.rank = self.kind[self.alone], grid.rank[self.alone]
        self.begins = np.flatnonzero(begins[self.alone])
        self.visit = np.cumsum(begins[self.alone]) - 1
        self.ended, self.last = ended[self.alone], last[self.alone]
        self.last_fresh = self.last & fresh[self.alone]
        self.begun = np.bincount(grid.rank[fresh & last], minlength=grid.stages).astype(float)

    def run(self) -> Fit:
        for _ in range(_ROUNDS):
            before = self.pace
            self._cells()
            moved = self._kinds()
            self._sleepers()
            change = float(np.abs(self.pace - before).mean()) if len(before) else 0.0
            if moved < _CLOSE and change < _STILL:
                break
        rest = self._sat() * self.given
        pace = np.ones(len(self.kind))
        pace[self.alone] = self.pace
        return Fit(
            np.bincount(self.factors[0], self.steps, self.people),
            np.bincount(self.factors[0], rest, self.people),
            self.base,
            self.in_cell,
            self.whole[self.kind],
            pace,
            self.sleepers,
            self._known(),
            self._own(),
            tuple(self.priors),
        )

    def _cells(self) -> None:
        """Fit the pace of each cell, and of losing in it."""
        mine = self.pace * self.whole[self.mine]
        moving = self.turned @ self.whole + self.sat_turned @ mine
        self.base = _ratio(self.in_cell, moving)
        days = self.soon_days + self.sat_turned @ self.pace
        self.forward = _ratio(self._folded(self.in_cell), self._folded(moving))
        self.losing = _ratio(self._folded(self.lost_in), self._folded(days))

    def _folded(self, cells: np.ndarray) -> np.ndarray:
        """Add up the months of each time in stage and stage."""
        grid = self.spells.grid
        return cells.reshape(BUCKETS, grid.months, grid.stages).sum(axis=1).ravel()

    def _sat(self) -> np.ndarray:
        """Return days of each kind at the pace of their cells."""
        alone = self.pace * (self.sat @ self.base)
        kinds = len(self.factors[0])
        return self.days @ self.base + np.bincount(self.mine, alone, kinds)

    def _kinds(self) -> float:
        """Fit the effects of each factor; return by how much they moved.

        Days at the pace of all factors are kept up to date: an effect is the same for all rows of
        its level, so that what is expected without it is their sum divided by it.
        """
        due, moved = self._sat() * self.given, 0.0
        for number, factor in enumerate(self.factors):
            before, prior = self.effects[number], self.priors[number]
            want = (self.sums[number] @ due) / (before if number else 1.0)
            fresh = _ratio(self.hits[number] + prior, want + prior)
            moved = max(moved, float(np.abs(fresh - before).max()))
            self.effects[number] = fresh
            change = (fresh / before if number else fresh)[factor]
            due *= change
            if number:
                self.given *= change
                logs = np.log(np.maximum(fresh, 1e-9))
                self.priors[number] = prior_weight(logs, want, prior)
        self.whole = self.given * self.effects[0][self.factors[0]]
        return moved

    def _known(self) -> float:
        """Return the information left (Louis 1982, JRSS B 44:226): less what sleep leaves open."""
        due = (self.sat @ self.base) * self.whole[self.mine]
        unsure = self.asleep * (1 - self.asleep) * ((1 - self.drowsy) * due) ** 2
        return max(1 - float(unsure.sum()) / max(float(self.steps.sum()), 1e-9), 0.2)

    def _own(self) -> np.ndarray:
        """Return each person's information beside that with one cell and one kind for everybody.

        What is left when the pace of cells and the effects of kinds are told by the same steps:
        the diagonal of the information on people less what it shares with these (Schur).
        """
        from scipy.sparse import vstack

        levels = vstack(self.sums, format="csr")
        weighed = levels.multiply(self.whole) @ self.days
        weighed += (
            levels.tocsc()[:, self.mine].multiply(self.pace * self.whole[self.mine]) @ self.sat
        )
        due = weighed.multiply(self.base).toarray()
        shared = levels.multiply(self._sat() * self.whole) @ levels.T
        found = shared.toarray() - (due * _ratio(np.ones(len(self.in_cell)), self.in_cell)) @ due.T
        sizes = [len(effect) for effect in self.effects]
        found += np.diag(np.repeat(self.priors, sizes))
        mine, others = np.arange(self.people), slice(self.people, None)
        cross = found[mine, others]
        taken = cross * np.linalg.solve(found[others, others], cross.T).T
        left = found[mine, mine] - taken.sum(axis=1)
        each = due[mine].sum(axis=1)
        alike = each * (1 - each / max(each.sum(), 1e-9))
        return np.divide(left, alike, out=np.ones(self.people), where=alike > 1e-9).clip(0.05, 1)

    def _sleepers(self) -> None:
        """Say how likely each visit that stands alone is asleep, and what share of all is."""
        grid, share = self.spells.grid, self.sleepers
        both = self.long @ np.stack([self.forward, self.losing], axis=1)
        due = both[:, 0] * self.whole[self.mine] + both[:, 1]
        if len(self.begins) < len(due):
            due = np.add.reduceat(due, self.begins)[self.visit]
        odds = (1 - self.drowsy) * due
        odds += np.log(share / (1 - share))[self.rank]
        odds[self.ended] += np.log(self.drowsy)
        self.asleep = expit(odds)
        self.pace = 1 - (1 - self.drowsy) * self.asleep
        told = self.asleep * self.last
        moved = float(told[self.ended].sum()) / max(float((told * due).sum()), 1e-9)
        self.drowsy = float(np.clip(moved, 1e-3, 0.3))
        asleep = np.bincount(self.rank, self.asleep * self.last_fresh, grid.stages)
        self.sleepers = np.clip(_ratio(asleep, self.begun), 1e-6, 0.9)


def _visits(spells: Spells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per spell if it begins its visit, if the visit ended, and days stayed in all."""
    changes = spells.visit[1:] != spells.visit[:-1]
    begins = np.concatenate([[True], changes])
    number = np.cumsum(begins) - 1
    final = np.flatnonzero(np.concatenate([changes, [True]]))
    stayed = spells.grid.until[final] - spells.grid.entered[final]
    return begins, spells.left[final][number], stayed[number]


def free(due: Any, cells: np.ndarray) -> np.ndarray:
    """Return the variance of steps by row about what cells fitted to the same steps expect.

    A cell of ``e`` steps of which ``e_i`` are expected of a row leaves it e_i (1 - e_i / e): the
    more cells there are, the more of a row's steps only say what its cells are like.

    Parameters
    ----------
    due
        Steps expected by row and cell, a sparse matrix.
    cells
        Steps expected in each cell of all rows.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> free(csr_array([[1.0, 3.0], [1.0, 0.0]]), np.array([2.0, 3.0])).tolist()
    [0.5, 0.5]
    """
    share = due.multiply(_ratio(np.ones(len(cells)), cells)).tocsr()
    own = np.asarray(due.multiply(share).sum(axis=1)).ravel()
    return np.maximum(np.asarray(due.sum(axis=1)).ravel() - own, 0.0)


def _ratio(part: Any, whole: Any) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
