"""``spm report`` and ``spm backtest``: what is handed to the rooms, and one real run."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import spm_lib
from spm_lib.reports import RunResult
from spm_lib.reports.run_record import Item

SPM = str(Path(sys.executable).parent / "spm")


@pytest.fixture
def handed(monkeypatch) -> dict:
    """What the command hands to ``run_reports``, which is not run."""
    seen: dict = {}

    def run(names, **options):
        progress = options.pop("progress")
        progress(names[0], 1, 2)
        progress(names[0], 2, 2)
        seen.update(options, names=names)
        items = tuple(Item(name, "en", "all", name, status="done") for name in names)
        return RunResult(Path("reports/x/index.html"), items)

    monkeypatch.setattr("spm_lib.reports.run_reports", run)
    return seen


def test_options_reach_the_run(spm, made_company, handed) -> None:
    workspace = made_company / "spm.toml"
    told = spm.ok(
        "report", "funnel", "my.ipynb", "--language", "he", "--as-of", "2026-06-30",
        "-p", "months=6", "--parameter", "title=a=b", "--resume", "--workspace", workspace,
        "--scope", "rep:R1", "--format", "pdf,xlsx",
    )  # fmt: skip
    assert told == "Open reports/x/index.html\n"
    assert handed == {
        "names": ["funnel", "my.ipynb"],
        "workspace": workspace,
        "language": "he",
        "as_of": date(2026, 6, 30),
        "parameters": {"months": "6", "title": "a=b"},
        "scopes": ["rep:R1"],
        "each": None,
        "formats": ["pdf", "xlsx"],
        "output": Path("reports"),
        "force": False,
    }


def test_force_and_each_reach_the_run(spm, made_company, handed) -> None:
    spm.ok("report", "funnel", "--force", "--each", "rep", "-w", made_company / "spm.toml")
    assert (handed["force"], handed["each"], handed["scopes"]) == (True, "rep", [])
    assert handed["language"] is None
    assert handed["as_of"] is None


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["-p", "months"], "KEY=VALUE"),
        (["-p", "months=1", "-p", "months=2"], "once"),
        (["--format", "html,docx"], "'docx'"),
        (["--resume", "--force"], "Give one of them"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(spm, made_company, handed, extra, says) -> None:
    line = ["report", "funnel", "--workspace", made_company / "spm.toml", *extra]
    assert says in spm.refused(*line)
    assert handed == {}


def test_a_report_that_fails_is_an_error_and_the_others_are_shown(
    spm, made_company, monkeypatch
) -> None:
    good = Item("funnel", "en", "all", "funnel", status="done")
    bad = Item("reps", "en", "all", "reps", status="failed", error="It stopped in cell 3.")
    result = RunResult(Path("reports/x/index.html"), (good, bad))
    monkeypatch.setattr("spm_lib.reports.run_reports", lambda *_, **__: result)
    ended = spm("report", "funnel", "reps", "--workspace", made_company / "spm.toml")
    assert ended.exit_code == 1
    assert "Open reports/x/index.html" in ended.stdout
    assert "It stopped in cell 3." in ended.stderr


@pytest.mark.slow
def test_an_unknown_parameter_is_refused_before_a_kernel_starts(made_company, tmp_path) -> None:
    line = [SPM, "report", "funnel", "-p", "mnths=6", "-w", str(made_company / "spm.toml")]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "mnths" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_real_run_writes_the_page_and_its_figures(made_company, tmp_path) -> None:
    line = [SPM, "report", "funnel", "--language", "he", "-w", str(made_company / "spm.toml")]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    index = tmp_path / done.stdout.strip().removeprefix("Open ")
    assert index.name == "index.html"
    folder = index.parent / "funnel" / "all" / "he"
    assert {p.name for p in folder.iterdir()} >= {"report.html", "figures.json", "manifest.json"}
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert {"won.count", "win_rate.closed.count"} <= {figure["metric"] for figure in figures}


def test_the_backtest_is_that_of_the_room(spm, made_company) -> None:
    from spm_lib.forecast import backtest

    line = ["backtest", "--origins", "3", "--workspace", made_company / "spm.toml"]
    expected = backtest(spm_lib.open(made_company / "spm.toml"), origins=3)
    assert json.loads(spm.ok(*line, "--format", "json")) == json.loads(
        json.dumps(expected.to_dicts(), default=str)
    )
    rows = list(csv.DictReader(io.StringIO(spm.ok(*line, "--format", "csv"))))
    assert [row["method"] for row in rows] == expected["method"].to_list()
    table = spm.ok(*line)
    assert all(method in table for method in expected["method"])
    assert "coverage80" in table


def test_the_dashboard_is_served_as_asked(spm, made_company, monkeypatch) -> None:
    seen: list = []
    monkeypatch.setattr("spm_lib.dashboards.serve", lambda *a, **k: seen.append((a, k)))
    workspace = made_company / "spm.toml"
    spm.ok("dashboard", "--workspace", workspace, "--language", "he", "--port", "0")
    assert seen == [
        ((workspace,), {"name": "what_if", "language": "he", "port": 0, "scope": "company"})
    ]
    assert "no such dashboard" not in spm.refused("dashboard", "--workspace", "no/spm.toml")
