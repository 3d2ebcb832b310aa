"""How the command ends: exit statuses, one paragraph, and nothing half-written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spm_lib.core import SpmError
from spm_lib.store import whole_folder, write_whole

pytestmark = pytest.mark.slow

SPM = str(Path(sys.executable).parent / "spm")


def test_help_is_quick_because_it_imports_no_room() -> None:
    code = (
        "import sys, spm_lib.cli; print([m for m in sys.modules if m.split('.')[0] in "
        "('polars', 'pandas', 'altair', 'numpy', 'papermill', 'pydantic')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_of_the_design_has_help(spm) -> None:
    names = ["init", "check", "metrics", "report", "dashboard", "simulate", "backtest", "snapshot"]
    listed = spm.ok("--help")
    for name in names:
        assert name in listed
        assert "Usage" in spm.ok(name, "--help")


def test_no_command_shows_help_and_is_no_success(spm) -> None:
    assert spm().exit_code == 2


def test_the_version_is_printed(spm) -> None:
    assert spm.ok("--version").startswith("spm 0.")


@pytest.mark.parametrize("line", [["metrcs"], ["metrics", "--frm", "2026"], ["init"]])
def test_a_line_that_is_no_command_is_refused(spm, line) -> None:
    result = spm(*line)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert re.fullmatch(r"Error: .+[.?] What to do: see `\S+( \w+)? --help`\.\n", result.stderr)
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["check", "metrics", "report", "backtest"])
@pytest.mark.parametrize("day", ["30/06/2026", "2026-6", "june", "2026-02-30"])
def test_a_day_that_is_none_is_refused_with_how_to_write_it(spm, command, day) -> None:
    line = {"metrics": ["metrics", "won.count"], "report": ["report", "funnel"]}
    result = spm(*line.get(command, [command]), "--as-of", day)
    assert result.exit_code == 2
    assert f"'{day}' is not a day. Write it as YYYY-MM-DD, such as 2026-06-30" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_folder_stands_for_the_workspace_file_in_it(spm, made_company) -> None:
    file = made_company / "spm.toml"
    for line in (["metrics", "won.count"], ["metrics", "open.count", "--format", "json"]):
        assert spm.ok(*line, "-w", made_company) == spm.ok(*line, "-w", file)
    assert "nothing" not in spm.ok("check", "--workspace", made_company)
    told = spm.refused("metrics", "won.count", "-w", made_company.parent / "spm.toml")
    assert f"What to do: Write `-w {made_company}`" in told
    told = spm.refused("metrics", "won.count", "-w", made_company / "truth")
    assert "There is no workspace file. Found: " in told
    assert "spm.toml" in told


def test_debug_shows_where_it_came_from_wherever_it_stands(spm) -> None:
    for line in (["--debug", "metrics", "no.such"], ["metrics", "no.such", "--debug"]):
        result = spm(*line)
        assert result.exit_code == 1
        assert "Traceback" in result.stderr
        assert "Error: There is no metric" in result.stderr


def test_a_fault_of_the_program_is_one_paragraph_too(spm, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("odd\nthing")

    monkeypatch.setattr("spm_lib.cli.metrics.open_client", fail)
    told = spm.refused("metrics", "won.count")
    assert "ZeroDivisionError: odd thing" in told
    assert "--debug" in told


def test_a_file_that_cannot_be_written_is_one_paragraph(spm, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/nowhere/x")

    monkeypatch.setattr("spm_lib.cli.metrics.open_client", fail)
    assert spm.refused("metrics", "won.count") == "Error: Permission denied: /nowhere/x.\n"


def test_an_interrupt_ends_with_130(spm, monkeypatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("spm_lib.cli.metrics.open_client", stop)
    result = spm("metrics", "won.count")
    assert result.exit_code == 130
    assert "Stopped" in result.stderr


def test_ctrl_c_leaves_nothing_half_written(tmp_path) -> None:
    home = tmp_path / "large"
    line = [SPM, "simulate", "tiny", "--opportunities", "3000000", "--folder", str(home)]
    child = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    deadline = time.monotonic() + 60
    while not list(tmp_path.rglob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.rglob("*.parquet")), "it was stopped while it wrote"
    os.kill(child.pid, signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Stopped" in told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_real_process_speaks_on_stderr_and_prints_on_stdout(tmp_path) -> None:
    done = subprocess.run([SPM, "check"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: There is no workspace file.")
    head = subprocess.run(
        f"{SPM} metrics --format csv | head -1", shell=True, capture_output=True, text=True
    )
    assert head.stdout.startswith("id,name,")
    assert "Traceback" not in head.stderr


def test_a_folder_appears_whole_or_not_at_all(tmp_path) -> None:
    goal = tmp_path / "made"
    with whole_folder(goal) as fresh:
        write_whole(fresh / "old.txt", "old")

    def fail() -> None:
        with whole_folder(goal) as fresh:
            write_whole(fresh / "new.txt", "new")
            raise SpmError("no")

    with pytest.raises(SpmError):
        fail()
    assert [p.name for p in goal.iterdir()] == ["old.txt"]
    with whole_folder(goal) as fresh:
        write_whole(fresh / "new.txt", "new")
    assert [p.name for p in goal.iterdir()] == ["new.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["made"]
