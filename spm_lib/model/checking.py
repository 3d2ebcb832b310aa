"""What can be said of a workspace: receipts, notices, and rows that somebody must mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.model.book import build_book
from spm_lib.model.columns import TABLES
from spm_lib.model.company import Company
from spm_lib.model.notices import Notice
from spm_lib.model.opening import company_of
from spm_lib.model.reading import read_workspace
from spm_lib.model.receipts import Receipt
from spm_lib.model.targets import is_count, is_ratio
from spm_lib.sources import RawFrame, quarantine_path, write_quarantine
from spm_lib.sources.typed import line_of
from spm_lib.store import ClientFolder, keep_snapshot
from spm_lib.workspace.load import named_raws


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
        asked = [table.from_] if table.from_ else named_raws(table.query or "", dict(settings.raw))
        for source in asked:
            rows = _set_aside(book.tables[name], raws[source], name, table.columns)
            aside[source].append(rows)
    together = {name: _one_per_line(pl.concat(parts)) for name, parts in aside.items()}
    return CheckReport(company, raws, together)


def _one_per_line(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per line of a file, with every reason: tables may share a source."""
    if not rows.select("file", "row").is_duplicated().any():
        return rows
    reasons = pl.col("reason").unique(maintain_order=True).str.join("; ")
    others = pl.exclude("file", "row", "reason").first()
    one = rows.group_by("file", "row", maintain_order=True).agg(others, reasons)
    return one.select(rows.columns)


def _set_aside(
    frame: pl.DataFrame, raw: RawFrame, table: str, columns: Mapping[str, str]
) -> pl.DataFrame:
    """Return the set-aside rows of a table as rows of its source's quarantine.

    Rows made of columns side by side are no lines of the file, and cannot be put back into it; nor
    can rows of a query that does not select ``_file`` and ``_row``.
    """
    if not {*raw.columns} <= {*raw.frame.columns} or "_file" not in frame.columns:
        return raw.quarantine.clear()
    rows = frame.filter(pl.col("set_aside").is_not_null() & pl.col("_row").is_not_null())
    places = rows.select("_file", "_row", "set_aside", _all_reasons(frame, table))
    places = places.unique(["_file", "_row"], keep="first", maintain_order=True)
    found = raw.frame.join(places, on=["_file", "_row"], how="inner", maintain_order="left")
    key = TABLES[table].key[0]
    records = []
    for row in found.iter_rows(named=True):
        asked = row["set_aside"].removeprefix("unreadable ").removeprefix("no ")
        named = (columns.get(asked), columns.get(key))
        column = next((c for c in named if c in raw.columns), raw.columns[0])
        line = line_of([row[c] for c in raw.columns])
        reasons = row["_all_reasons"]
        records.append((row["_file"], row["_row"], column, _text(row[column]), reasons, line))
    return pl.DataFrame(records, schema=raw.quarantine.schema, orient="row")


def _all_reasons(frame: pl.DataFrame, table: str) -> pl.Expr:
    """Return every reason of a row that was set aside: what is unreadable, and what is missing."""
    first = pl.coalesce([c for c in ("_faults", "set_aside") if c in frame.columns])
    told = first.str.split("; ").list
    wanted = {c.name: c.name for c in TABLES[table].columns if c.required}
    if table == "opportunities":
        wanted["outcome"] = "stage"
    lacking = [
        pl.when(
            pl.col(column).is_null()
            & ~told.contains(f"unreadable {name}")
            & ~told.contains(f"no {name}")
        ).then(pl.lit(f"no {name}"))
        for column, name in wanted.items()
    ]
    parts = [first, *lacking]
    return pl.concat_str(parts, separator="; ", ignore_nulls=True).alias("_all_reasons")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def snapshot_company(company: Company, *, replace_kept: bool = False) -> Path:
    """Keep the company's tables, good rows and set-aside ones, as the state of ``as_of``.

    They are written as Parquet into ``snapshots/<day>/`` beside the workspace file, whole or not
    at all; the same state kept twice is kept once. Amounts are in major units, and ``snapshot_on``
    is the day, so that the files can be read back as any export is: states of a deal side by side
    are a history of its stages.

    Raises
    ------
    DataError
        If another state of that day is kept already, unless ``replace_kept``.
    """
    names = dict.fromkeys(["opportunities", *company.book.tables])
    tables = {name: _state(company, name) for name in names}
    about = {"workspace": company.settings.workspace.id, "currency": company.currency}
    folder = ClientFolder.of(company.settings.path)
    return keep_snapshot(folder, company.as_of, tables, about=about, replace=replace_kept)


def _state(company: Company, name: str) -> pl.DataFrame:
    """Return all rows of a table as an export would tell them, with the day they are of."""
    frame = company.full(name).select(pl.exclude("^_.*$"))
    digits = exponent(company.currency)
    exact = pl.Decimal(38, digits)
    major = {c: pl.col(c).cast(exact) / 10**digits for c in TABLES[name].names("money")}
    if name == "targets":  # of counts the value is a plain number, of ratios per cent
        number, per_cent = pl.col("value").cast(exact), pl.col("value").cast(exact) / 100
        counts = pl.when(is_count()).then(number).otherwise(major["value"])
        major["value"] = pl.when(is_ratio()).then(per_cent).otherwise(counts)
    return frame.with_columns(**major, snapshot_on=pl.lit(company.as_of))
