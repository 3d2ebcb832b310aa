"""``spm pay``: from a plan file to a closed period, on the sample company."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spm_lib.cli import app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """Return a copy of the sample company with the plan of the docs."""
    goal = tmp_path / "sample"
    shutil.copytree(ROOT / "data" / "sample", goal, ignore=shutil.ignore_patterns("truth"))
    (goal / "plans").mkdir(exist_ok=True)
    page = (ROOT / "docs" / "pay.md").read_text("utf-8")
    plan = page.split("```toml\n", 1)[1].split("```", 1)[0]
    (goal / "plans" / "field-2026.toml").write_text(plan, encoding="utf-8")
    return goal


def said(client: Path, *words: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["pay", *words, "--workspace", str(client / "spm.toml")])
    assert done.exit_code == status, done.output
    return done.output


@pytest.mark.slow
def test_a_period_from_the_plan_to_its_close(client: Path) -> None:
    assert "Nothing found." in said(client, "lint", "field-2026")
    rows = json.loads(said(client, "calculate", "field-2026", "2026-08", "--format", "json"))
    assert len(rows) > 10
    assert "Kept version 1 of 2026-08" in said(client, "calculate", "field-2026", "2026-08")
    hebrew = said(client, "calculate", "field-2026", "2026-08", "--language", "he")
    assert "הושמו בצד מתוך תנועות: " in hebrew
    assert "(מחוץ לימי התוכנית, " in hebrew
    assert "נשמרה גרסה 1" in hebrew
    assert not re.search("[A-Za-z ]+ days|Set aside|Kept", hebrew.split("₪")[0])
    first = rows[0]
    told = said(client, "explain", "field-2026", "2026-08", first["rep_id"], "--format", "json")
    lines = [row for row in json.loads(told) if row["level"] == "line"]
    assert sum(round(float(row["amount"]) * 100) for row in lines) == round(
        float(first["amount"]) * 100
    )
    for step in ("reviewed", "approved", "closed"):
        command = ("close", "field-2026", "2026-08", "--to", step, "--by", "Dana")
        assert f"2026-08 is {step}" in said(client, *command)
    refused = CliRunner().invoke(
        app, ["pay", "calculate", "field-2026", "2026-08", "-w", str(client / "spm.toml")]
    )
    assert refused.exit_code == 1
    assert "The period 2026-08 is closed" in refused.output


@pytest.mark.slow
def test_a_dispute_from_its_file_to_the_adjustment(client: Path) -> None:
    page = (ROOT / "docs" / "pay.md").read_text("utf-8")
    claim = "[[disputes]]" + page.split("[[disputes]]", 1)[1].split("```", 1)[0]
    (client / "claims.toml").write_text(claim, encoding="utf-8")
    taken = ("field-2026", str(client / "claims.toml"), "--on", "2026-08-20")
    assert "D1: R01" in said(client, "dispute", "open", *taken)
    assert "late" in said(client, "dispute", "list", "field-2026", "--on", "2026-12-31")
    command = ("dispute", "answer", "field-2026", "D1", "--to", "accepted", "--by", "Dana")
    assert "dispute-D1" in said(client, *command, "--on", "2026-08-31")
    row = (client / "plans" / "field-2026.adjustments.csv").read_text("utf-8").splitlines()[1]
    assert row.startswith("dispute-D1,R01,2026-08-31,23.85,dispute,")
    told = said(client, "explain", "field-2026", "2026-08", "R01", "--format", "json")
    lines = [r for r in json.loads(told) if r["kind"] == "adjustment"]
    assert [(r["transaction_id"], r["amount"]) for r in lines] == [("OP-106063", "23.85")]
