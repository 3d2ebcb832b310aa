"""Scores of forecasts: bias, WAPE, nCRPS and coverage, pooled over windows (and reps)."""

from __future__ import annotations

import numpy as np
import polars as pl

from spm_lib.stats import crps, wilson

LEVEL = 0.80


def inside(samples: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return whether each outcome lies in the 80 % band (P10 to P90) of its samples."""
    low, high = np.quantile(samples, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=-1)
    return (actual >= low) & (actual <= high)


def placed(samples: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Return how much of each outcome's place among its samples lies between 10 and 90 %: 0 to 1.

    An outcome that many samples share (somebody who may well win nothing wins nothing) has no one
    place but all of theirs, and counts as far as these lie in the middle. Of ranges that hold what
    they say the mean is 0.8, whatever the samples look like; ``inside`` holds more where outcomes
    are shared, since its bounds lie inside too. Source: the randomised probability integral
    transform, Smith (1985), J Forecasting 4:283, in its mean; Czado, Gneiting and Held (2009).

    Examples
    --------
    >>> placed(np.array([[0, 0, 0, 0, 7], [1, 2, 3, 4, 5]]), np.array([0, 3])).round(3).tolist()
    [0.875, 1.0]
    """
    below = (samples < actual[:, None]).mean(axis=-1)
    upto = (samples <= actual[:, None]).mean(axis=-1)
    low, high = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    shared = np.minimum(upto, high) - np.maximum(below, low)
    alone = (below >= low) & (below <= high)
    return np.where(upto > below, np.maximum(shared, 0) / np.maximum(upto - below, 1e-12), alone)


SCORES = {
    "method": pl.String,
    "level": pl.String,
    "origin": pl.Int64,
    "end": pl.Int64,
    "forecasts": pl.Int64,
    "actual": pl.Float64,
    "error": pl.Float64,
    "absolute": pl.Float64,
    "crps": pl.Float64,
    "inside": pl.Int64,
    "placed": pl.Float64,
    "shock_windows": pl.Int64,
}


def score_window(samples: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """Return the sums that pooled scores are made of, for one origin and level.

    ``samples`` (series, draws), ``expected`` and ``actual`` (series): one series for the company,
    one per rep at rep level. Series without any forecast or outcome do not count.
    """
    live = (expected != 0) | (actual != 0) | samples.any(axis=-1)
    samples, expected, actual = samples[live], expected[live], actual[live]
    return {
        "forecasts": len(actual),
        "actual": float(actual.sum()),
        "error": float((expected - actual).sum()),
        "absolute": float(np.abs(expected - actual).sum()),
        "crps": float(crps(samples, actual).sum()) if len(actual) else 0.0,
        "inside": int(inside(samples, actual).sum()) if len(actual) else 0,
        "placed": float(placed(samples, actual).sum()) if len(actual) else 0.0,
    }


def pooled(scores: pl.DataFrame) -> pl.DataFrame:
    """Return the track record: one row per method and level.

    Columns out: ``method, level``; ``windows`` (Int64, closed windows scored), ``forecasts``
    (Int64, windows x series), ``bias`` = sum(f - a) / sum a, ``wape`` = sum |f - a| / sum a,
    ``ncrps`` = sum CRPS / sum a (null where nothing was won), ``coverage80`` (share inside P10-P90)
    with its 95 % binomial interval ``coverage_low, coverage_high`` (Wilson), ``first_origin,
    last_origin`` (epoch days).
    """
    value = pl.col("actual").sum()
    some = pl.when(value > 0)
    frame = scores.group_by("method", "level", maintain_order=True).agg(
        windows=pl.col("origin").n_unique().cast(pl.Int64),
        forecasts=pl.col("forecasts").sum(),
        bias=some.then(pl.col("error").sum() / value),
        wape=some.then(pl.col("absolute").sum() / value),
        ncrps=some.then(pl.col("crps").sum() / value),
        inside=pl.col("inside").sum(),
        first_origin=pl.col("origin").min(),
        last_origin=pl.col("origin").max(),
    )
    bands = [wilson(k, n) for k, n in frame.select("inside", "forecasts").iter_rows()]
    return frame.with_columns(
        coverage80=pl.when(pl.col("forecasts") > 0).then(pl.col("inside") / pl.col("forecasts")),
        coverage_low=pl.Series([low for low, _ in bands], dtype=pl.Float64),
        coverage_high=pl.Series([high for _, high in bands], dtype=pl.Float64),
    )
