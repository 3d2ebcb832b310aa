"""Two commands: letters out with their files, answers in, and the register knows who answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from spm_lib.cli.app import app
from spm_lib.store import ClientFolder
from spm_lib.team import LetterFiles

from .fill_in import filled_sheet
from .small_team import write_client

pytestmark = pytest.mark.slow  # whole reports


def spm(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output


def test_letters_go_out_and_answers_come_in(tmp_path: Path) -> None:
    client, out = write_client(tmp_path / "acme"), tmp_path / "out"
    common = ("-w", str(client), "--on", "2026-12-31")
    code, told = spm("team", "letters", *common, "-o", str(out), "--format", "html")
    assert code == 0, told
    assert "M1: no target, so no letter" in told
    assert "R1: version 1" in told
    folders = {rep: next(out.rglob(f"letter/rep-{rep}/en")) for rep in ("R1", "R2")}
    page = (folders["R1"] / "report.html").read_text(encoding="utf-8")
    assert "This is a draft" not in page
    assert LetterFiles(ClientFolder.of(client)).all_of("R1")[0].hash in page

    answers = tmp_path / "answers"
    answers.mkdir()
    blank = (folders["R1"] / "response.xlsx").read_bytes()
    typed = {"B10": 46388, "B11": "I do not accept", "B12": 2, "C13": "March is short",
             "B16": "territory", "C16": "Haifa"}  # fmt: skip
    (answers / "noa.xlsx").write_bytes(filled_sheet(blank, typed))
    (answers / "sam.toml").write_bytes((folders["R2"] / "response.toml").read_bytes())
    code, told = spm("team", "import", str(answers), *common)
    assert code == 1, "a blank file is refused"
    assert "noa.xlsx: taken, R1, version 1" in told
    assert "sam.toml, line 10: Decision: it is missing; fill it in" in told
    assert "1 taken, 1 refused" in told
    code, told = spm("team", "status", *common)
    assert code == 0, told
    assert "not accepted" in told
    assert "not answered" in told

    targets = client.parent / "targets.csv"
    targets.write_text(targets.read_text("utf-8").replace("100000", "110000"), encoding="utf-8")
    code, told = spm("team", "letters", *common, "-o", str(out), "--format", "html")
    assert code == 0, told
    assert "R1: version 2" in told
    assert "R2: version 1, as before" in told
    page = (folders["R1"] / "report.html").read_text(encoding="utf-8")
    assert "Target: ₪1,320,000, before ₪1,200,000." in page
    code, told = spm("team", "import", str(answers), *common)
    assert "noa.xlsx: version 2 was issued since, and needs a new answer" in told
    code, told = spm("team", "status", *common)
    assert "to be asked again" in told
