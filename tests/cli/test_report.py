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
from spm_lib.core.errors import ReportError
from spm_lib.reports import Request, RunResult
from spm_lib.reports.runs.run_record import Item

SPM = str(Path(sys.executable).parent / "spm")


@pytest.fixture
def handed(monkeypatch) -> dict:
    """What the command hands to ``run_requests``, which is not run."""
    seen: dict = {}

    def run(requests, **options):
        progress = options.pop("progress")
        progress(requests[0].name, 1, 2)
        progress(requests[0].name, 2, 2)
        seen.update(options, requests=requests)
        items = tuple(Item(r.name, "en", "company", r.name, status="done") for r in requests)
        return RunResult(Path("reports/x/index.html"), items)

    monkeypatch.setattr("spm_lib.reports.run_requests", run)
    return seen


def test_options_reach_the_run(spm, made_company, handed) -> None:
    workspace = made_company / "spm.toml"
    told = spm.ok(
        "report", "funnel", "my.ipynb", "--language", "he", "--as-of", "2026-06-30",
        "-p", "months=6", "--parameter", "title=a=b", "--resume", "--workspace", workspace,
        "--engine", "duckdb", "--scope", "rep:R1", "--format", "pdf", "--format", "html, xlsx",
    )  # fmt: skip
    assert told == "Open reports/x/index.html\n"
    asked = {
        "languages": ("he",),
        "parameters": {"months": "6", "title": "a=b"},
        "scopes": ("rep:R1",),
        "formats": ("html", "pdf", "xlsx"),
    }
    assert handed == {
        "requests": [Request("funnel", **asked), Request("my.ipynb", **asked)],
        "workspace": workspace,
        "as_of": date(2026, 6, 30),
        "engine": "duckdb",
        "output": Path("reports"),
        "force": False,
    }


def test_force_and_each_reach_the_run(spm, made_company, handed) -> None:
    line = ("report", "funnel", "--force", "--each", "rep", "-w", made_company / "spm.toml")
    spm.ok(*line, "--scope", "company")
    assert handed["requests"] == [Request("funnel", each="rep", scopes=("company",))]
    assert (handed["force"], handed["as_of"]) == (True, None)


def test_a_pack_names_its_reports_itself(spm, made_company, handed, tmp_path) -> None:
    pack = tmp_path / "monthly.toml"
    pack.write_text(
        'recipients = "recipients.csv"\n[[reports]]\nname = "funnel"\neach = "rep"\n'
        'languages = ["he", "en"]\nformats = ["pdf"]\nparameters = { months = 6 }\n',
        "utf-8",
    )
    line = ["report", "--pack", pack, "-w", made_company / "spm.toml"]
    spm.ok(*line)
    (request,) = handed["requests"]
    assert request == Request(
        "funnel", each="rep", languages=("he", "en"), formats=("html", "pdf"),
        parameters={"months": 6},
    )  # fmt: skip
    assert "Leave out the names" in spm.refused(*line, "reps")
    pack.write_text('[[reports]]\nnme = "x"\nlanguages = ["fr"]\n[mial]\n', "utf-8")
    ended = spm(*line)
    assert ended.exit_code == 1
    told = ended.stderr
    assert "mial: there is no such key. Did you mean 'mail'?" in told
    assert "[[reports]] 1 nme: there is no such key. Did you mean 'name'?" in told
    assert "[[reports]] 1 name: it is missing" in told


def test_many_clients_are_run_one_by_one_with_one_summary(
    spm, made_company, tmp_path, monkeypatch
) -> None:
    def run(requests, *, workspace, output, **_options):
        if workspace.parent.name == "bad":
            raise ReportError("Its data cannot be read.")
        item = Item("funnel", "en", "company", "funnel", status="done")
        return RunResult(output / workspace.parent.name / "index.html", (item,))

    monkeypatch.setattr("spm_lib.reports.run_requests", run)
    clients = []
    for name in ("good", "bad", "<b>שלום"):
        (tmp_path / name).mkdir()
        clients += ["-w", tmp_path / name / "spm.toml"]
        (tmp_path / name / "spm.toml").write_text("", "utf-8")
    ended = spm("report", "funnel", *clients, "--output", tmp_path / "out")
    assert ended.exit_code == 1
    assert "1 of 3 clients have reports missing" in ended.stderr
    assert "Its data cannot be read." in ended.stderr
    page = (tmp_path / "out" / "clients.html").read_text(encoding="utf-8")
    assert 'href="good/index.html"' in page
    assert "&lt;b&gt;" in page
    told = json.loads((tmp_path / "out" / "clients.json").read_text(encoding="utf-8"))
    assert [one["reports"] for one in told["clients"]] == [1, 0, 1]


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["-p", "months"], "KEY=VALUE"),
        (["-p", "months=1", "-p", "months=2"], "once"),
        (["--format", "html,docx"], "'docx'"),
        (["--resume", "--force"], "Give one of them"),
        (["--each", "rep", "--scope", "company", "--scope", "rep:R1"], "--scope rep:R1"),
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
    monkeypatch.setattr("spm_lib.reports.run_requests", lambda *_, **__: result)
    ended = spm("report", "funnel", "reps", "--workspace", made_company / "spm.toml")
    assert ended.exit_code == 1
    assert "Open reports/x/index.html" in ended.stdout
    assert "It stopped in cell 3." in ended.stderr


def test_an_unknown_parameter_is_refused_before_a_kernel_starts(
    spm, made_company, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = spm.refused("report", "funnel", "-p", "mnths=6", "-w", made_company / "spm.toml")
    assert "mnths" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_real_run_writes_the_page_and_its_figures(made_company, tmp_path) -> None:
    """On the engine asked for, which its figures do not show, but its manifest tells."""
    line = [SPM, "report", "funnel", "--language", "he", "-w", str(made_company / "spm.toml")]
    line += ["--engine", "duckdb"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    index = tmp_path / done.stdout.strip().removeprefix("Open ")
    assert index.name == "index.html"
    folder = index.parent / "funnel" / "all" / "he"
    assert {p.name for p in folder.iterdir()} >= {"report.html", "figures.json", "manifest.json"}
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert {"won.count", "win_rate.closed.count"} <= {figure["metric"] for figure in figures}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["engine"] == "duckdb"


@pytest.mark.slow
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
        (
            (workspace,),
            {"name": "", "language": "he", "host": "127.0.0.1", "port": 0, "scope": "company"},
        )
    ]
    assert "no such dashboard" not in spm.refused("dashboard", "--workspace", "no/spm.toml")
