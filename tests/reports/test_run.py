"""Running reports: whole files, honest failures, refusals before a kernel starts."""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from spm_lib.core.errors import ParameterError, ReportError
from spm_lib.reports import find_notebook, report_names, run_report, run_reports
from spm_lib.reports.runs import pool

from .page_reader import read

OWN = """workspace: str = "spm.toml"  # the client
title: str = "Ours"  # words to print
times: int = 1  # how often [1..5]"""


def manifest_of(folder) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def no_kernel(*args: object, **kwargs: object) -> None:
    raise AssertionError("a kernel was started")


def test_a_wrong_parameter_is_refused_before_a_kernel_starts(
    small_client, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(pool, "make_job", no_kernel)
    monkeypatch.setattr(pool, "started", no_kernel)
    wrong = (
        *({"month": 3}, {"months": 0}, {"months": "many"}, {"language": "fr"}),
        *({"as_of": "yesterday"}, {"as_of": "2026-06-31"}, {"workspace": "/nope"}, {"scope": "x"}),
    )
    for given in wrong:
        with pytest.raises(ParameterError):
            run_reports(["funnel"], workspace=small_client, parameters=given, output=tmp_path)
    assert not list(tmp_path.iterdir()), "nothing was written"


def test_an_unknown_report_names_the_nearest() -> None:
    assert {"funnel", "forecast", "reps"} <= set(report_names())
    with pytest.raises(ReportError, match=r"Write 'funnel'"):
        find_notebook("funel")
    with pytest.raises(ReportError, match="no such notebook"):
        find_notebook("missing.ipynb")


def test_a_page_of_the_clients_own_comes_before_the_shelf(tmp_path) -> None:
    own = tmp_path / "notebooks" / "funnel.ipynb"
    own.parent.mkdir()
    own.write_text("{}", encoding="utf-8")
    assert find_notebook("funnel", client=tmp_path) == own.resolve()


@pytest.mark.slow
def test_a_run_writes_page_figures_manifest_and_index(small_client, tmp_path) -> None:
    seen: list[tuple[str, int, int]] = []
    result = run_reports(
        ["funnel", "reps"],
        workspace=small_client,
        language="he",
        parameters={"months": "6"},
        output=tmp_path,
        progress=lambda *step: seen.append(step),
    ).check()
    assert result.index == tmp_path / "small" / "2026-09-30" / "index.html"
    folder = result.index.parent / result.items[0].folder
    assert folder.parent == result.index.parent / "funnel" / "all"
    assert manifest_of(folder)["way"] == "in-process"
    assert folder.name.startswith("he-"), "parameters that differ from the defaults are in the name"
    names = {p.name for p in folder.iterdir()}
    assert names == {"report.html", "report.ipynb", "figures.json", "manifest.json"}
    assert 'dir="rtl"' in (folder / "report.html").read_text(encoding="utf-8")

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["inputs"].items():
        assert digest == hashlib.sha256((small_client.parent / name).read_bytes()).hexdigest()
    assert set(manifest["inputs"]) == {p.name for p in small_client.parent.glob("*.csv")}
    assert manifest["workspace"] == hashlib.sha256(small_client.read_bytes()).hexdigest()
    asked = {"months": 6, "as_of": "2026-09-30", "language": "he", "scope": "company"}
    assert manifest["parameters"] == asked
    assert set(manifest["timings"]) == {"kernel_start", "imports", "execution", "rendering"}
    assert all(seconds > 0 for seconds in manifest["timings"].values())
    deals = manifest["receipts"]["opportunities"]
    lines = (small_client.parent / "opportunities.csv").read_text(encoding="utf-8").splitlines()
    assert deals["read"] == deals["used"] + deals["set_aside"] == len(lines) - 1

    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert len(figures) == manifest["figures"] > 50
    won = next(f for f in figures if f["metric"] == "won.count")
    assert won["window"] == ["2026-04-01", "2026-10-01"]
    assert {"metric", "by", "value", "unit", "n", "low", "high", "level", "receipt"} < set(won)

    record = json.loads((result.index.parent / "run.json").read_text(encoding="utf-8"))
    assert [item["status"] for item in record["items"]] == ["done", "done"]
    links = {e.attributes["href"] for e in read(result.index.read_text(encoding="utf-8")).all("a")}
    assert all((result.index.parent / link).is_file() for link in links)
    assert len(links) == 8
    for name in ("funnel", "reps"):
        steps = [(done, total) for report, done, total in seen if report == name]
        assert steps == [(i + 1, len(steps)) for i in range(len(steps))]


@pytest.mark.slow
def test_a_run_leaves_what_is_there_and_makes_anew_what_changed(
    small_client, tmp_path, notebook
) -> None:
    path = notebook("mine", OWN, "print(title)")
    options = {"workspace": small_client, "output": tmp_path / "out"}
    run_reports([str(path)], **options).check()
    again = run_reports([str(path)], **options)
    assert again.skipped == ("mine",)
    assert again.items[0].status == "done"
    path.write_text(path.read_text(encoding="utf-8").replace("print(title)", "print(title, 2)"))
    assert run_reports([str(path)], **options).skipped == ()
    assert run_reports([str(path)], **options).skipped == ("mine",)
    page = again.index.parent / again.items[0].folder / "report.html"
    page.write_text("half a pa", encoding="utf-8")
    assert run_reports([str(path)], **options).skipped == (), "a file is not as it was written"
    assert run_reports([str(path)], force=True, **options).skipped == ()


@pytest.mark.slow
def test_an_analysts_own_notebook_becomes_a_report(small_client, tmp_path, notebook) -> None:
    path = notebook(
        "mine",
        OWN,
        "from spm_lib.reports import Page\npage = Page(workspace)",
        "page.show('win_rate.closed.count', by='rep_id')",
        "page.show('won.amount')",
        "print('a <b> printed', title)",
        "page.definitions()",
        markdown="# Our own question\n\nWhat *we* ask. <script>alert(1)</script>",
    )
    folder = run_report(
        str(path),
        workspace=small_client,
        output=tmp_path / "out",
        parameters={"title": "<i>Hi</i>"},
    )
    reader = read(folder.html.read_text(encoding="utf-8"))
    assert reader.all("h1")[0].text == "Our own question"
    body = reader.all("main")[0].text
    assert "a <b> printed <i>Hi</i>" in body
    assert "<script>alert(1)</script>" in body
    assert not reader.all("script", "i")
    assert reader.all("em")[0].text == "we"
    assert len(reader.all("table")) == 2
    figures = json.loads(folder.figures.read_text(encoding="utf-8"))
    assert {f["metric"] for f in figures} == {"win_rate.closed.count", "won.amount"}


@pytest.mark.slow
def test_a_failing_cell_is_named_and_no_page_is_left(small_client, tmp_path, notebook) -> None:
    good = notebook("mine", OWN, "print(title)")
    options = {"workspace": small_client, "output": tmp_path / "out"}
    folder = run_report(str(good), **options)
    assert folder.html.is_file()
    path = notebook(
        "mine",
        OWN,
        "print('before')",
        "\n# look\nspm_lib = __import__('spm_lib')\nspm_lib.open('no.toml')",
    )
    with pytest.raises(ReportError) as caught:
        run_report(str(path), **options)
    text = str(caught.value)
    assert "'mine' stopped in cell 4" in text, "the injected parameters count as a cell"
    assert "no.toml" in text
    assert "Traceback" not in text
    assert "\n" not in text
    left = {p.name for p in folder.path.iterdir()}
    assert left == {"report.ipynb"}, "the older page would belong to other data"
    kept = json.loads(folder.notebook.read_text(encoding="utf-8"))
    assert any("before" in str(cell.get("outputs")) for cell in kept["cells"])
    record = json.loads((folder.path.parents[2] / "run.json").read_text(encoding="utf-8"))
    assert record["items"][0]["status"] == "failed"
    index = (folder.path.parents[2] / "index.html").read_text(encoding="utf-8")
    assert "could not be made" in index


@pytest.mark.slow
def test_a_dead_kernel_does_not_stop_the_other_reports(small_client, tmp_path, notebook) -> None:
    dead = notebook("dead", OWN, "import os", "os._exit(9)")
    alive = notebook("alive", OWN, "print('well')")
    result = run_reports([str(dead), str(alive)], workspace=small_client, output=tmp_path / "out")
    assert [item.status for item in result.items] == ["failed", "done"]
    with pytest.raises(ReportError, match=r"'dead' could not be made: it ended itself"):
        result.check()


@pytest.mark.slow
def test_a_notebook_that_shows_nothing_is_no_report(small_client, tmp_path, notebook) -> None:
    with pytest.raises(ReportError, match="nothing to show"):
        run_report(str(notebook("mute", OWN)), workspace=small_client, output=tmp_path / "out")


@pytest.mark.slow
def test_a_day_given_as_a_parameter_decides_the_folder_too(small_client, tmp_path) -> None:
    folder = run_report(
        "funnel", workspace=small_client, parameters={"as_of": "2026-06-30"}, output=tmp_path
    )
    assert folder.path.parents[2].name == "2026-06-30"
    assert manifest_of(folder.path)["as_of"] == "2026-06-30"
    figures = json.loads(folder.figures.read_text(encoding="utf-8"))
    assert {figure["as_of"] for figure in figures} == {"2026-06-30"}


@pytest.mark.slow
def test_two_clients_of_one_id_are_not_mixed(small_client, tmp_path, notebook) -> None:
    path = notebook("mine", OWN, "print(title)")
    other = tmp_path / "other"
    shutil.copytree(small_client.parent, other)
    run_report(str(path), workspace=small_client, output=tmp_path / "out")
    with pytest.raises(ReportError, match="reports of another workspace"):
        run_report(str(path), workspace=other / "spm.toml", output=tmp_path / "out")


@pytest.mark.slow
def test_runs_at_the_same_time_keep_each_other_s_reports(small_client, tmp_path, notebook) -> None:
    names = [str(notebook(f"n{i}", OWN, "print(title)")) for i in range(3)]
    options = {"workspace": small_client, "output": tmp_path / "out"}
    with ThreadPoolExecutor(3) as pool_:
        done = list(pool_.map(lambda name: run_reports([name], **options), names))
    record = json.loads((done[0].index.parent / "run.json").read_text(encoding="utf-8"))
    assert [item["report"] for item in record["items"]] == ["n0", "n1", "n2"]
    assert {item["status"] for item in record["items"]} == {"done"}
