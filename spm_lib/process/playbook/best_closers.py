"""Who closes best: conversion adjusted for the mix of deals, on deals before the hold-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import stdtr, stdtrit

from spm_lib.metrics.associations import HELD_OUT, Behaviour
from spm_lib.metrics.case_mix import adjusted_p, expected_wins
from spm_lib.model import Company
from spm_lib.stats import gamma_poisson

FEWEST_PEOPLE = 10
FEWEST_GROUP = 5  # what is told of a group is told of five people or more
TOP = 1 / 3
BY_LUCK = 0.05
FEWEST_CLOSED = 20  # of a person, from which on he may be among the best or the others
SHUFFLES, SEED = 20_000, 1
FEWEST_DEALS = 10  # of a person, from which on his habits count


@dataclass(frozen=True)
class BestClosers:
    """The people of the highest adjusted conversion, or none where nobody can be told apart.

    Attributes
    ----------
    best
        Ids; empty where the spread may be luck or there are fewer than ten people.
    others
        All others who closed deals before ``since``.
    since
        Epoch day: people were chosen on deals that had closed before it, and what they do is
        looked at on stages entered from it on.
    p
        Chance of so wide a spread by luck; null with fewer than two people.
    """

    best: tuple[str, ...]
    others: tuple[str, ...]
    since: int
    p: float | None


def best_closers(company: Company, *, mix: list[str]) -> BestClosers:
    """Return who closes best, allowing for the mix of deals and for luck.

    Observed against expected wins of deals created and closed in the older two thirds, pooled
    towards all (Poisson-gamma); a third of the people, at least five.
    """
    deals = company.table("opportunities").filter(pl.col("created_day").is_not_null())
    since = int(deals["created_day"].quantile(1 - HELD_OUT, "higher") or 0)
    ended = deals.filter(
        pl.col("outcome").is_in(["won", "lost"])
        & (pl.col("closed_day") < since)
        & pl.col("rep_id").is_not_null()
    ).with_columns(won=(pl.col("outcome") == "won").cast(pl.Int64))
    ended = ended.filter(pl.len().over("rep_id") >= FEWEST_CLOSED)
    if ended["rep_id"].n_unique() < FEWEST_PEOPLE or not ended["won"].sum():
        return BestClosers((), (), since, None)
    expected = expected_wins(ended, mix)
    p = adjusted_p(expected)
    if p is None or p > BY_LUCK:
        return BestClosers((), (), since, p)
    pooled = gamma_poisson(expected["won"].to_numpy(), expected["expected"].to_numpy())
    ranked = (
        expected.with_columns(pooled=pl.Series(pooled.shrunk))
        .sort("pooled", "rep_id", descending=[True, False])["rep_id"]
        .to_list()
    )
    count = max(round(len(ranked) * TOP), FEWEST_GROUP)
    return BestClosers(tuple(sorted(ranked[:count])), tuple(sorted(ranked[count:])), since, p)


def differences(
    frame: pl.DataFrame, behaviours: tuple[Behaviour, ...], people: BestClosers
) -> pl.DataFrame:
    """Return what the best do more or less often than others, person against person.

    Means of the people's own shares (of ``touch.many``: of the log of touches) in stages entered
    after the people were chosen; Welch's t over people with ten such deals or more, and groups
    drawn by lot: the larger chance of the two. Source: Welch (1947), Biometrika 34:28.

    Columns out: ``behaviour, term`` ("best"), ``best, others`` (means), ``difference, low, high``
    (95 %), ``p, people, n`` (deals). No rows with fewer than five people on either side.
    """
    own = own_shares(frame, behaviours, since=people.since)
    sides = [own.filter(pl.col("rep_id").is_in(ids)) for ids in (people.best, people.others)]
    if min(side.height for side in sides) < FEWEST_GROUP:
        return pl.DataFrame(schema=_SCHEMA)
    rows = [_welch(b.name, *(side[b.name].to_numpy() for side in sides)) for b in behaviours]
    return pl.DataFrame(rows, schema=_SCHEMA).with_columns(
        n=pl.lit(sum(int(side["n"].sum()) for side in sides), dtype=pl.Int64)
    )


_SCHEMA = {
    "behaviour": pl.String,
    "term": pl.String,
    "best": pl.Float64,
    "others": pl.Float64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "people": pl.Int64,
    "n": pl.Int64,
}


def _welch(name: str, best: np.ndarray, others: np.ndarray) -> dict[str, object]:
    parts = [side.var(ddof=1) / side.size for side in (best, others)]
    error = float(np.sqrt(sum(parts)))
    gap = float(best.mean() - others.mean())
    told = {"behaviour": name, "term": "best", "best": float(best.mean()),
            "others": float(others.mean()), "difference": gap,
            "people": best.size + others.size, "n": 0}  # fmt: skip
    if error == 0:
        return {**told, "low": gap, "high": gap, "p": 1.0}
    df = sum(parts) ** 2 / sum(
        v**2 / (side.size - 1) for v, side in zip(parts, (best, others), strict=True)
    )
    half = float(stdtrit(df, 0.975)) * error
    p = max(2 * float(stdtr(df, -abs(gap) / error)), _shuffled(best, others))
    return {**told, "low": gap - half, "high": gap + half, "p": p}


def _shuffled(best: np.ndarray, others: np.ndarray) -> float:
    """Return the chance of so wide a gap between groups of this size drawn from all by lot.

    With few people the t distribution promises too much where their shares are lopsided. Source:
    Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9:39.
    """
    whole = np.concatenate([best, others])
    rng = np.random.default_rng(SEED)
    picked = rng.permuted(np.tile(whole, (SHUFFLES, 1)), axis=1)[:, : best.size]
    gaps = picked.mean(axis=1) - (whole.sum() - picked.sum(axis=1)) / others.size
    seen = abs(float(best.mean() - others.mean()))
    return (1 + int((np.abs(gaps) >= seen - 1e-12).sum())) / (1 + SHUFFLES)


def own_shares(
    frame: pl.DataFrame, behaviours: tuple[Behaviour, ...], *, since: int
) -> pl.DataFrame:
    """Return ``rep_id, n`` and the mean of each behaviour per person with ten deals or more."""
    late = frame.filter(pl.col("created_day") >= since)
    means = pl.col([b.name for b in behaviours]).mean()
    own = late.group_by("rep_id").agg(means, n=pl.len().cast(pl.Int64))
    return own.filter(pl.col("n") >= FEWEST_DEALS).sort("rep_id")
