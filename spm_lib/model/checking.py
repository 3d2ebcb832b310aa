"""What can be said of a workspace: receipts, notices, and rows that somebody must mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from spm_lib.model.book import build_book
from spm_lib.model.columns import TABLES
from spm_lib.model.company import Company
from spm_lib.model.notices import Notice
from spm_lib.model.opening import company_of
from spm_lib.model.reading import read_workspace
from spm_lib.model.receipts import Receipt
from spm_lib.sources import RawFrame, quarantine_path, write_quarantine
from spm_lib.sources.typed import line_of
from spm_lib.store import ClientFolder, keep_snapshot


@dataclass(frozen=True, eq=False)
class CheckReport:
    """What `spm check` tells.

    ``raws`` are the sources as read; ``quarantine`` holds, per source, those rows and the rows
    that the tables set aside (unreadable dates and amounts, missing keys, duplicates), each with
    file, row, column, value and reason. ``receipts`` count the tables as of ``company.as_of``.
    """

    company: Company
    raws: Mapping[str, RawFrame]
    quarantine: Mapping[str, pl.DataFrame]

    @property
    def receipts(self) -> dict[str, Receipt]:
        """Rows used and set aside, per table."""
        names = dict.fromkeys(["opportunities", *self.company.book.tables])
        return {name: self.company.receipt(name) for name in names if self.company.has(name)}

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The traps found."""
        return self.company.notices

    def write_quarantine(self) -> list[Path]:
        """Write the rows to be mended, one file per source, beside the workspace file."""
        folder = self.company.settings.folder
        return [
            write_quarantine(replace(raw, quarantine=rows), quarantine_path(folder, name))
            for name, raw in self.raws.items()
            if (rows := self.quarantine[name]).height
        ]


def check_workspace(path: str | Path, *, as_of: date | str | None = None) -> CheckReport:
    """Read everything that a workspace file names, and tell what was found.

    Raises
    ------
    WorkspaceError, SourceError, DataError
        As ``open_company``: faults that leave nothing to count.
    """
    read = read_workspace(path)
    settings, raws, intake = read.settings, read.raws, read.intake
    book = build_book(intake.tables, settings=settings, kept=intake.kept, notes=intake.notes)
    company = company_of(book, as_of=as_of, scope=None, engine=None, border="polars")
    aside = {name: [raw.quarantine] for name, raw in raws.items()}
    for name, table in settings.tables.items():
        if table.from_:
            rows = _set_aside(book.tables[name], raws[table.from_], name, table.columns)
            aside[table.from_].append(rows)
    together = {name: pl.concat(parts) for name, parts in aside.items()}
    return CheckReport(company, raws, together)


def _set_aside(
    frame: pl.DataFrame, raw: RawFrame, table: str, columns: Mapping[str, str]
) -> pl.DataFrame:
    """Return the set-aside rows of a table as rows of its source's quarantine.

    Rows made of columns side by side are no lines of the file, and cannot be put back into it.
    """
    if not {*raw.columns} <= {*raw.frame.columns}:
        return raw.quarantine.clear()
    rows = frame.filter(pl.col("set_aside").is_not_null() & pl.col("_row").is_not_null())
    places = rows.select("_file", "_row", "set_aside")
    found = raw.frame.join(places, on=["_file", "_row"], how="inner", maintain_order="left")
    key = TABLES[table].key[0]
    records = []
    for row in found.iter_rows(named=True):
        reason = row["set_aside"]
        asked = reason.removeprefix("unreadable ").removeprefix("no ")
        column = columns.get(asked) or columns.get(key) or raw.columns[0]
        line = line_of([row[c] for c in raw.columns])
        records.append((row["_file"], row["_row"], column, _text(row[column]), reason, line))
    return pl.DataFrame(records, schema=raw.quarantine.schema, orient="row")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def snapshot_company(company: Company, *, replace_kept: bool = False) -> Path:
    """Keep the company's tables, good rows and set-aside ones, as the state of ``as_of``.

    They are written as Parquet into ``snapshots/<day>/`` beside the workspace file, whole or not
    at all; the same state kept twice is kept once.

    Raises
    ------
    DataError
        If another state of that day is kept already, unless ``replace_kept``.
    """
    names = dict.fromkeys(["opportunities", *company.book.tables])
    tables = {name: company.full(name).select(pl.exclude("^_.*$")) for name in names}
    about = {"workspace": company.settings.workspace.id, "currency": company.currency}
    folder = ClientFolder.of(company.settings.path)
    return keep_snapshot(folder, company.as_of, tables, about=about, replace=replace_kept)
