"""The quarantine: written, mended by a person, read back; nothing lost on the way."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.sources import (
    RawFrame,
    quarantine_path,
    read_raws,
    with_quarantined,
    write_quarantine,
)
from spm_lib.workspace import settings_from_text
from tests.examples import examples

HEAD = 'version = 1\n[workspace]\nid = "a"\nname = "A"\ncurrency = "USD"\n'
RAW = '[raw.deals]\npath = "deals.csv"\n{more}\n[tables.opportunities]\nfrom = "deals"\n'
Rows = list[dict[str, str]]


def read(folder: Path, more: str = "") -> RawFrame:
    text = HEAD + RAW.format(more=more)
    return read_raws(settings_from_text(text, path=folder / "spm.toml"))["deals"]


def mend(path: Path, change: Callable[[Rows], None], *, delimiter: str = ",") -> None:
    """Change the file as somebody does in a spreadsheet, by the standard library."""
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    change(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode("utf-8-sig"))


def test_mended_rows_take_their_places(tmp_path: Path) -> None:
    source = "id;name;amount\n1;Ann;5\n2;Bob\n3;Cy;7;8;9\n4;Dan;9\n5;שרה\n"
    (tmp_path / "deals.csv").write_text(source, encoding="utf-8")
    raw = read(tmp_path)
    path = write_quarantine(raw, quarantine_path(tmp_path, "deals"))
    assert read(tmp_path).quarantine.rows() == raw.quarantine.rows()  # nobody has mended anything

    def change(rows: Rows) -> None:
        assert [row["_reason"] for row in rows][1] == "5 fields where 3 are expected"
        assert rows[1]["_more"] == "8;9"
        rows[0] |= {"amount": "6", "_reason": ""}
        rows[2] |= {"amount": "11", "_reason": " "}

    mend(path, change, delimiter=";")
    mended = read(tmp_path)
    assert mended.frame.select("id", "amount", "_row").rows() == [
        ("1", "5", 2), ("2", "6", 3), ("4", "9", 5), ("5", "11", 6),
    ]  # fmt: skip
    assert mended.quarantine["row"].to_list() == [4]
    assert mended.rows_in == raw.rows_in == 5
    write_quarantine(mended, path)
    assert read(tmp_path).frame.rows() == mended.frame.rows()  # writing again keeps the mending


def test_a_value_of_the_wrong_type_is_mended_in_its_row(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("id,amount\n1,5\n2,abc\n3,x\n", encoding="utf-8")
    types = 'types = { amount = "money" }'
    raw = read(tmp_path, types)
    path = write_quarantine(raw, quarantine_path(tmp_path, "deals"))
    mend(path, lambda rows: [r.update(amount="7", _reason="") for r in rows[:1]] and None)
    mended = read(tmp_path, types)
    assert mended.frame.select("id", pl.col("amount").cast(pl.Float64)).rows() == [
        ("1", 5.0), ("2", 7.0),
    ]  # fmt: skip
    assert mended.quarantine["row"].to_list() == [4]
    assert mended.rows_in == 3


def test_a_mended_row_whose_original_has_changed_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("id,amount\n1\n2,3\n", encoding="utf-8")
    path = write_quarantine(read(tmp_path), quarantine_path(tmp_path, "deals"))
    mend(path, lambda rows: rows[0].update(amount="7", _reason=""))
    (tmp_path / "deals.csv").write_text("id,amount\n9\n2,3\n", encoding="utf-8")
    again = read(tmp_path)
    assert again.frame["id"].to_list() == ["2"]
    assert again.quarantine["line"].to_list() == ["9"]
    assert "1 mended rows no longer fit" in again.notes[0]


def test_rows_that_others_find_faulty_go_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text('id,amount\n1,5\n2,"a,b"\n3,x\n', encoding="utf-8")
    faults = pl.DataFrame(
        {"_file": ["deals.csv"] * 2, "_row": [3, 99], "column": ["amount"] * 2, "reason": "odd"}
    )
    raw = with_quarantined(read(tmp_path), faults)
    assert raw.frame["id"].to_list() == ["1", "3"]
    assert raw.quarantine.select("row", "column", "reason", "line").rows() == [
        (3, "amount", "odd", '2,"a,b"')
    ]
    path = write_quarantine(raw, quarantine_path(tmp_path, "deals"))
    mend(path, lambda rows: rows[0].update(amount="6", _reason=""))
    assert read(tmp_path).frame["amount"].to_list() == ["5", "6", "x"]


def test_an_unpivoted_file_is_mended_in_its_own_columns(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("who,M1,M2\na,1,2\nb,3\n", encoding="utf-8")
    wide = 'unpivot = { columns = ["M1", "M2"], into = "m", value = "v" }'
    path = write_quarantine(read(tmp_path, wide), quarantine_path(tmp_path, "deals"))
    mend(path, lambda rows: rows[0].update(M2="4", _reason=""))
    assert read(tmp_path, wide).frame["v"].to_list() == ["1", "2", "3", "4"]


def test_some_other_file_in_its_place_is_passed_over_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("id,amount\n1,5\n", encoding="utf-8")
    path = quarantine_path(tmp_path, "deals")
    path.parent.mkdir()
    path.write_text("id,amount\n2,3\n", encoding="utf-8")
    raw = read(tmp_path)
    assert raw.frame.height == 1
    assert "is no quarantine file" in raw.notes[0]


cells = st.text(alphabet="ab1 ,;\"'ש", min_size=1, max_size=5)


@settings(max_examples=examples(15), deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=8))
def test_whatever_was_set_apart_comes_back_when_mended(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("mending")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["id", "b", "c"], *rows])
    (folder / "deals.csv").write_text(out.getvalue(), encoding="utf-8")
    raw = read(folder, 'delimiter = ","')
    path = write_quarantine(raw, quarantine_path(folder, "deals"))
    if raw.quarantine.is_empty():
        return
    mend(path, lambda found: [r.update(c="mended", _reason="") for r in found] and None)
    back = read(folder, 'delimiter = ","')
    assert back.quarantine.is_empty()
    assert back.rows_in == raw.rows_in == back.frame.height
    assert back.frame["_row"].to_list() == sorted([*raw.frame["_row"], *raw.quarantine["row"]])
    assert back.frame.filter(pl.col("c") == "mended").height == raw.quarantine.height
