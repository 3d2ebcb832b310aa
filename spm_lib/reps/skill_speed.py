"""The skill of moving deals forward: a multiple of the hazard of stepping to a later stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from spm_lib.reps.closed_deals import EPOCH
from spm_lib.reps.given import Given
from spm_lib.reps.skill import Skill, evidence_of
from spm_lib.reps.skill_counts import scaled
from spm_lib.reps.spells import spells_of
from spm_lib.stats import gamma_poisson, heterogeneity_of_counts
from spm_lib.stats.factors import prior_weight

Floats = np.ndarray
Ints = np.ndarray
TIME = (7, 21, 60, 120, 240)  # days in stage at which the pace changes
_PRIOR = 5.0  # events by which effects of kinds of deals are drawn to none at first
_ROUNDS = 40
_FEWEST = 30
_SAMPLE = 40_000


@dataclass(frozen=True, eq=False)
class Pace:
    """Steps forward against expectation, per person.

    ``observed`` steps; ``expected`` of the same days by stage, time in stage, quarter, mix of deals
    and tenure, without the person; ``dispersion`` within deals.
    """

    observed: Floats
    expected: Floats
    dispersion: float


def speed(given: Given, *, seed: int, level: float) -> Skill | None:
    """Return the skill of moving deals forward, against the mean of all people (1).

    Steps forward ~ Poisson(days x hazard of the stage, time in stage and quarter x mix x tenure x
    the person's own multiple): the piecewise exponential model, whose likelihood is a Poisson one
    (Holford 1980, Biometrics 36:299). Deals still open count with the days they have sat. The
    person's multiple is pooled (gamma-Poisson); steps of one deal are not independent, so counts
    are divided by the dispersion found between deals.
    """
    pace = pace_of(given)
    if pace is None:
        return None
    observed, expected = pace.observed / pace.dispersion, pace.expected / pace.dispersion
    pooled = gamma_poisson(observed, expected, level)
    test = heterogeneity_of_counts(observed, expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = pace.observed / pace.expected
    mean = float(pooled.shrunk.mean())
    return Skill(
        id="speed",
        unit="multiplier",
        reps=given.reps,
        raw=np.where(pace.expected > 1e-6, raw / mean, np.nan),
        n=pace.observed.astype(np.int64),
        pooled=scaled(pooled, 1 / mean),
        test=test,
        dispersion=pace.dispersion,
        evidence=evidence_of(test.p, differs=pooled.differs),
        seed=seed,
    )


def pace_of(given: Given) -> Pace | None:
    """Return steps forward and their expectation; None with fewer than 30 steps."""
    spells = spells_of(given)
    unit = given.unit(spells["rep_id"])
    spells, unit = spells.filter(unit >= 0), unit[unit >= 0]
    if int(spells["forward"].sum()) < _FEWEST:
        return None
    grid = _Grid.of(given, spells)
    deals = given.company.table("opportunities").select("opportunity_id", "created_day", *given.mix)
    rows = spells.join(deals, on="opportunity_id", how="left", maintain_order="left")
    factors = [unit, *given.codes(rows), *_ramp(given, unit, rows)]
    kind, first = _kinds(factors)
    fit = _fitted(grid, kind, [factor[first] for factor in factors], size=len(given.reps))
    return Pace(fit.observed, np.maximum(fit.expected, 1e-9), _dispersion(grid, rows, kind, fit))


def _ramp(given: Given, unit: Ints, rows: pl.DataFrame) -> list[Ints]:
    """Return how new the person was when the deal began, or came into those hands."""
    if not given.ramps:
        return []
    hands = rows.select(pl.col("since").min().over("opportunity_id", "rep_id"), "created_day")
    began = hands.select(pl.min_horizontal("since", "created_day"))["since"]
    taken = rows["rep_id"] != rows.select(pl.col("rep_id").first().over("opportunity_id"))["rep_id"]
    day = began.to_frame().select(
        pl.when(pl.lit(taken)).then(pl.lit(hands["since"])).otherwise(pl.col("since"))
    )
    return [given.ramp(unit, day.to_series().to_numpy())]


def _kinds(factors: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Return each row's kind (a combination of factors) and a row of each kind."""
    key = np.zeros(len(factors[0]), dtype=np.int64)
    for factor in factors:
        key = key * (int(factor.max(initial=0)) + 1) + factor
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return kind, first


@dataclass(frozen=True, eq=False)
class _Grid:
    """Spells against cells of stage x time in stage x quarter."""

    rank: Ints
    entered: Ints
    since: Ints
    until: Ints
    forward: NDArray[np.bool_]
    edges: Ints

    @classmethod
    def of(cls, given: Given, spells: pl.DataFrame) -> _Grid:
        names = ("rank", "entered", "since", "until", "forward")
        rank, entered, since, until, forward = (spells[c].to_numpy() for c in names)
        return cls(np.maximum(rank, 0), entered, since, until, forward, _quarters(given))

    @property
    def stages(self) -> int:
        return int(self.rank.max(initial=0)) + 1

    @property
    def cells(self) -> int:
        return self.stages * (len(TIME) + 1) * (len(self.edges) - 1)

    def events(self) -> Ints:
        """Return the cell in which each spell ended."""
        time = np.searchsorted(TIME, self.until - self.entered, side="right")
        quarter = np.searchsorted(self.edges, self.until, side="right") - 1
        quarter = np.clip(quarter, 0, len(self.edges) - 2)
        return (time * (len(self.edges) - 1) + quarter) * self.stages + self.rank

    def days(self, group: Ints, size: int):
        """Return days sat by group and cell, as a sparse matrix."""
        from scipy.sparse import csc_array, hstack

        blocks = []
        lows, highs = (0, *TIME), (*TIME, 10**8)
        for low, high in zip(lows, highs, strict=True):
            start = np.maximum(self.since, self.entered + low)
            end = np.minimum(self.until, self.entered + high)
            some = np.flatnonzero(end > start)
            start, end = start[some], end[some]
            place = group[some] * self.stages + self.rank[some]
            for first, last in zip(self.edges[:-1], self.edges[1:], strict=True):
                sat = np.minimum(end, last) - np.maximum(start, first)
                here = sat > 0
                block = np.bincount(place[here], sat[here], size * self.stages)
                blocks.append(csc_array(block.reshape(size, self.stages)))
        return hstack(blocks).tocsr()


def _quarters(given: Given) -> Ints:
    """Return the first day of the window, of each calendar quarter in it, and its end."""
    day, edges = given.window.start, []
    while (day - EPOCH).days < given.end:
        edges.append((day - EPOCH).days)
        month = (day.month - 1) // 3 * 3 + 1
        day = (day.replace(month=month, day=1) + timedelta(days=95)).replace(day=1)
    return np.array([*edges, given.end], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Fit:
    observed: Floats
    expected: Floats
    base: Floats
    factor: Floats


def _fitted(grid: _Grid, kind: Ints, factors: Sequence[Ints], *, size: int) -> _Fit:
    """Fit hazard of the cell x effects of the kind, each in turn, to the highest likelihood."""
    kinds = len(factors[0])
    days = grid.days(kind, kinds)
    turned = days.T.tocsr()
    steps = np.bincount(kind[grid.forward], minlength=kinds).astype(float)
    in_cell = np.bincount(grid.events()[grid.forward], minlength=grid.cells).astype(float)
    effects = [np.ones(int(f.max(initial=0)) + 1) for f in factors]
    effects[0] = np.ones(size)
    base = np.zeros(grid.cells)
    priors = [0.0, *(_PRIOR for _ in factors[1:])]
    for _ in range(_ROUNDS):
        whole = _product(effects, factors)
        base = _ratio(in_cell, turned @ whole)
        sat = days @ base
        moved = 0.0
        for number, factor in enumerate(factors):
            rest = sat * _product(effects, factors, but=number)
            part = np.bincount(factor, steps, len(effects[number]))
            want = np.bincount(factor, rest, len(effects[number]))
            fresh = _ratio(part + priors[number], want + priors[number])
            if number:
                priors[number] = prior_weight(np.log(np.maximum(fresh, 1e-9)), want, priors[number])
            moved = max(moved, float(np.abs(fresh - effects[number]).max()))
            effects[number] = fresh
        if moved < 1e-6:
            break
    rest = (days @ base) * _product(effects, factors, but=0)
    observed = np.bincount(factors[0], steps, size)
    expected = np.bincount(factors[0], rest, size)
    return _Fit(observed, expected, base, _product(effects, factors))


def _product(effects: Sequence[Floats], factors: Sequence[Ints], *, but: int = -1) -> Floats:
    whole = np.ones(len(factors[0]))
    for number, (effect, factor) in enumerate(zip(effects, factors, strict=True)):
        if number != but:
            whole = whole * effect[factor]
    return whole


def _dispersion(grid: _Grid, rows: pl.DataFrame, kind: Ints, fit: _Fit) -> float:
    """Return how much wider steps scatter between deals than if each were drawn alone."""
    deal = rows["opportunity_id"].rank("dense").to_numpy().astype(np.int64) - 1
    kept = np.flatnonzero(deal % max(-(-int(deal.max(initial=0) + 1) // _SAMPLE), 1) == 0)
    part = _Grid(
        rank=grid.rank[kept],
        entered=grid.entered[kept],
        since=grid.since[kept],
        until=grid.until[kept],
        forward=grid.forward[kept],
        edges=grid.edges,
    )
    sat = part.days(np.arange(len(kept)), len(kept))
    if part.stages != grid.stages:
        return 1.0
    expected = (sat @ fit.base) * fit.factor[kind[kept]]
    size = int(deal.max(initial=0)) + 1
    want = np.bincount(deal[kept], expected, size)
    seen = np.bincount(deal[kept], part.forward.astype(float), size)
    return max(float(((seen - want) ** 2).sum() / max(want.sum(), 1e-9)), 1.0)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
