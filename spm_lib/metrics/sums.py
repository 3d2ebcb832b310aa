"""Sums of money that are checked: what cannot be held in 64 bits is refused, never wrapped."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from spm_lib.core.errors import MetricError

LARGEST_SUM = 2.0**62


def size_of_sum(name: str) -> nw.Expr:
    """Return the sum of the sizes of whole numbers as a float, under ``_size_<name>``."""
    return nw.col(name).cast(nw.Float64).abs().sum().alias(f"_size_{name}")


def held(frame: pl.DataFrame, names: Sequence[str], *, metric: str) -> pl.DataFrame:
    """Return summed columns as Int64, without their sizes.

    Columns in: the names, as the engine summed them, and ``_size_<name>``, the sums of their sizes.
    Where all sizes together can be held, so can every sum of any part of the rows.

    Raises
    ------
    MetricError
        If they cannot be held.
    """
    sizes = [f"_size_{name}" for name in names]
    for size in sizes:
        refuse_unheld(frame[size].to_numpy().sum(), metric=metric)
    whole = [c for c in names if frame.schema[c] != pl.Int64]
    frame = frame.cast(dict.fromkeys(whole, pl.Int64)) if whole else frame
    return frame[[c for c in frame.columns if c not in sizes]]


def refuse_large(cells: pl.DataFrame, names: Sequence[str], *, metric: str) -> None:
    """Refuse cells that add up to more than can be held.

    Raises
    ------
    MetricError
        If the sizes of a named column do.
    """
    for name in names:
        sizes = np.abs(cells[name].to_numpy().astype(float))
        refuse_unheld(sizes.sum(), metric=metric)


def refuse_unheld(total: float, *, metric: str) -> None:
    """Refuse a sum, told as a float, that 64 bits cannot hold.

    Raises
    ------
    MetricError
        If it is larger than 2 ** 62 minor units.
    """
    if total > LARGEST_SUM:
        raise MetricError(
            f"The money of '{metric}' adds up to more than can be held.",
            found=f"about {total:.2g} minor units",
            do="Check the amounts and their scale in the source, or set scale for the raw",
        )
