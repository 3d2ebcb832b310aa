"""What does differ between people: volume, deal size and speed, each tested on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import chdtrc

from spm_lib.reps.comparison.win_rates import NO_EVIDENCE, WinRates


@dataclass(frozen=True)
class Difference:
    """One aspect in which people may differ: ``p`` is the chance of so wide a spread by luck.

    ``aspect``: "win_rate", "volume", "deal_size" or "cycle"; ``test`` names the test; ``spread`` is
    the highest over the lowest value of people with enough deals, null where that is not defined.
    """

    aspect: str
    test: str
    statistic: float
    df: int
    p: float | None
    spread: float | None

    @property
    def differs(self) -> bool:
        """Whether luck alone is an unlikely reason (p <= .1)."""
        return self.p is not None and self.p <= NO_EVIDENCE


def differences(
    deals: pl.DataFrame, rates: WinRates, *, exposure: pl.DataFrame
) -> tuple[Difference, ...]:
    """Return the four tests, in the order win rate, volume, deal size, cycle.

    Columns in: ``deals`` as of ``closed_deals``; ``exposure``: ``rep_id, days`` (days in the window
    on which the person could sell). Volume: Poisson dispersion (index of dispersion, chi-square);
    deal size and cycle: Kruskal-Wallis on won deals.
    """
    won = deals.filter(pl.col("won") == 1)
    test = rates.test
    return (
        Difference("win_rate", "chi-square", test.q, test.df, test.p, _spread(rates.frame["rate"])),
        volume_difference(won, exposure),
        _ranked(won.filter(pl.col("amount") > 0), "amount", "deal_size"),
        _ranked(won.filter(pl.col("cycle_days").is_not_null()), "cycle_days", "cycle"),
    )


def volume_difference(won: pl.DataFrame, exposure: pl.DataFrame) -> Difference:
    """Return the dispersion test of won deals per day on board."""
    counts = exposure.join(
        won.group_by("rep_id").agg(won=pl.len().cast(pl.Float64)), on="rep_id", how="left"
    ).with_columns(pl.col("won").fill_null(0.0))
    counts = counts.filter(pl.col("days") > 0)
    count, days = counts["won"].to_numpy(), counts["days"].to_numpy().astype(float)
    df = max(len(count) - 1, 0)
    if df == 0 or count.sum() == 0:
        return Difference("volume", "dispersion", 0.0, df, None, None)
    expected = days * count.sum() / days.sum()
    q = float(((count - expected) ** 2 / expected).sum())
    return Difference("volume", "dispersion", q, df, float(chdtrc(df, q)), _spread(count / days))


def _ranked(won: pl.DataFrame, column: str, aspect: str) -> Difference:
    parts = [g[column].to_numpy() for _, g in won.group_by("rep_id", maintain_order=True)]
    parts = [part for part in parts if len(part) >= 2]
    statistic, p = kruskal_wallis(parts)
    medians = [float(np.median(part)) for part in parts]
    return Difference(
        aspect, "Kruskal-Wallis", statistic, max(len(parts) - 1, 0), p, _spread(medians)
    )


def kruskal_wallis(groups: Sequence[np.ndarray]) -> tuple[float, float | None]:
    """Return Kruskal and Wallis' H with tie correction, and its p; None with fewer than 2 groups.

    Source: Kruskal & Wallis (1952), JASA 47:583.

    Examples
    --------
    >>> h, p = kruskal_wallis([np.array([1, 3, 5]), np.array([2, 4, 6])])
    >>> round(h, 4), round(p, 4)
    (0.4286, 0.5127)
    """
    if len(groups) < 2:
        return 0.0, None
    values = np.concatenate(groups).astype(float)
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    n = len(values)
    rank = (np.cumsum(ties) - (ties - 1) / 2)[place]
    correction = 1 - float((ties.astype(float) ** 3 - ties).sum()) / (float(n) ** 3 - n)
    if correction <= 0:
        return 0.0, 1.0
    sizes = np.array([len(group) for group in groups])
    sums = np.add.reduceat(rank, np.cumsum([0, *sizes[:-1]]))
    h = (12 / (n * (n + 1)) * float((sums**2 / sizes).sum()) - 3 * (n + 1)) / correction
    return float(h), float(chdtrc(len(groups) - 1, max(h, 0.0)))


def _spread(values: Sequence[float] | np.ndarray | pl.Series) -> float | None:
    known = [float(v) for v in values if v is not None]
    if len(known) < 2 or min(known) <= 0:
        return None
    return max(known) / min(known)
