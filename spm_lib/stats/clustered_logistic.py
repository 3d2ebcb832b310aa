"""A logistic model of rows that come in clusters: odds that do not overstate what is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special
from spm_lib.core.errors import DataError

Floats = NDArray[np.float64]
RIDGE = 1e-3
_ROUNDS = 50
_FEWEST = 3  # clusters from which on an error is told


@dataclass(frozen=True, eq=False)
class ClusteredLogistic:
    """Log odds per column of the design, with errors by leaving out one cluster at a time.

    ``error``, ``low``, ``high`` and ``p`` are NaN with fewer than three clusters; ``df`` is that
    of the t distribution they are read from. ``independent`` is the error if rows were independent.
    """

    coef: Floats
    error: Floats
    low: Floats
    high: Floats
    p: Floats
    df: int
    independent: Floats

    def log_loss(self, x: ArrayLike, y: ArrayLike) -> float:
        """Return the mean log-loss of the model on other rows."""
        line, won = np.asarray(x, float) @ self.coef, np.asarray(y, float)
        return -float(np.mean(won * special.log_expit(line) + (1 - won) * special.log_expit(-line)))


def clustered_logistic(
    x: ArrayLike,
    y: ArrayLike,
    cluster: ArrayLike,
    *,
    df_taken: int = 0,
    level: float = 0.95,
    start: ArrayLike = (),
) -> ClusteredLogistic:
    """Fit P(y = 1) = 1 / (1 + exp(-x b)) by maximum likelihood, with errors per cluster.

    Errors are those of a jackknife over clusters, one Newton step each (CR3): with few clusters
    they are too wide rather than too narrow. Source: Bell & McCaffrey (2002), Survey Methodology
    28:169; MacKinnon, Nielsen & Webb (2023), Journal of Econometrics 232:272.

    Parameters
    ----------
    x
        Rows x columns, the intercept among them. A ridge of 0.001 keeps it solvable.
    y
        0 or 1 per row.
    cluster
        The cluster of each row, any labels.
    df_taken
        Columns that vary between clusters only: they take degrees of freedom.
    level
        Of the intervals.
    start
        Coefficients of the first columns to start from, such as those of a smaller model.

    Raises
    ------
    DataError
        If there are no rows, or no difference in ``y``.

    Examples
    --------
    >>> made = clustered_logistic(np.ones((8, 1)), [1, 0, 0, 0] * 2, [1, 1, 2, 2, 3, 3, 4, 4])
    >>> round(float(made.coef[0]), 3), made.df
    (-1.098, 3)
    """
    design, won = np.asarray(x, float), np.asarray(y, float)
    if not len(won) or won.min() == won.max():
        raise DataError(
            "There is nothing to tell apart: all outcomes are the same.",
            found=f"{len(won)} rows, {int(won.sum())} of them 1",
            do="Take a longer time or more groups",
        )
    coef = _newton(design, won, np.asarray(start, float))
    chance = special.expit(design @ coef)
    _, code = np.unique(np.asarray(cluster), return_inverse=True)
    clusters = int(code.max()) + 1
    slope, curve = _per_cluster(design, won - chance, chance * (1 - chance), code, clusters)
    whole = curve.sum(axis=0) + RIDGE * np.eye(design.shape[1])
    moved = np.array([np.linalg.solve(whole - curve[g], slope[g]) for g in range(clusters)])
    df = clusters - 1 - df_taken
    told = clusters >= _FEWEST and df > 0
    spread = (clusters - 1) / clusters * ((moved - moved.mean(axis=0)) ** 2).sum(axis=0)
    error = np.sqrt(spread) if told else np.full(len(coef), np.nan)
    df = max(df, 1)
    half = special.stdtrit(df, (1 + level) / 2) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(df, -np.abs(coef) / error)
    independent = np.sqrt(np.diag(np.linalg.inv(whole)))
    return ClusteredLogistic(coef, error, coef - half, coef + half, p, df, independent)


def _newton(design: Floats, won: Floats, start: Floats) -> Floats:
    """Return the coefficients with the highest likelihood (Newton's method, halving steps)."""
    coef = np.zeros(design.shape[1])
    coef[: len(start)] = start
    best = _gain(design, won, coef)
    for _ in range(_ROUNDS):
        chance = special.expit(design @ coef)
        slope = design.T @ (won - chance) - RIDGE * coef
        weight = chance * (1 - chance)
        curve = design.T @ (design * weight[:, None]) + RIDGE * np.eye(len(coef))
        step = np.linalg.solve(curve, slope)
        while (found := _gain(design, won, coef + step)) < best and np.abs(step).max() > 1e-10:
            step = step / 2
        coef, best = coef + step, found
        if np.abs(step).max() < 1e-8:
            break
    return coef


def _gain(design: Floats, won: Floats, coef: Floats) -> float:
    line = design @ coef
    fit = won * special.log_expit(line) + (1 - won) * special.log_expit(-line)
    return float(fit.sum() - RIDGE / 2 * (coef**2).sum())


def _per_cluster(
    design: Floats, rest: Floats, weight: Floats, code: NDArray[np.intp], clusters: int
) -> tuple[Floats, Floats]:
    """Return each cluster's part of the slope and of the curvature of the likelihood."""
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(clusters + 1))
    slope, curve = [], []
    for g in range(clusters):
        rows = order[starts[g] : starts[g + 1]]
        part = design[rows]
        slope.append(part.T @ rest[rows])
        curve.append(part.T @ (part * weight[rows, None]))
    return np.array(slope), np.array(curve)
