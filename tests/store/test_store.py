"""Files are whole or absent, fingerprints are stable, and the layout is that of the design."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spm_lib.core import WorkspaceError
from spm_lib.store import (
    ClientFolder,
    RunFolder,
    frame_hash,
    prune,
    sha256_file,
    sha256_json,
    used,
    write_json,
    write_whole,
)
from spm_lib.store.names import safe_name


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch, step: str) -> None:
    goal = write_whole(tmp_path / "a.txt", "old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(goal, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert goal.read_text() == "old"


def test_a_reader_never_sees_half_a_file(tmp_path) -> None:
    goal, texts = tmp_path / "a.txt", ["a" * 200_000, "b" * 300_000]
    write_whole(goal, texts[0])
    writers = [
        threading.Thread(target=lambda t=t: [write_whole(goal, t) for _ in range(25)])
        for t in texts
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert goal.read_text() in texts
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
def test_a_killed_writer_leaves_a_whole_file(tmp_path) -> None:
    goal = write_whole(tmp_path / "a.txt", "0" * 10)
    code = (
        "import sys\nfrom spm_lib.store import write_whole\n"
        "while True:\n  write_whole(sys.argv[1], 'x' * 5_000_000)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(goal)])
    deadline = time.monotonic() + 30
    while goal.stat().st_size == 10 and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert set(goal.read_text()) == {"x"}
    assert goal.stat().st_size == 5_000_000


def test_what_is_written_is_readable_by_others_and_keeps_its_mode(tmp_path) -> None:
    goal = write_whole(tmp_path / "deep" / "a.txt", b"\x00\xff")
    assert goal.read_bytes() == b"\x00\xff"
    assert goal.stat().st_mode & 0o777 == 0o644
    goal.chmod(0o600)
    assert write_whole(goal, "x").stat().st_mode & 0o777 == 0o600


def test_json_is_readable_and_strict(tmp_path) -> None:
    goal = write_json(tmp_path / "a.json", {"name": "נועה", "b": 1})
    assert goal.read_text(encoding="utf-8") == '{\n"name": "נועה",\n"b": 1\n}\n'
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(goal, {"b": float("nan")})
    assert "נועה" in goal.read_text(encoding="utf-8")


def test_a_files_fingerprint_is_that_of_its_bytes(tmp_path) -> None:
    goal = write_whole(tmp_path / "a", os.urandom(3_000_000))
    assert sha256_file(goal) == hashlib.sha256(goal.read_bytes()).hexdigest()


FRAME = pl.DataFrame({"a": [1, None], "b": ["x", ""], "c": [date(2026, 1, 1), None]})


@pytest.mark.parametrize(
    "other",
    [
        FRAME.reverse(),
        FRAME.select("b", "a", "c"),
        FRAME.rename({"a": "A"}),
        FRAME.cast({"a": pl.Int32}),
        FRAME.with_columns(pl.col("b").replace("", None)),
        FRAME.with_columns(pl.col("b").replace("", "\\N")),
        FRAME.head(1),
    ],
)
def test_any_difference_changes_a_frames_fingerprint(other: pl.DataFrame) -> None:
    assert frame_hash(other) != frame_hash(FRAME)


def test_a_frames_fingerprint_is_the_same_everywhere() -> None:
    assert frame_hash(FRAME) == frame_hash(pl.concat([FRAME.head(1), FRAME.tail(1)]))
    pinned = "42c04c6ebdec6997805d1133be868692acde723be9d2fb95cd7ff83926ffdcb2"
    assert frame_hash(FRAME) == pinned, "the fingerprint of frames changed: caches are void"


def test_the_layout_of_reports() -> None:
    run = RunFolder(Path("reports"), "acme", date(2026, 9, 30))
    assert run.index.as_posix() == "reports/acme/2026-09-30/index.html"
    assert run.run.as_posix() == "reports/acme/2026-09-30/run.json"
    report = run.report("funnel", language="he", scope="R17")
    assert report.html.as_posix() == "reports/acme/2026-09-30/funnel/R17/he/report.html"
    names = {p.name for p in (report.notebook, report.figures, report.manifest)}
    assert names == {"report.ipynb", "figures.json", "manifest.json"}
    assert report.file("pdf").name == "report.pdf"


def test_parameters_and_scopes_never_share_a_folder() -> None:
    run = RunFolder(Path("reports"), "acme", date(2026, 9, 30))
    scopes = ["all", None, "a/b", "a-b", "..", "a:b", "A"]
    paths = {run.report("funnel", language="en", scope=scope).path for scope in scopes}
    assert len(paths) == len(scopes)
    assert all(run.path in path.parents and ".." not in path.parts for path in paths)
    six = run.report("funnel", language="en", parameters={"months": 6, "a": 1})
    assert six == run.report("funnel", language="en", parameters={"a": 1, "months": 6})
    assert six != run.report("funnel", language="en", parameters={"months": 7, "a": 1})
    assert run.report("funnel", language="en", parameters={}).path.name == "en"


@given(text=st.text(max_size=120))
def test_a_safe_name_is_one_name_and_stays_the_same(text: str) -> None:
    name = safe_name(text)
    assert name not in ("", ".", "..")
    assert Path(name).name == name
    assert len(name) <= 80
    assert safe_name(name) == name


def test_the_layout_of_a_client() -> None:
    folder = ClientFolder.of("clients/acme/spm.toml")
    at = folder.root
    assert at == Path("clients/acme")
    assert folder.workspace == at / "spm.toml"
    assert folder.brand == at / "brand.toml"
    assert folder.own_metrics == at / "notebooks" / "metrics.py"
    assert folder.team_database == at / "team.db"
    assert folder.pay_run("base", "2026-Q1", 2) == at / "pay" / "base" / "2026-Q1" / "v2"
    assert folder.scenario("יעד 2027") == at / "scenarios" / "יעד 2027.toml"
    assert (folder.exports.name, folder.quarantine.name) == ("exports", "quarantine")
    assert folder.plans == at / "plans"


@pytest.mark.parametrize("name", ["../x", "a/b", "", "..", ".hidden", "a\\b", "a\x00b"])
def test_a_name_cannot_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(WorkspaceError, match="name of a file"):
        ClientFolder(Path("x")).scenario(name)


def test_a_cache_is_keyed_by_what_it_holds() -> None:
    folder = ClientFolder(Path("x"))
    key = {"file": "abc", "as_of": "2026-09-30"}
    assert folder.cached("raw", key, ".parquet") == folder.cached("raw", {**key}, ".parquet")
    assert folder.cached("raw", {**key, "as_of": "2026-10-01"}, "") != folder.cached("raw", key, "")
    assert sha256_json(key)[:32] in folder.cached("raw", key, ".parquet").name


def test_only_whole_snapshots_are_listed(tmp_path) -> None:
    folder = ClientFolder(tmp_path)
    write_whole(folder.snapshot(date(2026, 9, 30)) / "manifest.json", "{}")
    write_whole(folder.snapshot(date(2026, 8, 31)) / "manifest.json", "{}")
    write_whole(folder.snapshot(date(2026, 10, 31)) / "opportunities.parquet", "")
    assert folder.snapshot_days() == [date(2026, 8, 31), date(2026, 9, 30)]


def test_a_cache_loses_what_nobody_used_and_nothing_else(tmp_path) -> None:
    for name, days in (("old", 9), ("new", 1), ("old but used", 9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "view.json").write_text("{}")
        os.utime(tmp_path / name, (time.time() - days * 86_400,) * 2)
    used(tmp_path / "old but used")
    used(tmp_path / "not there")
    assert prune(tmp_path, unused_days=7) == 1
    assert {p.name for p in tmp_path.iterdir()} == {"new", "old but used"}


def test_scopes_that_differ_in_capitals_may_have_folders_that_differ_in_more() -> None:
    run = RunFolder(Path("reports"), "c", date(2026, 9, 30))
    folders = [
        run.report("funnel", language="en", scope=s, alike=True) for s in ("rep-aB", "rep-ab")
    ]
    names = {f.path.as_posix().casefold() for f in folders}
    assert len(names) == 2
