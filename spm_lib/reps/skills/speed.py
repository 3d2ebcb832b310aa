"""The skill of moving deals forward: a multiple of the hazard of stepping to a later stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.reps.skills.counts import scaled
from spm_lib.reps.skills.given import Given
from spm_lib.reps.skills.hazard_fit import Fit, Spells, fit_pace, free
from spm_lib.reps.skills.hazard_grid import Grid
from spm_lib.reps.skills.kinds import kinds_of
from spm_lib.reps.skills.skill import Skill, evidence_of
from spm_lib.reps.skills.spells import spells_of
from spm_lib.stats import heterogeneity_of_counts, poisson_lognormal
from spm_lib.stats.factors import summing

_FEWEST = 30
_SAMPLE = 40_000


@dataclass(frozen=True, eq=False)
class Pace:
    """Steps forward against expectation, per person.

    ``observed`` steps; ``expected`` of the same days by stage, time in stage, month, mix of deals
    and tenure, without the person; ``dispersion`` of paces (1: as if each step were drawn alone);
    ``own`` per person: the share of the information that is left as paces of months and kinds of
    deals are told by the same steps; ``sleepers`` per stage: the share of visits in which a deal
    falls asleep.
    """

    observed: np.ndarray
    expected: np.ndarray
    dispersion: float
    own: np.ndarray
    sleepers: np.ndarray


def speed(given: Given, *, seed: int, level: float) -> Skill | None:
    """Return the skill of moving deals forward, against the mean of all people (1).

    Steps forward ~ Poisson(days x hazard of the stage, time in stage and month x mix x tenure x
    the person's own multiple; see ``fit_pace``). Deals still open count with the days they have
    sat. The person's multiple is pooled (Poisson, log-normal: effects multiply). Steps of one deal
    are not independent, and who sleeps is not known for certain: counts are divided by the
    dispersion (see ``Pace``). They weigh less too where few others had deals in the same cells or
    of the same kind: there a fast person and a fast month or segment look alike.
    """
    pace = pace_of(given)
    if pace is None:
        return None
    weight = pace.own / pace.dispersion
    observed, expected = pace.observed * weight, pace.expected * weight
    pooled = poisson_lognormal(observed, expected, level)
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
        dispersion=float(1 / weight.mean()),
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
    rows = spells.join(given.deals, on="opportunity_id", how="left", maintain_order="left")
    rows = rows.with_columns(_deal=pl.col("opportunity_id").rank("dense").cast(pl.Int64) - 1)
    made = Spells(
        Grid.of(given, spells),
        *(spells[name].to_numpy() for name in ("forward", "lost", "left", "visit")),
        factors=(unit, *given.codes(rows), *_hands(given, unit, rows)),
    )
    fit = fit_pace(made, people=len(given.reps))
    expected = np.maximum(fit.expected, 1e-9)
    return Pace(fit.observed, expected, _dispersion(made, rows, fit), fit.own, fit.sleepers)


def _hands(given: Given, unit: np.ndarray, rows: pl.DataFrame) -> list[np.ndarray]:
    """Return whether deals were taken over, and how new the person was when they came.

    Deals taken over are what others left undone: slower, and not of the person's choice.
    """
    deal, since = rows["_deal"].to_numpy(), rows["since"].to_numpy()
    first = np.empty(int(deal.max(initial=-1)) + 1, dtype=np.int64)
    first[deal[::-1]] = unit[::-1]  # the first row of a deal comes last
    other = unit != first[deal]
    came = _earliest(since, deal, first=~other)
    took = np.flatnonzero(other)
    if len(took):
        hands = kinds_of([deal[took], unit[took]])[0]
        came[took] = _earliest(since[took], hands)
    begun = rows["created_day"].fill_null(np.iinfo(np.int64).max).to_numpy()
    came = np.where(other, came, np.minimum(came, begun))
    taken = other.astype(np.int64)
    return [taken, *([given.ramp(unit, came)] if given.ramps else [])]


def _earliest(day: np.ndarray, group: np.ndarray, *, first: np.ndarray | None = None) -> np.ndarray:
    """Return the earliest day of each row's group, of some of its rows if these are named."""
    some = slice(None) if first is None else first
    found = np.full(int(group.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(found, group[some], day[some])
    return found[group]


def _dispersion(spells: Spells, rows: pl.DataFrame, fit: Fit) -> float:
    """Return how much wider paces scatter than if each step were drawn alone.

    The sandwich of deals (Huber 1967; White 1982, Econometrica 50:1): the scatter of their steps
    about expectation, twice over the information, which is less as it is not known who sleeps. Who
    sleeps is told by the same steps, so that these scatter the less: the scatter alone would be
    too small a number.
    """
    deal = rows["_deal"].to_numpy()
    size = int(deal.max(initial=0)) + 1
    kept = np.flatnonzero(deal % max(-(-size // _SAMPLE), 1) == 0)
    sat = spells.grid.take(kept).days(np.arange(len(kept)), len(kept))
    due = summing(deal[kept], size, fit.factor[kept] * fit.pace[kept]) @ sat
    due = due.multiply(fit.base).tocsr()
    want = np.asarray(due.sum(axis=1)).ravel()
    seen = np.bincount(deal[kept], spells.forward[kept].astype(float), size)
    luck = free(due, fit.steps).sum()
    scatter = float(((seen - want) ** 2).sum() / max(luck, 1e-9))
    return max(scatter / fit.known, 1.0) / fit.known
