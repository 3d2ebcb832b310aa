"""Lines of a delimited file turned into records: regular ones at once, the others one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from spm_lib.sources.delimiters import unwrapped

LONGEST_RECORD = 2000
WIDE = 6


@dataclass(frozen=True)
class Shape:
    """How records are written: delimiter, number of fields, whether rows are wrapped in quotes."""

    delimiter: str
    width: int
    wrapped: bool = False


@dataclass(frozen=True)
class Records:
    """Records of some lines.

    ``regular`` has ``_row`` and ``line``: one well-formed record each. ``joined`` are the records
    that span lines or quote in their own way, as (row, fields). ``bad`` are (row, line, reason).
    """

    regular: pl.DataFrame
    joined: list[tuple[int, list[str]]]
    bad: list[tuple[int, str, str]]


def field_pattern(delimiter: str) -> str:
    """Return the pattern of one well-formed field, quoted or bare."""
    sign = re.escape(delimiter)
    return f'(?:"(?:[^"]|"")*"|[^"{sign}\\r\\n]*)'


def line_pattern(shape: Shape) -> str:
    """Return the pattern of a line that is exactly one record of the right width.

    Examples
    --------
    >>> import re
    >>> pattern = line_pattern(Shape(",", 3))
    >>> [bool(re.match(pattern, line)) for line in ('1,"a, b",2', '1,2', '1,2"x,3')]
    [True, False, False]
    """
    field = field_pattern(shape.delimiter)
    return f"^{field}(?:{re.escape(shape.delimiter)}{field}){{{shape.width - 1}}}$"


@lru_cache(maxsize=64)
def _field_patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    sign = re.escape(delimiter)
    return (
        re.compile(f' *"((?:[^"]|"")*)" *(?={sign}|$)'),
        re.compile(f"[^{sign}]*"),
        re.compile(' *"(?:[^"]|"")*$'),
    )


@dataclass(frozen=True)
class Split:
    """The fields of a record; None where its quotes do not fit. ``open``: a quote is not closed."""

    fields: list[str] | None
    open: bool = False


def split_record(text: str, delimiter: str) -> Split:
    r"""Return the fields of one record.

    A quote opens a field only at its start; elsewhere it is a sign like any other.

    Examples
    --------
    >>> split_record('1,"two\nlines","",12" screen', ",").fields
    ['1', 'two\nlines', '', '12" screen']
    >>> split_record('1,"a"b', ","), split_record('1,"a', ",")
    (Split(fields=None, open=False), Split(fields=None, open=True))
    """
    quoted, bare, unclosed = _field_patterns(delimiter)
    fields, at, end = [], 0, len(text)
    while True:
        match = quoted.match(text, at)
        if match:
            fields.append(match[1].replace('""', '"'))
        elif text[at:].lstrip(" ").startswith('"'):
            return Split(None, open=bool(unclosed.match(text, at)))
        else:
            match = bare.match(text, at)
            assert match is not None
            fields.append(match[0])
        at = match.end() + 1
        if match.end() >= end:
            return Split(fields)


def records_of(lines: pl.DataFrame, shape: Shape) -> Records:
    """Return the records of lines (``_row`` Int64, ``line`` String without line end).

    A line of nothing but blanks and delimiters is no record.
    """
    plain = lines.with_columns(line=_unwrapped_column()) if shape.wrapped else lines
    fits = plain["line"].str.contains(line_pattern(shape))
    blank = lines["line"].str.strip_chars(f" \t{shape.delimiter}") == ""
    odd = (~fits & ~blank).arg_true().to_list()
    if not odd:
        return Records(plain.filter(fits & ~blank), [], [])
    joined, bad, taken = _odd_ones(lines, fits, odd, shape)
    free = ~pl.int_range(lines.height, eager=True).is_in(pl.Series(sorted(taken)).implode())
    return Records(plain.filter(fits & ~blank & free), joined, bad)


def _unwrapped_column() -> pl.Expr:
    line = pl.col("line")
    whole = line.str.contains(r'^"(?:[^"]|"")*"[;,\t|]*$')
    inner = line.str.strip_chars_end(";,\t|").str.slice(1)
    inner = inner.str.head(-1).str.replace_all('""', '"', literal=True)
    return pl.when(whole).then(inner).otherwise(line)


def _odd_ones(
    lines: pl.DataFrame, fits: pl.Series, odd: list[int], shape: Shape
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str, str]], set[int]]:
    """Go through the lines that are no record by themselves; a record may span lines."""
    text, rows = lines["line"].to_list(), lines["_row"].to_list()
    joined: list[tuple[int, list[str]]] = []
    bad: list[tuple[int, str, str]] = []
    taken = set(odd)
    free_from = 0
    for index in odd:
        if index < free_from:
            continue
        fields, last = _spanning(text, index, shape)
        if fields is None or len(fields) != shape.width:
            bad.append((rows[index], text[index], _why(text[index], shape)))
            continue
        if _looks_like_rows(fits, index, last, shape):
            bad += _block(text, rows, index, last)
        else:
            joined.append((rows[index], fields))
        taken.update(range(index, last + 1))
        free_from = last + 1
    return joined, bad, taken


def _spanning(text: list[str], index: int, shape: Shape) -> tuple[list[str] | None, int]:
    """Return the fields of the record that starts at a line, and its last line."""
    record = text[index]
    last = index
    end = min(len(text), index + LONGEST_RECORD)
    while True:
        split = split_line(record, shape)
        if not split.open:
            return split.fields, last
        last += 1
        while last < end and '"' not in text[last]:
            record += "\n" + text[last]
            last += 1
        if last >= end:
            return None, index
        record += "\n" + text[last]


def split_line(record: str, shape: Shape) -> Split:
    """Return the fields of one record, taken out of its wrapping quotes where rows have them."""
    if not shape.wrapped:
        return split_record(record, shape.delimiter)
    inner = unwrapped(record)
    if inner is None and record.startswith('"'):
        outer = split_record(record, "\0")
        return Split(None, open=outer.open)
    return split_record(record if inner is None else inner, shape.delimiter)


def _looks_like_rows(fits: pl.Series, index: int, last: int, shape: Shape) -> bool:
    """Say whether most lines inside a quoted field look like rows of their own.

    Of narrow files three such lines are asked for: a line of an address may hold two commas.
    """
    length = last - index - 1
    enough = 1 if shape.width >= WIDE else 3
    if shape.width < 3 or length < enough:
        return False
    return int(fits.slice(index + 1, length).sum()) * 2 > length


def _block(text: list[str], rows: list[int], index: int, last: int) -> list[tuple[int, str, str]]:
    reason = f"a quote opened in line {rows[index]} closes only in line {rows[last]}"
    return [(rows[i], text[i], reason) for i in range(index, last + 1) if text[i].strip() != ""]


def _why(line: str, shape: Shape) -> str:
    fields = split_line(line, shape).fields
    if fields is None:
        return "quotes that do not fit"
    return f"{len(fields)} fields where {shape.width} are expected"
