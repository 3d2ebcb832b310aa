"""What one file, or one query to a database, gave."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.sources.raw_frame import Dialect


@dataclass(frozen=True, eq=False)
class FileRows:
    """Good rows with ``_row``, quarantined rows, and how the file is written."""

    frame: pl.DataFrame
    quarantine: pl.DataFrame
    dialect: Dialect
