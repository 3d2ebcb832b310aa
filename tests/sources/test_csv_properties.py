"""Any messy file: nothing is lost, good rows are exactly what was written, bad ones are named."""

from __future__ import annotations

import csv
import io

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.sources.csv_file import read_csv_bytes
from spm_lib.workspace import RawSettings
from tests.examples import examples

WIDTH = 3
RAW = RawSettings(path="x.csv")
plain = st.text(alphabet="abc שלום.€0123456789'", max_size=6)
rich = st.text(alphabet='ab,;\t|"\nש 1', max_size=8)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
delimiters = st.sampled_from([",", ";", "\t", "|"])
any_sign = delimiters | st.just("¦")


def written(fields: list[str], delimiter: str) -> str:
    """Write a record by hand: every field in quotes."""
    return delimiter.join('"' + field.replace('"', '""') + '"' for field in fields)


def marked(text: str, encoding: str) -> bytes:
    body = text.encode(encoding)
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    return marks.get(encoding, b"") + body


@st.composite
def messy_files(
    draw: st.DrawFn, signs: st.SearchStrategy[str] = any_sign
) -> tuple[str, str, list[tuple[int, list[str]]], list[int]]:
    """Return a file's text, its delimiter, its good rows and the lines of its bad rows."""
    delimiter = draw(signs)
    lines = [delimiter.join(["id", "name", "note"])]
    good: list[tuple[int, list[str]]] = []
    bad: list[int] = []
    for _ in range(draw(st.integers(0, 12))):
        row = len("\n".join(lines).split("\n")) + 1
        kind = draw(st.sampled_from(["bare", "quoted", "short", "long", "torn", "inch", "blank"]))
        if kind == "bare":
            fields = ["1", draw(plain), draw(plain)]
            lines.append(delimiter.join(fields))
            good.append((row, fields))
        elif kind == "quoted":
            fields = [draw(rich) for _ in range(WIDTH)]
            lines.append(written(fields, delimiter))
            good.append((row, fields))
        elif kind == "inch":
            fields = [draw(plain), f'{draw(st.integers(1, 99))}" screen', "x"]
            lines.append(delimiter.join(fields))
            good.append((row, fields))
        elif kind == "blank":
            lines.append(draw(st.sampled_from(["", "  ", delimiter * 2])))
        else:
            bad.append(row)
            fields = ["x"] * {"short": 2, "long": 4, "torn": 3}[kind]
            fields[1] = '"a"b' if kind == "torn" else fields[1]
            lines.append(delimiter.join(fields))
    return "\n".join(lines) + "\n", delimiter, good, bad


@settings(max_examples=examples(50), deadline=None)
@given(messy_files(), encodings, st.sampled_from(["\n", "\r\n"]))
def test_good_rows_are_as_written_and_bad_ones_are_named(
    messy: tuple[str, str, list[tuple[int, list[str]]], list[int]],
    encoding: str,
    ending: str,
) -> None:
    text, delimiter, good, bad = messy
    raw = RAW.model_copy(update={"delimiter": delimiter})
    read = read_csv_bytes(marked(text.replace("\n", ending), encoding), file="x", settings=raw)
    assert [(row, *fields) for *fields, row in read.frame.rows()] == [
        (row, *(field or None for field in fields)) for row, fields in good
    ]
    assert read.quarantine["row"].to_list() == bad
    assert read.frame.height + read.quarantine.height == len(good) + len(bad)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.lists(rich, min_size=3, max_size=3), min_size=1, max_size=8), any_sign)
def test_a_regular_file_is_read_as_the_standard_library_reads_it(
    rows: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO()
    rows = [["1", *fields[1:]] for fields in rows]
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    raw = RawSettings(path="x", delimiter=delimiter)
    read = read_csv_bytes(out.getvalue().encode(), file="x", settings=raw)
    oracle = list(csv.reader(io.StringIO(out.getvalue()), delimiter=delimiter))[1:]
    assert read.frame.drop("_row").rows() == [tuple(f or None for f in row) for row in oracle]
    assert read.quarantine.is_empty()


@settings(max_examples=examples(70), deadline=None)
@given(st.text(alphabet='ab,"\n ', max_size=60))
def test_no_line_of_any_text_is_lost(body: str) -> None:
    text = "h1,h2\n" + body
    raw = RawSettings(path="x", delimiter=",")
    read = read_csv_bytes(text.encode(), file="x", settings=raw)
    starts = set(read.frame["_row"]) | set(read.quarantine["row"])
    assert len(starts) == read.frame.height + read.quarantine.height
    inside = sum((cell or "").count("\n") for row in read.frame.drop("_row").rows() for cell in row)
    filled = {n for n, line in enumerate(text.split("\n")[1:], start=2) if line.strip(" ,")}
    assert starts <= filled
    assert len(filled - starts) <= inside


@settings(max_examples=examples(24), deadline=None)
@given(messy_files(delimiters))
def test_rows_wrapped_whole_in_quotes_read_as_if_they_were_not(
    messy: tuple[str, str, list[tuple[int, list[str]]], list[int]],
) -> None:
    _, delimiter, good, _ = messy
    records = [
        ["id", "name", "note"],
        *(fields for _, fields in good if "\n" not in "".join(fields)),
    ]
    inner = [written(fields, delimiter) for fields in records]
    text = "\n".join(written([line], delimiter) for line in inner)
    raw = RawSettings(path="x", delimiter=delimiter)
    read = read_csv_bytes(text.encode(), file="x", settings=raw)
    assert read.dialect.wrapped
    assert read.frame.drop("_row").rows() == [tuple(f or None for f in r) for r in records[1:]]
    assert isinstance(read.frame.schema["id"], pl.String)
