"""Win rates of people: is there a difference at all, and if so, who is where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from spm_lib.stats import (
    Heterogeneity,
    PartialPooling,
    beta_binomial,
    heterogeneity,
    wilson,
)
from spm_lib.stats.letters import letters_of
from spm_lib.stats.ranks import ranks_and_groups

DRAWS = 4000
NO_EVIDENCE = 0.10
CLEAR = 0.05
SURE = 0.975
Evidence = Literal["none", "weak", "mix", "clear"]


@dataclass(frozen=True, eq=False)
class WinRates:
    """Closed win rates of several people and what may be said of their order.

    ``evidence`` is "none" where the heterogeneity test gives p > .1 or the likelihood is highest
    without any difference, "weak" down to p = .05, "mix" where the mix of deals explains it (p >
    .05 once it is allowed for), else "clear". Only clear evidence is ranked.
    ``frame``: ``rep_id, won, lost, n, rate, low, high`` (Wilson 95 %), ``shrunk, shrunk_low,
    shrunk_high`` (partial pooling), ``rank_low, rank_high`` (Int64), ``p_best, p_above``,
    ``group`` (letters; two people who share a letter cannot be told apart) and ``standing``
    ("above", "below", or "" where the place is open). The last six are null without clear evidence,
    but for ``group``, which is then "A" for everybody, and ``standing``, then "".
    """

    frame: pl.DataFrame
    test: Heterogeneity
    pooling: PartialPooling | None
    evidence: Evidence

    @property
    def ranked(self) -> bool:
        """Whether people may be ordered by win rate."""
        return self.evidence == "clear"

    @property
    def true_sd(self) -> float | None:
        """Estimated spread (standard deviation) of the true rates; 0 without evidence of any."""
        if self.pooling is None:
            return None
        if not self.pooling.differs:
            return 0.0
        mean, strength = self.pooling.mean, self.pooling.strength
        return float((mean * (1 - mean) / (strength + 1)) ** 0.5)


def compare_win_rates(counts: pl.DataFrame, *, seed: int = 1) -> WinRates:
    """Test, pool and (only on clear evidence) rank the win rates of people.

    Columns in: ``rep_id, won, lost, n``. Sources: Spiegelhalter (2005) for the test; beta-binomial
    partial pooling; Goldstein & Spiegelhalter (1996) for ranks from posterior draws.

    Examples
    --------
    >>> even = pl.DataFrame({"rep_id": ["a", "b"], "won": [50, 51], "lost": [50, 49],
    ...                      "n": [100, 100]})
    >>> found = compare_win_rates(even)
    >>> found.evidence, found.frame["rank_low"].to_list()
    ('none', [None, None])
    """
    won, n = (counts[c].to_numpy() for c in ("won", "n"))
    test = heterogeneity(won, n)
    pooling = beta_binomial(won, n) if n.sum() else None
    evidence = _evidence(test, pooling)
    low, high = wilson(won, n)
    frame = counts.with_columns(
        rate=pl.Series(won / np.maximum(n, 1)),
        low=pl.Series(low, dtype=pl.Float64).fill_nan(None),
        high=pl.Series(high, dtype=pl.Float64).fill_nan(None),
        **_shrunk(pooling, counts.height),
    )
    places = _no_places(frame)
    if evidence == "clear" and pooling:
        places = places_of(pooling.sample(DRAWS, np.random.default_rng(seed)))
    return WinRates(frame.hstack(places), test, pooling, evidence)


def allow_for_mix(rates: WinRates, expected: pl.DataFrame, adjusted_p: float | None) -> WinRates:
    """Return the rates with every place taken back that the mix of deals explains.

    Columns in: ``rep_id, o_e_low, o_e_high`` (see ``expected_wins``). Somebody stays "above" or
    "below" only if wins against expectation say so too; nobody is ranked if the whole difference is
    gone.
    """
    if not rates.ranked:
        return rates
    if adjusted_p is not None and adjusted_p > CLEAR:
        places = _no_places(rates.frame)
        return replace(rates, frame=rates.frame.with_columns(places), evidence="mix")
    bounds = rates.frame.select("rep_id").join(
        expected, on="rep_id", how="left", maintain_order="left"
    )
    above = (pl.col("standing") == "above") & (pl.lit(bounds["o_e_low"]) > 1)
    below = (pl.col("standing") == "below") & (pl.lit(bounds["o_e_high"]) < 1)
    kept = pl.when(above | below).then("standing").otherwise(pl.lit(""))
    return replace(rates, frame=rates.frame.with_columns(standing=kept))


def _evidence(test: Heterogeneity, pooling: PartialPooling | None) -> Evidence:
    if test.p is None or pooling is None or not pooling.differs or test.p > NO_EVIDENCE:
        return "none"
    return "clear" if test.p <= CLEAR else "weak"


def _shrunk(pooling: PartialPooling | None, height: int) -> dict[str, pl.Series]:
    names = {"shrunk": "shrunk", "shrunk_low": "low", "shrunk_high": "high"}
    if pooling is None:
        return {name: pl.Series([None] * height, dtype=pl.Float64) for name in names}
    return {name: pl.Series(getattr(pooling, part)) for name, part in names.items()}


def places_of(draws: NDArray) -> pl.DataFrame:
    """Return where people stand by their draws, one row per person in order.

    Draws come in as (draws, people). Columns out: ``rank_low, rank_high, p_best, p_above,
    group`` (letters), ``standing`` ("above" or "below" the mean with near certainty, else "").
    """
    ranks, groups = ranks_and_groups(draws)
    above = ranks["p_above_mean"].to_numpy()
    standing = np.where(above >= SURE, "above", np.where(above <= 1 - SURE, "below", ""))
    return ranks.select(
        "rank_low",
        "rank_high",
        "p_best",
        p_above="p_above_mean",
        group=pl.Series(letters_of(groups, size=draws.shape[1], alphabet=ascii_uppercase)),
        standing=pl.Series(standing, dtype=pl.String),
    )


def _no_places(frame: pl.DataFrame) -> pl.DataFrame:
    nothing = {"rank_low": pl.Int64, "rank_high": pl.Int64, "p_best": pl.Float64}
    return frame.select(
        *[pl.lit(None, dtype=dtype).alias(name) for name, dtype in nothing.items()],
        pl.lit(None, dtype=pl.Float64).alias("p_above"),
        pl.Series("group", ["A"] * frame.height, dtype=pl.String),
        pl.lit("").alias("standing"),
    )
