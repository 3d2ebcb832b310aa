"""The quarantine as a file that can be mended and read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from spm_lib.core.formulas import guard, unguard
from spm_lib.sources.csv_file import read_csv_bytes
from spm_lib.sources.raw_frame import QUARANTINE_SCHEMA, RawFrame
from spm_lib.sources.records import split_record
from spm_lib.sources.texts import as_texts
from spm_lib.sources.typed import line_of
from spm_lib.store import write_whole
from spm_lib.workspace import RawSettings

FOLDER = "quarantine"
MARKS = ("_more", "_file", "_row", "_key", "_reason")


def quarantine_path(folder: Path, name: str) -> Path:
    """Return where the quarantine of a raw frame stands in a client's folder."""
    return folder / FOLDER / f"{name}.csv"


def holds_mended(path: Path) -> bool:
    """Say whether a quarantine file holds a row that was mended, and so is read as data."""
    if not path.is_file():
        return False
    rows = _read(path)
    return "_reason" in rows.columns and not rows.filter(_is_mended()).is_empty()


def write_quarantine(raw: RawFrame, path: Path) -> Path:
    """Write the rows that could not be read, to be mended.

    Columns: the source's own; ``_more`` (fields beyond the last column); ``_file``, ``_row``,
    ``_key`` (which row it is; leave them); ``_reason``. Whoever mends a row corrects its cells and
    empties its ``_reason``: only such rows are read back. The file opens in Excel, and no cell of
    it is a formula there: such cells carry an apostrophe, which reading takes off again. What was
    changed in a file that is there already is kept; a row mended wrongly has a reason again.
    """
    header = [*raw.columns, *MARKS]
    given = _given(path, header=header)
    mended = given.filter(_is_mended())
    known = {row["_key"]: row for row in given.iter_rows(named=True)}
    places = {(row["_file"], row["_row"]): row for row in mended.iter_rows(named=True)}
    rows: list[list[object]] = []
    again: set[object] = set()
    for line in _lines(raw):
        *own, file, row, key, reason = line
        earlier = places.get((file, str(row))) or known.get(key)
        if earlier is None:
            rows.append(line)
            continue
        changed = [_text(earlier[c]) for c in raw.columns] != [_text(v) for v in own[:-1]]
        told = _text(earlier["_reason"])
        if earlier["_key"] == key and changed and not told:
            continue  # mended since the source was read
        again.add(earlier["_key"])
        rows.append([*(earlier[c] for c in header[:-1]), told if changed and told else reason])
    kept = [list(row) for row in mended.iter_rows() if row[header.index("_key")] not in again]
    texts = [_guarded(line) for line in [header, *kept, *rows]]
    write_whole(path, "\ufeff" + "\r\n".join(texts) + "\r\n")
    return path


def _lines(raw: RawFrame) -> Iterator[list[object]]:
    """Yield the quarantined rows in the columns of the file."""
    delimiters = {dialect.file: dialect.delimiter or "," for dialect in raw.files}
    for row in raw.quarantine.iter_rows(named=True):
        delimiter = "," if _rebuilt(row) else delimiters.get(row["file"], ",")
        cells, more = _cells(row["line"] or "", delimiter, len(raw.columns))
        key = key_of(row["file"], row["row"], row["line"])
        yield [*cells, more, row["file"], row["row"], key, row["reason"]]


def _text(value: object) -> str:
    return str(value or "").strip()


def _given(path: Path, *, header: list[str]) -> pl.DataFrame:
    """Return the rows of an earlier quarantine file of the same columns."""
    given = _read(path) if path.is_file() else pl.DataFrame()
    if not {*header} <= {*given.columns}:
        return pl.DataFrame(schema=dict.fromkeys(header, pl.String()))
    return given.select(pl.col(header).cast(pl.String))


def _guarded(values: Sequence[object]) -> str:
    """Return a row as one CSV line in which no spreadsheet finds a formula."""
    return line_of([guard(v, numbers=True) if isinstance(v, str) else v for v in values])


def _unguarded(values: pl.Series) -> pl.Series:
    """Return a column as it was, under its own name."""
    name = unguard(values.name, numbers=True)
    if values.dtype != pl.String:
        return values.alias(name)
    texts = [None if v is None else unguard(v, numbers=True) for v in values]
    return pl.Series(name, texts, dtype=pl.String)


def _read(path: Path) -> pl.DataFrame:
    """Return a quarantine file as text, under its own column names."""
    settings = RawSettings(path=path.name)
    guarded = read_csv_bytes(path.read_bytes(), file=path.name, settings=settings).frame
    read = pl.DataFrame([_unguarded(column) for column in guarded])
    own = {f"{name}_2": name for name in ("_file", "_row")}  # a source's own are numbered
    if not {*own} <= {*read.columns}:
        return read
    return read.drop("_file", "_row", strict=False).rename(own)


def _is_mended() -> pl.Expr:
    return pl.col("_reason").str.strip_chars().fill_null("") == ""


def _rebuilt(row: dict[str, object]) -> bool:
    """Say whether the line was written by us (a row read well, with a faulty value)."""
    return row["column"] is not None


def key_of(file: str, row: int, line: str | None) -> str:
    """Return what tells a row of a file from every other, and from what stands there later."""
    return hashlib.sha256(f"{file}\0{row}\0{line or ''}".encode()).hexdigest()[:12]


def _cells(line: str, delimiter: str, width: int) -> tuple[list[str], str]:
    fields = split_record(line, delimiter).fields
    if fields is None:
        fields = line.replace('"', "").split(delimiter)
    more = delimiter.join(fields[width:])
    return [*fields[:width], *[""] * (width - len(fields))], more


def with_quarantined(raw: RawFrame, faults: pl.DataFrame) -> RawFrame:
    """Return the raw frame with good rows moved to its quarantine, by whoever found them faulty.

    Parameters
    ----------
    raw
        A raw frame that was not unpivoted (there a line of the file is many rows).
    faults
        One row per faulty row: ``_file``, ``_row``, ``column`` (null: the whole row), ``reason``.
        Rows that the raw frame does not have are passed over.
    """
    places = faults.unique(["_file", "_row"], keep="first", maintain_order=True)
    bad = raw.frame.join(places, on=["_file", "_row"], how="inner", suffix="_fault")
    own = raw.columns
    rows = [
        (
            row["_file"],
            row["_row"],
            row["column_fault" if "column" in own else "column"],
            None,
            row["reason_fault" if "reason" in own else "reason"],
            line_of([row[c] for c in own]),
        )
        for row in bad.iter_rows(named=True)
    ]
    moved = pl.DataFrame(rows, schema=QUARANTINE_SCHEMA, orient="row")
    good = raw.frame.join(places, on=["_file", "_row"], how="anti", maintain_order="left")
    return _with(raw, good, pl.concat([raw.quarantine, moved]), [])


def read_mended(raw: RawFrame, path: Path, *, decimal: str = ".") -> RawFrame:
    """Return the raw frame with the mended rows of a quarantine file in their places.

    A row counts as mended when its ``_reason`` is empty. A mended row whose original is no longer
    there (the source was exported again) is left out, and a note says so.
    """
    given = _read(path)
    if not {*MARKS} <= {*given.columns}:
        note = f"{path.name} is no quarantine file: its columns {', '.join(MARKS)} are missing"
        return _with(raw, raw.frame, raw.quarantine, [note])
    mended = given.filter(_is_mended()).unique("_key", keep="first", maintain_order=True)
    mended = mended.with_columns(pl.col("_row").cast(pl.Int64, strict=False))
    return _placed(raw, mended, decimal=decimal)


def _placed(raw: RawFrame, mended: pl.DataFrame, *, decimal: str) -> RawFrame:
    keys = _keys(raw.quarantine["file"], raw.quarantine["row"], raw.quarantine["line"])
    known = mended.filter(pl.col("_key").is_in(keys.implode()))
    quarantine = raw.quarantine.filter(~keys.is_in(known["_key"].implode()))
    good, replaced = _replacing(raw.frame, mended.filter(~pl.col("_key").is_in(keys.implode())))
    rows = pl.concat([known, replaced], how="vertical").select(raw.frame.columns)
    good, rows = _in_one_type(good, rows, decimal=decimal)
    frame = (
        pl.concat([good, rows]).sort("_file", "_row", maintain_order=True) if rows.height else good
    )
    stale = mended.height - rows.height
    notes = [f"{stale} mended rows no longer fit what stands in the file, and are left out"]
    return _with(raw, frame, quarantine, notes if stale else [])


def _in_one_type(
    good: pl.DataFrame, texts: pl.DataFrame, *, decimal: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both in the types of the good rows; as text where a mended text does not fit.

    The quarantine writes numbers with a point, whoever mends them may use the file's decimal sign.
    """
    typed = pl.DataFrame([_typed(texts[c], good.schema[c]) for c in texts.columns])
    lost = [c for c in texts.columns if typed[c].null_count() > texts[c].null_count()]
    told = [as_texts(typed[c], decimal=decimal).alias(c) for c in lost]
    mended = typed.with_columns(
        told_.zip_with(told_.is_not_null(), texts[told_.name]) for told_ in told
    )
    return good.with_columns(as_texts(good[c], decimal=decimal) for c in lost), mended


def _typed(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return texts in a type as our own file writes it; null where they do not fit."""
    if texts.dtype == dtype or dtype.is_numeric():
        return texts.cast(dtype, strict=False)
    if dtype == pl.Date:
        return texts.str.to_date(strict=False)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return texts.str.to_datetime(time_unit=dtype.time_unit, strict=False)
    if dtype == pl.Boolean:
        truths = {"true": True, "false": False}
        return texts.str.to_lowercase().replace_strict(truths, default=None, return_dtype=dtype)
    return pl.Series(texts.name, [None], dtype=dtype).new_from_index(0, texts.len())


def _keys(files: pl.Series, rows: pl.Series, lines: pl.Series) -> pl.Series:
    made = [key_of(*parts) for parts in zip(files, rows, lines, strict=True)]
    return pl.Series("key", made, dtype=pl.String)


def _replacing(frame: pl.DataFrame, mended: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the good rows that no mended row takes the place of, and the mended rows that do."""
    if not mended.height:
        return frame, mended
    places = mended.select("_file", "_row").unique()
    there = frame.join(places, on=["_file", "_row"], how="semi")
    own = [c for c in frame.columns if c not in ("_file", "_row")]
    keys = pl.Series(
        [
            key_of(row["_file"], row["_row"], line_of([row[c] for c in own]))
            for row in there.iter_rows(named=True)
        ],
        dtype=pl.String,
    )
    replaced = mended.filter(pl.col("_key").is_in(keys.implode()))
    taken = replaced.select("_file", "_row")
    return frame.join(taken, on=["_file", "_row"], how="anti", maintain_order="left"), replaced


def _with(
    raw: RawFrame, frame: pl.DataFrame, quarantine: pl.DataFrame, notes: list[str]
) -> RawFrame:
    return RawFrame(
        name=raw.name,
        frame=frame,
        quarantine=quarantine,
        rows_in=frame.height + quarantine.height,
        files=raw.files,
        notes=(*raw.notes, *notes),
    )
