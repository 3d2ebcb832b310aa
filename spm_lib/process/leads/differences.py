"""Which leads become deals more often: by source, by person, by how soon they are answered."""

from __future__ import annotations

from typing import Any

import polars as pl

from spm_lib.core.statement import Share, Statement
from spm_lib.stats import lettered_shares
from spm_lib.stats.letters import told_apart

SAME = {
    "source": "Sources cannot be told apart by how many of their leads became deals.",
    "rep_id": "People cannot be told apart by how many of their leads became deals.",
    "answer": "Whether leads were answered within a day or later cannot be told to have mattered.",
}
SOURCE = (
    "Leads of {best} became deals most often ({high}), those of {worst} least often ({low}): more "
    "than luck would have it."
)
PEOPLE = (
    "How many of their leads became deals differs between people by more than luck: from {low} to "
    "{high}."
)
SOON = (
    "Of leads answered within a day {high} became deals, of the others {low}: more than luck would "
    "have it. Associated is not caused: whoever is keen may be answered first."
)
LATER = (
    "Of leads answered within a day {low} became deals, of the others {high}: more than luck would "
    "have it. Associated is not caused."
)


def lettered(groups: pl.DataFrame, *, looks: int) -> pl.DataFrame:
    """Add ``shrunk``, the pooled share, and ``group``, letters; "" where nothing is ranked.

    Columns in: ``value, leads, converted``, one row per value of one column. ``looks``: how many
    columns are looked at. Leads without a value are of no source, and of nobody: both are null.
    """
    known = groups.filter(pl.col("value").is_not_null())
    if not known.height:
        none = pl.lit(None)
        return groups.with_columns(shrunk=none.cast(pl.Float64), group=none.cast(pl.String))
    told = lettered_shares(known["converted"], known["leads"], looks=looks)
    letters = pl.Series(told.letters, dtype=pl.String)
    made = known.select("value", shrunk=pl.Series(told.pooled.shrunk), group=letters)
    return groups.join(made, on="value", how="left", maintain_order="left")


def differences(groups: pl.DataFrame) -> tuple[Statement, ...]:
    """Return in words what differs between sources, people and answers, and what does not.

    Columns in: those of ``LeadFlow.groups``. Nothing is said of a column with a single value.
    """
    known = groups.filter(pl.col("value").is_not_null())
    parts = (known.filter(column=column) for column in SAME)
    return tuple(_said(part) for part in parts if part.height > 1)


def _said(part: pl.DataFrame) -> Statement:
    column = part["column"][0]
    ordered = part.sort("shrunk", descending=True, maintain_order=True)
    first, last = ordered.row(0, named=True), ordered.row(-1, named=True)
    if not told_apart(first["group"], last["group"]):
        return Statement(SAME[column])
    high, low = (Share(row["converted"] / row["leads"]) for row in (first, last))
    values: dict[str, Any] = {"high": high, "low": low}
    if column == "source":
        names = {"best": first["value"], "worst": last["value"]}
        return Statement(SOURCE, names | values)
    text = PEOPLE if column == "rep_id" else SOON if first["value"] == "soon" else LATER
    return Statement(text, values)
