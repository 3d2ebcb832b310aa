"""Skills that are counts per month on board: deals won, and activities of each kind."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from spm_lib.reps.comparison.closed_deals import EPOCH, closed_deals
from spm_lib.reps.skills.given import RAMP_EDGES, Given, newness
from spm_lib.reps.skills.skill import Pooled, Skill, evidence_of
from spm_lib.stats import (
    LogNormalPooling,
    PartialPooling,
    gamma_poisson,
    heterogeneity_of_counts,
)

Floats = np.ndarray
Ints = np.ndarray
MONTH = 365.25 / 12
_KINDS = 5
_FEWEST = 30
_ROUNDS = 30
_PRIOR = 5.0  # counts by which the effect of tenure is drawn to none


def volume(given: Given, *, seed: int, level: float) -> Skill | None:
    """Return the skill of winning many deals: won per month on board."""
    deals = closed_deals(given.company, given.window).filter(pl.col("won") == 1)
    return count_skill(
        given, "volume", deals["rep_id"], day=deals["closed_day"], seed=seed, level=level
    )


def activities(given: Given, *, seed: int, level: float) -> list[Skill]:
    """Return the output of each kind of activity (at most 5 kinds), per month on board."""
    company = given.company
    if not company.has("activities"):
        return []
    day = pl.col("happened_day")
    rows = company.table("activities").filter(
        (day >= given.start) & (day < given.end) & pl.col("rep_id").is_in(list(given.reps))
    )
    kinds = rows.drop_nulls("kind").group_by("kind").len().sort("len", "kind", descending=True)
    found = []
    for kind, count in kinds.head(_KINDS).iter_rows():
        part = rows.filter(pl.col("kind") == kind)
        if count >= _FEWEST:
            made = count_skill(
                given,
                f"activity:{kind}",
                part["rep_id"],
                day=part["happened_day"],
                seed=seed,
                level=level,
                cluster=part["opportunity_id"],
            )
            found += [made] if made else []
    return found


def count_skill(
    given: Given,
    name: str,
    reps: pl.Series,
    *,
    day: pl.Series,
    seed: int,
    level: float,
    cluster: pl.Series | None = None,
) -> Skill | None:
    """Return a skill that is a count per month on board, tenure and season allowed for.

    What a person brings in a month is expected to be his own rate x the month's x that of his
    tenure x the days on board (see ``months_fit``). Counts of one person scatter more than chance
    where one event brings the next: from month to month, and in a ``cluster`` (the calls of one
    deal). The wider of the two (``dispersion``) makes every count weigh that much less
    (quasi-Poisson; McCullagh & Nelder 1989, Generalized Linear Models, 9.2).
    """
    unit = given.unit(reps)
    months = months_of(given)
    mine = unit >= 0
    size = len(given.reps)
    month = np.searchsorted(months, day.to_numpy()[mine], side="right") - 1
    counts = np.bincount(unit[mine] * (len(months) - 1) + month, minlength=size * (len(months) - 1))
    counts = counts.reshape(size, -1).astype(float)
    days, tenure = exposure(given, months)
    n = counts.sum(axis=1)
    on_board = days.sum(axis=1)
    if not n.sum() or not on_board.sum():
        return None
    expected, dispersion = months_fit(counts, days, tenure)
    dispersion = max(dispersion, _clustered(cluster))
    usual = n.sum() / on_board.sum() * MONTH
    expected = np.maximum(expected, 1e-9)
    pooled = gamma_poisson(n / dispersion, expected / dispersion, level)
    test = heterogeneity_of_counts(n / dispersion, expected / dispersion)
    return Skill(
        id=name,
        unit="per month",
        reps=given.reps,
        raw=np.where(on_board > 0, n / np.maximum(on_board, 1) * MONTH, np.nan),
        n=n.astype(np.int64),
        pooled=scaled(pooled, usual),
        test=test,
        dispersion=dispersion,
        evidence=evidence_of(test.p, differs=pooled.differs),
        seed=seed,
    )


def scaled(pooled: PartialPooling | LogNormalPooling, unit: float) -> Pooled:
    """Return rates told as multiples of the expected in a unit of one's own."""
    return Pooled(
        pooled.shrunk * unit,
        pooled.low * unit,
        pooled.high * unit,
        pooled.mean * unit,
        pooled.differs,
        lambda draws, rng: pooled.sample(draws, rng) * unit,
    )


def months_of(given: Given) -> Ints:
    """Return the first days of the months of the window, and the day after its last known day."""
    day, edges = given.window.start, []
    while (day - EPOCH).days < given.end:
        edges.append((day - EPOCH).days)
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return np.array([*edges, given.end], dtype=np.int64)


def exposure(given: Given, months: Ints) -> tuple[Floats, Ints]:
    """Return days on board per person and month, and how new the person was then (see ``ramp``)."""
    people = given.people
    hired = people["hired_day"].fill_null(-(10**6)).to_numpy()[:, None]
    left = people["left_day"].fill_null(10**6).to_numpy()[:, None]
    start, end = months[:-1], months[1:]
    days = np.minimum(end, left) - np.maximum(start, hired)
    return np.maximum(days, 0).astype(float), newness((start + end) / 2 - hired)


def months_fit(counts: Floats, days: Floats, tenure: Ints) -> tuple[Floats, float]:
    """Return what each person was expected to bring, and the dispersion within people.

    counts ~ person x month x tenure x days, fitted in turn (iterative proportional fitting, the
    highest Poisson likelihood). Expected is without the person's own factor, summing to all counts.
    """
    month, new = np.ones(counts.shape[1]), np.ones(len(RAMP_EDGES) + 1)
    own = np.ones(len(counts))
    for _ in range(_ROUNDS):
        base = days * month * new[tenure]
        own = _ratio(counts.sum(axis=1), base.sum(axis=1))
        base = days * own[:, None]
        month = _ratio(counts.sum(axis=0), (base * new[tenure]).sum(axis=0))
        base = base * month
        hit = np.bincount(tenure.ravel(), counts.ravel(), len(new))
        want = np.bincount(tenure.ravel(), base.ravel(), len(new))
        new = _ratio(hit + _PRIOR, want + _PRIOR)
        new = new / new[0]
    base = days * month * new[tenure]
    fitted = base * _ratio(counts.sum(axis=1), base.sum(axis=1))[:, None]
    expected = base.sum(axis=1)
    expected = expected * counts.sum() / max(expected.sum(), 1e-12)
    return expected, _dispersion(counts, fitted)


def _dispersion(counts: Floats, fitted: Floats) -> float:
    """Return Pearson's chi-square of months within people over its freedom, at least 1."""
    some = fitted > 0
    df = int(some.sum()) - int(some.any(axis=1).sum()) - int(some.any(axis=0).sum()) + 1
    if df < 1:
        return 1.0
    q = float(((counts[some] - fitted[some]) ** 2 / fitted[some]).sum())
    return max(q / df, 1.0)


def _clustered(cluster: pl.Series | None) -> float:
    """Return how much wider counts scatter that come in clusters: sum of squares over the sum."""
    if cluster is None or cluster.null_count() == cluster.len():
        return 1.0
    sizes = cluster.drop_nulls().value_counts()["count"].cast(pl.Float64)
    alone = cluster.null_count()
    return (float((sizes**2).sum()) + alone) / (float(sizes.sum()) + alone)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
