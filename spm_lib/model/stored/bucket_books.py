"""One bucket: its rows checked as any book's are, written, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.model.book import checked_tables
from spm_lib.model.export_day import DayCounts, day_counts
from spm_lib.model.stored.buckets import OF_A_DEAL
from spm_lib.model.stored.contents import ROWS, Bucket, Contents, rules_hash
from spm_lib.store import keep_file
from spm_lib.workspace import Settings

CUT_BY = {
    "opportunities": ("created_on", "closed_on", "recorded_on"),
    "stage_events": ("entered_on", "recorded_on"),
    "splits": ("recorded_on",),
    "activities": ("happened_on", "recorded_on"),
}
COMPRESSION = "lz4"


def write_bucket(
    folder: Path, number: int, told: Mapping[str, pl.DataFrame], *, settings: Settings
) -> Bucket:
    """Check the rows of a bucket and write them, and return what there is.

    Raises
    ------
    DataError
        If stages are found that no pipeline lists.
    """
    tables, given = checked_tables(told, settings=settings)
    counts = day_counts(tables)
    rows = folder / ROWS
    return Bucket(
        told={n: _kept(rows, f"told-{n}-{number:03d}", frame) for n, frame in told.items()},
        book={n: _kept(rows, f"book-{n}-{number:03d}", frame) for n, frame in tables.items()},
        given={name: tuple(sorted(columns)) for name, columns in given.items()},
        days=keep_file(rows, f"days-{number:03d}.json", lambda f: f.write_text(_text(counts))),
        rows=sum(frame.height for frame in tables.values()),
        last=_last(tables),
        foreign=any(_foreign(frame) for frame in tables.values()),
    )


def write_whole_table(folder: Path, name: str, frame: pl.DataFrame) -> str:
    """Write the rows of a table that is kept in one, as read, and return the file's name."""
    return _kept(folder / ROWS, f"whole-{name}", frame)


def read_whole_table(folder: Path, file: str) -> pl.DataFrame:
    """Return the rows of a table that is kept in one."""
    return pl.read_parquet(folder / ROWS / file)


def _kept(rows: Path, name: str, frame: pl.DataFrame) -> str:
    return keep_file(
        rows, f"{name}.parquet", lambda f: frame.write_parquet(f, compression=COMPRESSION)
    )


def _last(tables: Mapping[str, pl.DataFrame]) -> dict[str, date | None]:
    """Return the last day by which rows of deals, and activities, are cut."""
    found: dict[str, date | None] = {"deals": None, "activities": None}
    for name, columns in CUT_BY.items():
        group = "deals" if name in OF_A_DEAL else name
        for column in columns if name in tables else ():
            last = tables[name][column].max()
            if isinstance(last, date):
                found[group] = max(last, found[group] or last)
    return found


def _foreign(frame: pl.DataFrame) -> bool:
    return any(frame[c].count() for c in frame.columns if c.startswith("_foreign_"))


def _text(counts: DayCounts) -> str:
    days = [
        [name, column, {str(day): n for day, n in sorted(rows.items())}]
        for (name, column), rows in counts.days.items()
    ]
    aside = sorted(counts.aside.items(), key=lambda part: str(part[0]))
    return json.dumps({"days": days, "aside": aside}, ensure_ascii=False)


def read_counts(folder: Path, bucket: Bucket) -> DayCounts:
    """Return on which days the rows of a bucket happened."""
    told: dict[str, Any] = json.loads((folder / ROWS / bucket.days).read_text(encoding="utf-8"))
    days = {
        (name, column): {date.fromisoformat(day): n for day, n in rows.items()}
        for name, column, rows in told["days"]
    }
    return DayCounts(days, {reason: n for reason, n in told["aside"]})  # noqa: C416


def read_told(folder: Path, bucket: Bucket, name: str) -> pl.DataFrame:
    """Return the rows of a bucket as they were read."""
    return pl.read_parquet(folder / ROWS / bucket.told[name])


def read_book(folder: Path, bucket: Bucket, contents: Contents) -> dict[str, pl.DataFrame]:
    """Return the checked rows of a bucket; they are checked anew if the rules have changed."""
    if contents.code == rules_hash():
        return {n: pl.read_parquet(folder / ROWS / file) for n, file in bucket.book.items()}
    told = {name: read_told(folder, bucket, name) for name in bucket.told}
    return checked_tables(told, settings=contents.settings)[0]
