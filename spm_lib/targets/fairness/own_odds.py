"""Odds from a person's own past results, drawn again: for data that tells orders and no deals."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError

_FEWEST = 4  # past periods
_QUANTILES = (0.1, 0.5, 0.9)


def own_odds(
    results: pl.DataFrame,
    targets: pl.DataFrame,
    *,
    periods: int = 1,
    growth: float = 1.0,
    draws: int = 10_000,
    seed: int = 0,
) -> pl.DataFrame:
    """Return each person's odds of the target, from the person's own results drawn again.

    A year of ``periods`` periods is drawn with replacement from a person's past ones (Efron 1979),
    times ``growth``; the odds are the share of years that reach the target. The same person draws
    the same luck whoever else is there. It knows no pipeline and no trend of the person: where
    deals are known the odds of simulated deals are better.

    Parameters
    ----------
    results
        ``rep_id, value``: one row per person and past period, all before the day of planning.
    targets
        ``rep_id, value``, of the whole time to come.
    periods
        How many past periods the time to come is long.
    growth
        Common factor on past results, such as what the company's target asks of all.

    Columns out
    -----------
    rep_id, odds, n (past periods), mean, p10, p50, p90 (of the years drawn, rounded to Int64)
        odds and what follows n: null with fewer than four past periods

    Raises
    ------
    DataError
        If ``draws`` or ``periods`` is under 1.

    Examples
    --------
    >>> past = pl.DataFrame({"rep_id": ["a"] * 4, "value": [10, 20, 30, 40]})
    >>> asked = pl.DataFrame({"rep_id": ["a", "b"], "value": [10, 20]})
    >>> found = own_odds(past, asked)
    >>> found["odds"].to_list(), found["n"].to_list()
    ([1.0, None], [4, 0])
    """
    if draws < 1 or periods < 1:
        raise DataError(
            "Odds need a draw and a period.", found=f"{draws} draws of {periods} periods"
        )
    past = dict(results.sort("rep_id", "value").group_by("rep_id").agg("value").iter_rows())
    rows = []
    for who, target in targets.select("rep_id", "value").iter_rows():
        own = np.array(past.get(who, []), float)
        odds, told = None, (None,) * 4
        if own.size >= _FEWEST:
            rng = np.random.default_rng([seed, zlib.crc32(who.encode())])
            years = own[rng.integers(0, own.size, (draws, periods))].sum(axis=1) * growth
            odds = float(np.mean(years >= target))
            told = (years.mean(), *np.quantile(years, _QUANTILES))
        rows.append((who, odds, own.size, *(None if x is None else round(float(x)) for x in told)))
    whole = dict.fromkeys(("n", "mean", "p10", "p50", "p90"), pl.Int64)
    schema = {"rep_id": pl.String, "odds": pl.Float64, **whole}
    return pl.DataFrame(rows, schema=schema, orient="row")
