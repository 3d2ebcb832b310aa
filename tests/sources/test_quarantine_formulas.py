"""A quarantine opened in a spreadsheet computes nothing, and is read back byte for byte."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from spm_lib.sources import quarantine_path, read_raws, write_quarantine
from spm_lib.workspace import settings_from_text

FILE = """version = 1
[workspace]
id = "a"
name = "A"
currency = "USD"
[raw.deals]
path = "=deals.csv"
[tables.opportunities]
from = "deals"
"""
CELLS = ["=1+1", "+cmd|' /C x'!A0", "-2+3", "@SUM(1)", "'=1", "''@x", "-5", "+1", "-", "x;=1", "ok"]


def read(folder: Path):
    return read_raws(settings_from_text(FILE, path=folder / "spm.toml"))["deals"]


def test_cells_are_guarded_in_the_file_and_whole_when_read_back(tmp_path: Path) -> None:
    source = io.StringIO()
    writer = csv.writer(source)
    writer.writerow(["id", "=name", "amount"])
    writer.writerows([[str(i), cell] for i, cell in enumerate(CELLS)])  # a field is missing
    writer.writerow(["99", "=good", "7"])
    (tmp_path / "=deals.csv").write_text(source.getvalue(), encoding="utf-8")
    raw = read(tmp_path)
    assert raw.quarantine.height == len(CELLS)
    path = write_quarantine(raw, quarantine_path(tmp_path, "deals"))

    text = path.read_text(encoding="utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    for cell in (cell for row in table for cell in row):
        plain_number = cell.lstrip("+-").replace(".", "").isdigit() or set(cell) == {"-"}
        assert not cell.startswith(("=", "+", "-", "@")) or plain_number, cell
    assert [row[1] for row in table[1:]][:4] == ["'" + cell for cell in CELLS[:4]]

    reason = table[0].index("_reason")
    for row in table[1:]:
        row[2], row[reason] = "5", ""
    out = io.StringIO()
    csv.writer(out).writerows(table)
    path.write_text(out.getvalue(), encoding="utf-8-sig")
    for _ in range(2):  # mended rows are kept when the file is written anew
        frame = read(tmp_path).frame
        assert frame["=name"].to_list() == [*CELLS, "=good"]
        assert frame.filter(pl.col("id") == "0").select("amount", "_file").rows()[0][1] == (
            "=deals.csv"
        )
        write_quarantine(raw, path)
