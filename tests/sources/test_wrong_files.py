"""Every broken file, named for its fault: what is read of it, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.core.errors import SourceError
from spm_lib.sources import read_raws
from spm_lib.sources.csv_file import read_csv_bytes
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.read import read_bytes
from spm_lib.workspace import RawSettings, settings_from_text

DATA = Path(__file__).parent / "data"
RAW = RawSettings(path="x")


def read(name: str) -> FileRows:
    return read_csv_bytes((DATA / f"wrong_{name}.csv").read_bytes(), file=name, settings=RAW)


def told(rows: FileRows) -> list[tuple[int, str]]:
    return list(zip(rows.quarantine["row"], rows.quarantine["reason"], strict=True))


def test_a_wrong_number_of_fields() -> None:
    rows = read("field_count")
    assert rows.frame["id"].to_list() == ["1", "4"]
    assert told(rows) == [
        (3, "2 fields where 3 are expected"),
        (4, "4 fields where 3 are expected"),
        (6, "1 fields where 3 are expected"),
    ]
    assert rows.quarantine["line"].to_list() == ["2,Bob", "3,Cy,7,8", "Total: 3 rows"]


def test_quotes_that_do_not_fit() -> None:
    rows = read("quotes")
    assert rows.frame["name"].to_list() == ['12" screen', 'Bo"b']
    assert told(rows) == [(2, "quotes that do not fit")]


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    rows = read("open_quote")
    assert rows.frame["id"].to_list() == ["2"]
    assert told(rows) == [(2, "quotes that do not fit")]


def test_a_quote_that_would_swallow_rows_sets_all_of_them_apart() -> None:
    rows = read("quote_swallows_rows")
    assert rows.frame["id"].to_list() == ["6"]
    assert rows.quarantine["row"].to_list() == [2, 3, 4, 5, 6]
    assert set(rows.quarantine["reason"]) == {"a quote opened in line 2 closes only in line 6"}


def test_bytes_of_another_encoding() -> None:
    rows = read("bytes")
    assert rows.frame["name"].to_list() == ["שלום", "עולם"]
    assert told(rows) == [(3, "bytes that are not utf-8")]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("header_quotes", "its quotes do not fit"),
        ("empty", "A file is empty"),
        ("web_page", "is a web page, whatever its name says"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(name: str, says: str) -> None:
    content = (DATA / f"wrong_{name}.csv").read_bytes()
    with pytest.raises(SourceError, match=says):
        read_bytes(content, file=name, settings=RAW)


def test_values_that_are_no_amounts_and_no_dates() -> None:
    settings = settings_from_text(
        'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "USD"\n'
        '[raw.x]\npath = "wrong_amounts.csv"\ndates = "day-first"\n'
        'types = { amount = "money", when = "date" }\n[tables.orders]\nfrom = "x"\n',
        path=DATA / "spm.toml",
    )
    raw = read_raws(settings)["x"]
    assert [str(v) for v in raw.frame["amount"]] == ["1234.5000", "-500.0000"]
    assert raw.quarantine.select("row", "column", "value", "reason").rows() == [
        (3, "amount", "1,23", "amount: not a money"),
        (4, "when", "31/02/2026", "when: not a date"),
        (6, "amount", "abc", "amount: not a money; when: not a date"),
    ]
    assert raw.rows_in == raw.frame.height + raw.quarantine.height == 5


def test_missing_files_are_all_named_at_once(tmp_path: Path) -> None:
    settings = settings_from_text(
        'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "USD"\n'
        '[tables.orders]\npath = "a.csv"\n[tables.reps]\npath = "b*.csv"\n',
        path=tmp_path / "spm.toml",
    )
    with pytest.raises(SourceError) as caught:
        read_raws(settings)
    assert "[raw.orders]" in str(caught.value)
    assert "b*.csv" in str(caught.value)
