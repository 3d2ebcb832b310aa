"""One bucket: its rows checked as any book's are, written, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.model.book import checked_tables
from spm_lib.model.export_day import DayCounts, day_counts
from spm_lib.model.stored.buckets import KEYS, OF_A_DEAL, group_of, has_key
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
    return Bucket(
        layers=(_layer(folder, number, told),),
        book={n: _kept(folder, f"book-{n}-{number:03d}", frame) for n, frame in tables.items()},
        given={name: tuple(sorted(columns)) for name, columns in given.items()},
        days=_keep_counts(folder, number, day_counts(tables)),
        rows=_height(tables),
        last=_last(tables),
        foreign=any(_foreign(frame) for frame in tables.values()),
    )


def add_to_bucket(
    folder: Path,
    number: int,
    bucket: Bucket,
    added: Mapping[str, pl.DataFrame],
    *,
    settings: Settings,
) -> Bucket:
    """Write rows beside those of a bucket, and return what there is now.

    Only deals and activities that the new rows name are looked at.

    Raises
    ------
    DataError
        If stages are found that no pipeline lists.
    """
    counts, rows = read_counts(folder, bucket), bucket.rows
    given = {name: set(columns) for name, columns in bucket.given.items()}
    book, last, foreign = dict(bucket.book), dict(bucket.last), bucket.foreign
    for group in dict.fromkeys(group_of(name) for name in added):
        keys = keys_in(added[name] for name in group if name in added)
        old = read_told(folder, bucket, group, keys=keys)
        new = {n: pl.concat([rows_, added[n]]) if n in added else rows_ for n, rows_ in old.items()}
        before = checked_tables(old, settings=settings)[0]
        tables, told = checked_tables(new, settings=settings)
        counts = counts - day_counts(before) + day_counts(tables)
        rows += _height(tables) - _height(before)
        given |= {name: given[name] | columns for name, columns in told.items()}
        last = {n: _latest(day, _last(tables)[n]) for n, day in last.items()}
        foreign |= any(_foreign(frame) for frame in tables.values())
        book = {name: file for name, file in book.items() if name not in group}
    return Bucket(
        layers=(*bucket.layers, _layer(folder, number, added)),
        book=book,
        given={name: tuple(sorted(columns)) for name, columns in given.items()},
        days=_keep_counts(folder, number, counts),
        rows=rows,
        last=last,
        foreign=foreign,
    )


def keys_in(frames: Iterable[pl.DataFrame]) -> pl.Series:
    """Return the keys of buckets that rows have."""
    by = ("activity_id", "opportunity_id")
    found = [frame[next(c for c in by if c in frame.columns)].rename("key") for frame in frames]
    return pl.concat(found).unique()


def _layer(folder: Path, number: int, told: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    return {n: _kept(folder, f"told-{n}-{number:03d}", frame) for n, frame in told.items()}


def _keep_counts(folder: Path, number: int, counts: DayCounts) -> str:
    text = _text(counts)
    return keep_file(folder / ROWS, f"days-{number:03d}.json", lambda file: file.write_text(text))


def _height(tables: Mapping[str, pl.DataFrame]) -> int:
    return sum(frame.height for frame in tables.values())


def _latest(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day), default=None)


def write_whole_table(folder: Path, name: str, frame: pl.DataFrame) -> str:
    """Write the rows of a table that is kept in one, as read, and return the file's name."""
    return _kept(folder, f"whole-{name}", frame)


def read_whole_table(folder: Path, file: str) -> pl.DataFrame:
    """Return the rows of a table that is kept in one."""
    return pl.read_parquet(folder / ROWS / file, glob=False)


def _kept(folder: Path, name: str, frame: pl.DataFrame) -> str:
    return keep_file(
        folder / ROWS,
        f"{name}.parquet",
        lambda file: frame.write_parquet(file, compression=COMPRESSION),
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


def read_told(
    folder: Path, bucket: Bucket, group: Sequence[str], *, keys: pl.Series | None = None
) -> dict[str, pl.DataFrame]:
    """Return the rows of tables of a bucket as they were read, of all keys or of some."""
    found = {}
    for name in bucket.layers[0]:
        if name in group:
            files = [folder / ROWS / layer[name] for layer in bucket.layers if name in layer]
            rows = pl.scan_parquet(files, glob=False)
            found[name] = (
                rows if keys is None else rows.filter(has_key(KEYS[name], keys))
            ).collect()
    return found


def read_book(
    folder: Path,
    bucket: Bucket,
    contents: Contents,
    group: Sequence[str],
    *,
    keys: pl.Series | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the checked rows of tables of a bucket, of all keys or of some.

    They are checked anew where rows were added, or the rules have changed.
    """
    names = [name for name in bucket.layers[0] if name in group]
    kept = contents.code == rules_hash() and all(name in bucket.book for name in names)
    if kept and keys is None:
        place = folder / ROWS
        return {n: pl.read_parquet(place / bucket.book[n], glob=False) for n in names}
    told = read_told(folder, bucket, names, keys=keys)
    return checked_tables(told, settings=contents.settings)[0]
