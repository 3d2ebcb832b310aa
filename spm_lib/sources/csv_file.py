"""Delimited text in any real shape read into a frame of texts; bad rows are kept apart."""

from __future__ import annotations

import io
from dataclasses import replace

import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.delimiters import SAMPLE, detect_delimiter, is_wrapped, unwrapped
from spm_lib.sources.encodings import DAMAGED, Decoded, decode
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.headers import column_names
from spm_lib.sources.raw_frame import QUARANTINE_SCHEMA, Dialect
from spm_lib.sources.records import Records, Shape, records_of, split_line, split_record
from spm_lib.workspace import RawSettings

LONGEST_HEADER = 50


def read_csv_bytes(content: bytes, *, file: str, settings: RawSettings) -> FileRows:
    r"""Return the rows of a delimited text file.

    Columns out: the file's own, String, empty text null, and ``_row`` Int64: the 1-based physical
    line at which the row starts.

    Raises
    ------
    SourceError
        If the file is empty, or its columns cannot be told.

    Examples
    --------
    >>> rows = read_csv_bytes(b"id;name\n1;Ann\n2\n", file="a.csv", settings=RawSettings(path="a"))
    >>> rows.frame.rows(), rows.quarantine["reason"].to_list()
    ([('1', 'Ann', 2)], ['1 fields where 2 are expected'])
    """
    decoded = decode(content, encoding=settings.encoding)
    lines = _lines(decoded.text).slice(settings.skip)
    lines, marked = _without_sep_line(lines)
    sample = lines["line"].head(SAMPLE).to_list()
    wrapped = is_wrapped(sample)
    if wrapped:
        sample = [inner if (inner := unwrapped(line)) is not None else line for line in sample]
    delimiter = settings.delimiter or marked or detect_delimiter(sample)
    names, body = _header(lines, delimiter, wrapped=wrapped, file=file, settings=settings)
    shape = Shape(delimiter, len(names), wrapped)
    records = _damage_apart(records_of(body, shape), decoded)
    dialect = Dialect(
        file=file,
        kind="csv",
        encoding=decoded.encoding,
        delimiter=delimiter,
        header=settings.header,
        wrapped=wrapped,
        columns=tuple(names),
    )
    frame = _frame(records, names, shape)
    return FileRows(frame, _quarantine(records.bad, file), dialect)


def _lines(text: str) -> pl.DataFrame:
    """Return the physical lines of a text, numbered from 1."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        text = text.replace("\r", "\n")
    lines = pl.Series("line", [text], dtype=pl.String).str.split("\n").explode()
    return (
        lines.to_frame()
        .with_row_index("_row", offset=1)
        .with_columns(pl.col("_row").cast(pl.Int64))
    )


def _without_sep_line(lines: pl.DataFrame) -> tuple[pl.DataFrame, str | None]:
    """Take off the line ``sep=;`` that Excel understands, and return its sign."""
    first = lines["line"][0].strip('" ') if lines.height else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return lines.slice(1), first[4]
    return lines, None


def _header(
    lines: pl.DataFrame,
    delimiter: str,
    *,
    wrapped: bool,
    file: str,
    settings: RawSettings,
) -> tuple[list[str], pl.DataFrame]:
    filled = (lines["line"].str.strip_chars() != "").arg_true()
    if not len(filled):
        if settings.header or not settings.names:
            raise SourceError("A file is empty.", found=file, do="Export it again, with its header")
        return list(settings.names), lines
    start = int(filled[0])
    if not settings.header:
        return list(settings.names), lines.slice(start)
    text, used = lines["line"][start], 1
    longest = min(LONGEST_HEADER, lines.height - start)
    shape = Shape(delimiter, 1, wrapped)
    while (split := split_line(text, shape)).open and used < longest:
        text += "\n" + lines["line"][start + used]
        used += 1
    if split.fields is None:
        raise SourceError(
            f"The header of {file} cannot be read: its quotes do not fit.",
            found=text[:80],
            do="Correct the first line, or write header = false with names = [...]",
        )
    names = column_names(split.fields, given=settings.names, file=file)
    return names, lines.slice(start + used)


def _damage_apart(records: Records, decoded: Decoded) -> Records:
    """Move records whose bytes could not be decoded to the bad ones."""
    if not decoded.damaged:
        return records
    reason = f"bytes that are not {decoded.encoding}"
    hurt = records.regular["line"].str.contains(DAMAGED, literal=True)
    bad = [(row, line, reason) for row, line in records.regular.filter(hurt).iter_rows()]
    sound, torn = [], []
    for row, fields in records.joined:
        (torn if any(DAMAGED in f for f in fields) else sound).append((row, fields))
    bad += [(row, " | ".join(fields), reason) for row, fields in torn]
    return replace(
        records, regular=records.regular.filter(~hurt), joined=sound, bad=records.bad + bad
    )


def _frame(records: Records, names: list[str], shape: Shape) -> pl.DataFrame:
    regular = _regular_frame(records.regular, names, shape)
    if records.joined:
        columns = list(zip(*(fields for _, fields in records.joined), strict=True))
        joined = pl.DataFrame(
            [
                pl.Series(name, values, dtype=pl.String)
                for name, values in zip(names, columns, strict=True)
            ]
        ).with_columns(pl.Series("_row", [row for row, _ in records.joined], dtype=pl.Int64))
        regular = pl.concat([regular, joined]).sort("_row")
    text = pl.col(pl.String)
    return regular.with_columns(pl.when(text != "").then(text).name.keep())


def _regular_frame(regular: pl.DataFrame, names: list[str], shape: Shape) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String())
    if not regular.height:
        return pl.DataFrame(schema={**schema, "_row": pl.Int64()})
    if not shape.delimiter.isascii():  # polars takes single bytes only
        split = [split_record(line, shape.delimiter).fields or [] for line in regular["line"]]
        return pl.DataFrame(split, schema=schema, orient="row").with_columns(regular["_row"])
    text = regular["line"].str.join("\n")[0]
    frame = pl.read_csv(
        io.BytesIO(text.encode()),
        has_header=False,
        schema=schema,
        separator=shape.delimiter,
        quote_char='"' if '"' in text else None,
    )
    return frame.with_columns(regular["_row"])


def _quarantine(bad: list[tuple[int, str, str]], file: str) -> pl.DataFrame:
    rows = [(file, row, None, None, reason, line) for row, line, reason in sorted(bad)]
    return pl.DataFrame(rows, schema=QUARANTINE_SCHEMA, orient="row")
