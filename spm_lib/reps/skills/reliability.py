"""Reliability before use: whether a skill seen in one half of a window shows in the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import xlogy

from spm_lib.core.calendar import Window
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import closed_deals
from spm_lib.stats import beta_binomial

FEWEST_PEOPLE = 5


@dataclass(frozen=True)
class Losses:
    """Log loss per deal of the later half, told beforehand by three rates; lower is better.

    ``raw``: each person's own rate; ``common``: one rate for all; ``shrunk``: the pooled rate.
    """

    raw: float
    common: float
    shrunk: float
    deals: int

    @property
    def best(self) -> str:
        """Which rate told it best: "raw", "common" or "shrunk"."""
        told = {"shrunk": self.shrunk, "common": self.common, "raw": self.raw}
        return min(told, key=lambda name: told[name])


@dataclass(frozen=True, eq=False)
class Reliability:
    """How far people's figures of the first half of the deals return in the second.

    ``correlation``: rank correlation of people between the halves, per aspect ("win_rate",
    "volume", "deal_size"; null with fewer than five people in both). Near 0: what was seen does not
    last. ``losses`` is null where a half has no deals.
    """

    correlation: dict[str, float | None]
    people: int
    losses: Losses | None


def reliability(company: Company, window: Window) -> Reliability:
    """Return split-half correlations and the out-of-time log loss of three win rates.

    The deals closed in the window are cut at the median day of the close, so the later half is out
    of time for whoever judges by the first.
    """
    deals = closed_deals(company, window).filter(pl.col("closed_day").is_not_null())
    if not deals.height:
        return Reliability({}, 0, None)
    middle = float(deals["closed_day"].median() or 0)  # pyright: ignore[reportArgumentType]
    early = pl.col("closed_day") <= middle
    first, second = (_by_person(deals.filter(part)) for part in (early, ~early))
    both = first.join(second, on="rep_id", how="full", coalesce=True).sort("rep_id")
    names = ("win_rate", "volume", "deal_size")
    return Reliability({n: _returns(both, n) for n in names}, both.height, _losses(both))


def _by_person(deals: pl.DataFrame) -> pl.DataFrame:
    won = pl.col("won") == 1
    amount = pl.when(won & (pl.col("amount") > 0)).then(pl.col("amount").log())
    return deals.group_by("rep_id").agg(
        k=pl.col("won").sum(),
        n=pl.len().cast(pl.Int64),
        win_rate=pl.col("won").mean(),
        volume=pl.col("won").sum().cast(pl.Float64),
        deal_size=amount.mean(),
    )


def _returns(both: pl.DataFrame, name: str) -> float | None:
    """Return Spearman's rank correlation between the halves."""
    pair = both.select(name, f"{name}_right").drop_nulls()
    if pair.height < FEWEST_PEOPLE:
        return None
    ranks = [pair[c].rank("average").to_numpy() for c in pair.columns]
    if min(r.std() for r in ranks) == 0:
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _losses(both: pl.DataFrame) -> Losses | None:
    told = both.fill_null(0)
    k, n, later, trials = (
        told[c].to_numpy().astype(float) for c in ("k", "n", "k_right", "n_right")
    )
    if not n.sum() or not trials.sum():
        return None
    common = k.sum() / n.sum()
    edge = 1 / (2 * np.maximum(n, 1))
    raw = np.where(n > 0, np.clip(k / np.maximum(n, 1), edge, 1 - edge), common)

    def loss(rate: np.ndarray) -> float:
        safe = np.clip(rate, 1e-6, 1 - 1e-6)
        told = xlogy(later, safe) + xlogy(trials - later, 1 - safe)
        return float(-told.sum() / trials.sum())

    shrunk = beta_binomial(k, n).shrunk
    return Losses(loss(raw), loss(np.full(len(n), common)), loss(shrunk), int(trials.sum()))
