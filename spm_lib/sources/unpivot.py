"""Columns laid side by side turned into rows."""

from __future__ import annotations

import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.texts import alike
from spm_lib.workspace import Unpivot


def unpivoted(frame: pl.DataFrame, *, how: Unpivot, place: str, decimal: str = ".") -> pl.DataFrame:
    """Return one row per cell of the wide columns; rows of the same line stay together.

    Columns out: the other columns, ``how.into`` (String: the wide column's name, or what
    ``how.names`` makes of it) and ``how.value``.

    Raises
    ------
    SourceError
        If a wide column is not there, or a new name is taken.

    Examples
    --------
    >>> wide = pl.DataFrame({"rep": ["7"], "M01": ["5"], "M02": ["-"]})
    >>> how = Unpivot(columns=("M01", "M02"), into="month", value="target")
    >>> unpivoted(wide, how=how, place="[raw.x]").rows()
    [('7', 'M01', '5'), ('7', 'M02', '-')]
    """
    own = [c for c in frame.columns if not c.startswith("_")]
    missing = [c for c in how.columns if c not in own]
    rest = [c for c in frame.columns if c not in how.columns]
    taken = [c for c in (how.into, how.value) if c in rest]
    if missing or taken:
        wrong = [f"no column '{c}'" for c in missing] + [f"'{c}' is taken" for c in taken]
        raise SourceError(
            f"{place} unpivot: {', '.join(wrong)}.",
            found=f"columns: {', '.join(own)}",
            do="Name columns of the file, and new names for into and value",
        )
    parts = [
        frame.select(
            *rest,
            pl.lit(how.names.get(column, column)).alias(how.into),
            pl.col(column).alias(how.value),
        ).with_row_index("_order")
        for column in how.columns
    ]
    return (
        pl.concat(alike(parts, decimal=decimal), how="vertical_relaxed")
        .sort("_order", maintain_order=True)
        .drop("_order")
    )
