"""Times to an event of which some are still open: Kaplan-Meier and cumulative incidence."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special
from spm_lib.core.errors import DataError

_EPS = 1e-12
Floats = NDArray[np.float64]


def kaplan_meier(durations: ArrayLike, observed: ArrayLike, level: float = 0.95) -> pl.DataFrame:
    """Return the share not yet arrived at the event, by time since the start.

    ``observed`` says for each duration whether the event was seen at its end (else the watch ended
    there). One seen still open at ``t`` is at risk at ``t``.

    Source: Kaplan & Meier (1958), JASA 53:457; Greenwood's variance with log(-log) bounds
    (Kalbfleisch & Prentice 1980).

    Columns out
    -----------
    time : Float64, every distinct duration, ascending, in the unit given
    at_risk, events, censored : Int64
    survival : Float64, share with the event later than ``time``
    low, high : Float64, null where the share is 1 or 0 (no bound can be told there)

    Raises
    ------
    DataError
        If a duration is negative or missing, or the two differ in length.

    Examples
    --------
    >>> kaplan_meier([5, 6, 6, 8], [True, True, False, True])["survival"].to_list()
    [0.75, 0.5, 0.0]
    """
    times, at_risk, counts = _risk_table(durations, np.asarray(observed, bool).astype(int))
    events, censored = counts[1], counts[0]
    survival = np.cumprod(1 - events / at_risk)
    low, high = _log_log_bounds(survival, events, at_risk, level)
    frame = pl.DataFrame(
        {"time": times, "at_risk": at_risk, "events": events, "censored": censored}
    ).with_columns(pl.Series("survival", survival), pl.Series("low", low), pl.Series("high", high))
    return frame.with_columns(pl.col("low", "high").fill_nan(None))


def cumulative_incidence(durations: ArrayLike, outcome: ArrayLike) -> pl.DataFrame:
    """Return the share that has met each of several exclusive ends by each time.

    ``outcome`` is 0 for "still open" and 1, 2, ... for the ends (say won, lost). Unlike one minus
    Kaplan-Meier this does not treat the other end as if it might still come.

    Source: Aalen & Johansen (1978), Scandinavian Journal of Statistics 5:141.

    Columns out
    -----------
    time : Float64, ascending; at_risk : Int64
    share_1, share_2, ... : Float64, share that met this end in ``[0, time]``
    open : Float64, share that met none

    Examples
    --------
    >>> cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 1])["share_1"].to_list()
    [0.25, 0.25, 0.5, 0.75]
    """
    ends = np.asarray(outcome, int)
    times, at_risk, counts = _risk_table(durations, ends)
    left = np.cumprod(1 - counts[1:].sum(axis=0) / at_risk)
    before = np.concatenate([[1.0], left[:-1]])
    shares = {
        f"share_{end}": np.cumsum(before * counts[end] / at_risk) for end in range(1, len(counts))
    }
    return pl.DataFrame({"time": times, "at_risk": at_risk, **shares, "open": left})


def km_quantile(curve: pl.DataFrame, q: float = 0.5) -> float | None:
    """Return the first time by which a share ``q`` has met the event; None if never reached.

    Examples
    --------
    >>> km_quantile(kaplan_meier([5, 6, 6, 8], [True, True, False, True]))
    6.0
    """
    return _first_at_most(curve, "survival", 1 - q)


def km_quantile_interval(curve: pl.DataFrame, q: float = 0.5) -> tuple[float | None, float | None]:
    """Return the interval of ``km_quantile``: where the curve's bounds cross the same share.

    None is a bound that the data do not reach. Source: Brookmeyer & Crowley (1982), Biometrics
    38:29.
    """
    return _first_at_most(curve, "low", 1 - q), _first_at_most(curve, "high", 1 - q)


def _first_at_most(curve: pl.DataFrame, column: str, share: float) -> float | None:
    reached = curve.filter(pl.col(column) <= share + _EPS)
    return float(reached["time"][0]) if reached.height else None


def _risk_table(durations: ArrayLike, ends: NDArray) -> tuple[Floats, NDArray, NDArray]:
    """Return distinct times, numbers at risk, and counts by end (row 0: still open)."""
    lengths = np.asarray(durations, float)
    if lengths.shape != ends.shape or np.any(~(lengths >= 0)):
        raise DataError(
            "Durations must be known, not negative, and one per outcome.",
            found=f"{lengths.size} durations, {ends.size} outcomes, "
            f"{int(np.sum(~(lengths >= 0)))} negative or missing",
            do="Set those rows aside first",
        )
    times, where = np.unique(lengths, return_inverse=True)
    kinds = int(ends.max(initial=1)) + 1
    counts = np.bincount(ends * len(times) + where, minlength=kinds * len(times))
    counts = counts.reshape(kinds, len(times))
    leaving = counts.sum(axis=0)
    return times, lengths.size - np.cumsum(leaving) + leaving, counts


def _log_log_bounds(
    survival: Floats, events: NDArray, at_risk: NDArray, level: float
) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        log_s = np.log(survival)
        half = special.ndtri((1 + level) / 2) * np.sqrt(greenwood) / np.abs(log_s)
        low, high = survival ** np.exp(half), survival ** np.exp(-half)
    known = (survival < 1) & (survival > 0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
