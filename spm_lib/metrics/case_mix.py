"""Case mix: the win rate one would expect of anybody with this person's deals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import chdtrc, expit, ndtri

RIDGE = 1.0
ROUNDS = 50


def expected_wins(deals: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return observed against expected wins per person.

    A logistic model on the mix columns only (no person, no activities: what the person chose must
    not be adjusted away), ridge 1 on the effects; ``expected`` = sum of its chances over the
    person's deals. Source: Normand, Glickman & Gatsonis (1997), JASA 92:803; design notes 4.1.

    Columns in: ``rep_id, won`` and the mix columns. Columns out: ``rep_id, won, expected``,
    ``expected_rate``, ``o_e`` = won / expected with ``o_e_low, o_e_high`` (95 %), ``z``.
    """
    cells = deals.group_by([*columns, "rep_id"]).agg(
        won=pl.col("won").sum(), n=pl.len().cast(pl.Int64)
    )
    cells = cells.sort([*columns, "rep_id"], nulls_last=True)
    chance = fitted_chances(cells, columns)
    frame = cells.with_columns(
        expected=pl.Series(chance) * pl.col("n"),
        _spread=pl.Series(chance * (1 - chance)) * pl.col("n"),
    )
    return (
        _summed(frame)
        .with_columns(_error=pl.col("_spread").sqrt() * float(ndtri(0.975)))
        .select(
            "rep_id",
            "won",
            "expected",
            expected_rate=pl.col("expected") / pl.col("n"),
            o_e=pl.col("won") / pl.col("expected"),
            o_e_low=((pl.col("won") - pl.col("_error")) / pl.col("expected")).clip(lower_bound=0),
            o_e_high=(pl.col("won") + pl.col("_error")) / pl.col("expected"),
            z=(pl.col("won") - pl.col("expected")) / pl.col("_spread").sqrt(),
        )
        .sort("rep_id")
    )


def _summed(frame: pl.DataFrame) -> pl.DataFrame:
    """Sum the cells of each person, always in the same order: figures are the same twice."""
    reps = frame["rep_id"].unique().sort()
    code = frame["rep_id"].replace_strict(reps, range(reps.len())).to_numpy()
    parts = {
        name: np.bincount(code, weights=frame[name].to_numpy().astype(float), minlength=reps.len())
        for name in ("won", "n", "expected", "_spread")
    }
    return pl.DataFrame({"rep_id": reps, **parts})


def adjusted_p(expected: pl.DataFrame) -> float | None:
    """Return the chance of so wide a spread of O - E by luck (sum of z squared, chi-square)."""
    z = expected["z"].drop_nulls().drop_nans().to_numpy()
    if len(z) < 2:
        return None
    return float(chdtrc(len(z) - 1, float((z**2).sum())))


def fitted_chances(cells: pl.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return P(won) per cell from the logistic model on the mix columns.

    Columns in: the mix columns, ``won`` and ``n`` per cell. Newton's method (iteratively
    reweighted least squares).
    """
    won, n = (cells[c].to_numpy().astype(float) for c in ("won", "n"))
    design = _design(cells, columns)
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    weights = np.zeros(design.shape[1])
    share = np.clip(won.sum() / max(n.sum(), 1), 1e-6, 1 - 1e-6)
    weights[0] = np.log(share / (1 - share))
    for _ in range(ROUNDS):
        chance = expit(design @ weights)
        slope = design.T @ (won - n * chance) - penalty * weights
        spread = n * chance * (1 - chance)
        curve = design.T @ (design * spread[:, None]) + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return expit(design @ weights)


def _design(cells: pl.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return an intercept and one column per value of each mix column (null is a value)."""
    parts = [np.ones((cells.height, 1))]
    for column in columns:
        codes = cells[column].cast(pl.String).fill_null("").rank("dense").to_numpy() - 1
        parts.append(np.eye(int(codes.max(initial=0)) + 1)[codes])
    return np.hstack(parts)
