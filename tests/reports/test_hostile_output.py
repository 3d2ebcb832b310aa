"""Figures of a hostile client as CSV and on the terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spm_lib.cli import app
from spm_lib.core.formulas import unguard

from .hostile import ATTACKS, OWN_COLUMN, write_hostile


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hostile(tmp_path_factory.mktemp("hostile"))


def spm(client: Path, *args: str) -> str:
    result = CliRunner().invoke(app, ["metrics", *args, "--workspace", str(client)])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("by", ["team", "lost_reason", "stage", OWN_COLUMN])
def test_no_cell_of_a_csv_is_a_formula_and_numbers_stay_numbers(client, by) -> None:
    rows = list(csv.reader(io.StringIO(spm(client, "lost.count", "--by", by, "--format", "csv"))))
    records = json.loads(spm(client, "lost.count", "--by", by, "--format", "json"))
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    value = rows[0].index("value")
    assert [row[value] for row in rows[1:]] == [record["value"] for record in records]
    names = [record["by"][by].replace("\x1b[31m", "") for record in records]  # typer drops it
    assert [unguard(row[0]) for row in rows[1:]] == names
    assert len(records) > 2


def test_names_cannot_command_a_terminal(client: Path) -> None:
    table = spm(client, "won.count", "--by", f"team,{OWN_COLUMN}")
    assert "nulbyte" in table
    assert not set(table) & set("\x00\x07\x1b\u202e")
    assert ATTACKS[3] in table
