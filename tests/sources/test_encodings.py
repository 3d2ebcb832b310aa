"""Bytes become the text that was written, whatever the encoding, delimiter and line ends."""

from __future__ import annotations

import itertools

import pytest

from spm_lib.sources.csv_file import read_csv_bytes
from spm_lib.sources.encodings import decode
from spm_lib.workspace import RawSettings

ROWS = [("מזהה", "שם", "סכום"), ("1", "דנה כהן", "1234.5"), ("2", "Ann", "7"), ("3", "רון", "")]
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff", "utf-32-be": b"\0\0\xfe\xff"}
CASES = list(
    itertools.product(
        [
            "utf-8",
            "utf-8-sig",
            "utf-16",
            "utf-16-le",
            "utf-16-be",
            "utf-32",
            "utf-32-be",
            "windows-1255",
        ],
        [",", ";", "\t", "|"],
        ["\n", "\r\n", "\r"],
    )
)


@pytest.mark.parametrize(("encoding", "delimiter", "ending"), CASES)
def test_a_hebrew_file_of_any_make(encoding: str, delimiter: str, ending: str) -> None:
    text = ending.join(delimiter.join(row) for row in ROWS) + ending
    content = MARKS.get(encoding, b"") + text.encode(encoding)
    rows = read_csv_bytes(content, file="x", settings=RawSettings(path="x"))
    assert rows.frame.columns == [*ROWS[0], "_row"]
    assert rows.frame.rows() == [
        ("1", "דנה כהן", "1234.5", 2), ("2", "Ann", "7", 3), ("3", "רון", None, 4),
    ]  # fmt: skip
    assert rows.dialect.delimiter == delimiter


def test_a_mark_wins_over_nothing_and_a_declared_encoding_over_a_guess() -> None:
    assert decode("é".encode("windows-1252")).encoding == "windows-1252"
    assert decode("é".encode("windows-1252"), encoding="windows-1255").encoding == "windows-1255"
    assert decode("a,b".encode("utf-16-be")).text == "a,b"
    assert decode(b"\xff\xfea\x00", encoding="utf-16").text == "a"
    for wide in ("utf-16", "utf-32"):
        assert decode("שלום,1".encode(wide), encoding=wide).text == "שלום,1"
        assert decode("שלום,1".encode(f"{wide}-le"), encoding=wide).text == "שלום,1"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["a,b\n1,2\n", "שם,סכום\n😀,1\n", "\t\n\t\n\t\n\t\nab"])
def test_wide_letters_are_told_apart_without_a_mark(encoding, text) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_skip_names_sep_line_and_repeated_headers() -> None:
    preamble = b"Report of June\n\nsep=;\nid;id;\n1;2;x\n"
    rows = read_csv_bytes(preamble, file="x", settings=RawSettings(path="x", skip=2))
    assert rows.frame.columns == ["id", "id_2", "column_3", "_row"]
    assert rows.frame.rows() == [("1", "2", "x", 5)]
    bare = RawSettings(path="x", header=False, names=("a", "b"))
    assert read_csv_bytes(b"1,2\n3,4\n", file="x", settings=bare).frame["b"].to_list() == ["2", "4"]
    renamed = RawSettings(path="x", names=("a", "b"))
    assert read_csv_bytes(b"1,2\n3,4\n", file="x", settings=renamed).frame.rows() == [("3", "4", 2)]
