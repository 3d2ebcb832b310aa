"""Foreign money turned into the reporting currency, by the latest rate known by then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.canonical import FOREIGN_SCALE
from spm_lib.model.columns import Table

if TYPE_CHECKING:
    from spm_lib.model.book import Book

NO_RATE = "no exchange rate"


def convert(frame: pl.DataFrame, *, book: Book, table: Table, day: date) -> pl.DataFrame:
    """Fill money columns from their ``_foreign_*`` twins; without a rate the row is set aside."""
    foreign = [c for c in frame.columns if c.startswith("_foreign_")]
    if not foreign:
        return frame
    raise NotImplementedError
