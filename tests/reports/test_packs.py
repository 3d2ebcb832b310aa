"""Packs: one report for each person, in every format, with nothing of anybody else's."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest

from spm_lib.reports import run_requests
from spm_lib.reports.runs.leaks import Secretive, leaks_in
from spm_lib.reports.runs.planning import Plan, Request
from spm_lib.reports.runs.pool import started
from spm_lib.reports.runs.run import _Run
from spm_lib.reports.runs.shelf import find_notebook
from spm_lib.reports.runs.verify import verify

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
REPS = ("RA01", "RB02", "RC03")
NAMES = ("Alma Orange", "ברק שחור", "Cyrus Violet")
AMOUNT = {"RA01": 7_110_001, "RB02": 7_220_002, "RC03": 7_330_003}
FORMATS = ("html", "pdf", "xlsx", "pptx")
SHIPPED = sorted(p.stem for p in (ROOT / "notebooks" / "reports").glob("*.ipynb"))
BY_FORK = "print('kernels.server' in open(f'/proc/{__import__(\"os\").getppid()}/cmdline').read())"
OF_PEOPLE = ("letter", "one_on_one", "rep", "statement")  # reports that are of one person
FILE = """version = 1
[workspace]
id = "canaries"
name = "Canary Ltd"
currency = "ILS"
language = "he"
as_of = "2026-09-30"
[stages]
open = ["Lead", "Offer"]
won = ["Won"]
lost = ["Lost"]
"""


def tables() -> dict[str, list[dict]]:
    """Every deal of a person carries an amount, a customer and an id that nobody else has."""
    rng = random.Random(3)
    deals, acts = [], []
    for number in range(150):
        rep = REPS[number % 3]
        created = date(2025, 7, 1) + timedelta(rng.randrange(400))
        closed = created + timedelta(rng.randrange(5, 60))
        stage = rng.choice(["Won", "Lost", "Lead", "Offer"])
        over = stage in ("Won", "Lost") and closed <= date(2026, 9, 30)
        deals.append(
            {
                "opportunity_id": f"OP-{rep}-{number}",
                "rep_id": rep,
                "account_id": f"Customer of {rep}",
                "amount": AMOUNT[rep],
                "stage": stage if over else "Lead",
                "created_at": created,
                "closed_at": closed if over else None,
                "lost_reason": f"reason of {rep}" if stage == "Lost" and over else None,
            }
        )
        acts.append(
            {
                "activity_id": f"AC-{rep}-{number}",
                "rep_id": rep,
                "kind": rng.choice(["call", "meeting"]),
                "happened_at": created,
            }
        )
    people = [{"rep_id": r, "name": n} for r, n in zip(REPS, NAMES, strict=True)]
    teams = [
        {"rep_id": r, "team": f"team {i % 2}", "manager_id": "RM09", "valid_from": date(2020, 1, 1)}
        for i, r in enumerate(REPS)
    ]
    return {"opportunities": deals, "activities": acts, "reps": people, "memberships": teams}


@pytest.fixture(scope="module")
def canaries(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("canaries")
    text = FILE
    for name, rows in tables().items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
        columns = ", ".join(f'{c} = "{c}"' for c in rows[0])
        text += f'[tables.{name}]\npath = "{name}.csv"\ncolumns = {{ {columns} }}\n'
    (folder / "spm.toml").write_text(text, "utf-8")
    return folder / "spm.toml"


def read_all(path: Path) -> str:
    """All the text of a file, whatever its format, with the digits of numbers run together."""
    if path.suffix == ".pdf":
        import pypdfium2

        with pypdfium2.PdfDocument(path) as document:
            text = "\n".join(page.get_textpage().get_text_range() for page in document)
    elif path.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(path) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
            text = "\n".join(part.decode("utf-8", "replace") for part in parts)
    else:
        text = path.read_text(encoding="utf-8")
    return text + re.sub(r"(?<=\d)[,.](?=\d)", "", text)


def marks(rep: str) -> list[str]:
    """What betrays a person: the id, the name, the customer, the reason, each deal, the amount."""
    name = NAMES[REPS.index(rep)]
    return [rep, name, name[::-1], f"Customer of {rep}", f"reason of {rep}", str(AMOUNT[rep])]


def test_nothing_of_others_is_in_any_file_of_a_report(canaries, tmp_path) -> None:
    request = Request("funnel", each="rep", languages=("he",), formats=FORMATS)
    result = run_requests([request], workspace=canaries, output=tmp_path).check()
    assert [item.scope for item in result.items] == [f"rep:{rep}" for rep in REPS]
    for item, rep in zip(result.items, REPS, strict=True):
        folder = result.index.parent / item.folder
        files = [path for path in folder.iterdir() if path.is_file()]
        assert {f"report.{kind}" for kind in FORMATS} < {path.name for path in files}
        own = "".join(read_all(path) for path in files)
        assert NAMES[REPS.index(rep)] in own
        assert str(AMOUNT[rep]) in own
        for other in set(REPS) - {rep}:
            for mark in marks(other):
                assert not [p.name for p in files if mark in read_all(p)], (rep, mark)


@pytest.fixture
def sly(canaries, notebook) -> Request:
    """A report that reads the rows of everybody."""
    path = notebook(
        "sly",
        'workspace: str = "spm.toml"  # the client\nscope: str = ""  # whose',
        f"import polars as pl\nprint(pl.read_csv({str(canaries.parent / 'reps.csv')!r}))",
    )
    return Request(str(path), scopes=("rep:RA01",))


def test_a_report_that_reads_past_its_view_is_withdrawn(canaries, tmp_path, sly) -> None:
    assert_withdrawn(run_requests([sly], workspace=canaries, output=tmp_path / "out"))


def test_a_report_that_nobody_lived_to_look_over_is_looked_over_by_the_next_run(
    canaries, tmp_path, sly, monkeypatch
) -> None:
    options = {"workspace": canaries, "output": tmp_path / "out"}
    with monkeypatch.context() as patched:
        patched.setattr(f"{_Run.__module__}.leaks_in", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_requests([sly], **options)
    assert list((tmp_path / "out").rglob("manifest.json")), "the report is whole, and not told of"
    again = run_requests([sly], **options)
    assert again.skipped == ()
    assert_withdrawn(again)


def test_the_next_run_tells_of_a_report_what_the_killed_one_would_have(
    canaries, tmp_path, notebook, monkeypatch
) -> None:
    path = notebook(
        "small", 'workspace: str = "spm.toml"  # the client', "print(1)", markdown="# דוח קטן"
    )
    request, run = Request(str(path), languages=("he",)), {"workspace": canaries}
    with monkeypatch.context() as patched:
        patched.setattr(f"{_Run.__module__}.check_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_requests([request], output=tmp_path / "killed", **run)
    again = run_requests([request], output=tmp_path / "killed", **run)
    (item,), (other,) = again.items, run_requests([request], output=tmp_path / "whole", **run).items
    assert again.skipped
    assert item.title == "דוח קטן"
    assert replace(item, seconds=None) == replace(other, seconds=None)


def interrupted(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def assert_withdrawn(result) -> None:
    (item,) = result.failed
    assert "names what its scope may not see" in item.error
    assert not [p for p in (result.index.parent / item.folder).iterdir() if p.is_file()]


def test_leaks_are_told_by_whole_words_only(tmp_path) -> None:
    page = tmp_path / "report.html"
    page.write_text("<b>OP-12</b> Dana Levin, OP-123x", "utf-8")
    hidden = Secretive(frozenset({"OP-1", "OP-123", "OP-12"}), ("Dana Levi", "Dana"))
    assert leaks_in([page], hidden) == ["report.html: OP-12", "report.html: Dana"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("Dan O'Brien", "(Dan O'Brien.)", True),
        ("Dan O'Brien", "Dan OBrien", False),
        ("Levi-Cohen, Noa", "by Levi-Cohen, Noa-", True),
        ("Noa Levi", "x.Noa Levi.Ltd", True),
        ("Noa Levi", "Noa, Levi", False),
        ("Noa Levi", "_Noa Levi", False),
        ("A_1 Ben", "-A_1 Ben-", True),
        ("נועה כהן", "של נועה כהן:", True),
    ],
)
def test_names_are_found_whatever_stands_beside_them(name, text, told, tmp_path) -> None:
    page = tmp_path / "figures.json"
    page.write_text(text, "utf-8")
    assert bool(leaks_in([page], Secretive(frozenset(), (name,)))) is told


def test_a_name_is_told_exactly_where_it_stands_as_a_word(tmp_path) -> None:
    """What is looked at first, to save time, never hides a name from the plain look."""
    rng, page = random.Random(7), tmp_path / "figures.json"
    pieces = ["Noa", "Levi", "ben", "נועה", "x", "3", " ", " ", ".", "-", "_", "'", ",", "<b>"]
    names = {"".join(rng.choices(pieces, k=rng.randint(2, 5))).strip() for _ in range(300)}
    names = tuple(sorted(name for name in names if len(name) > 3))
    told = 0
    for _ in range(60):
        text = "".join(rng.choices([*pieces, *rng.choices(names, k=4)], k=40))
        page.write_text(text, "utf-8")
        plain = [n for n in names if re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text)]
        found = leaks_in([page], Secretive(frozenset(), names))
        assert found == [f"figures.json: {name}" for name in plain]
        told += len(plain)
    assert told > 300


def test_what_a_view_holds_is_its_own_to_name(tmp_path) -> None:
    page = tmp_path / "figures.json"
    page.write_text("OP-1 OP-2", "utf-8")
    both = frozenset({"OP-1", "OP-2"})
    assert leaks_in([page], Secretive(both, (), frozenset({"OP-1"}))) == ["figures.json: OP-2"]


def test_what_only_looks_like_an_id_is_none(tmp_path) -> None:
    """The lines of a drawing and the addresses of cells are not people."""
    page, book = tmp_path / "report.html", tmp_path / "report.xlsx"
    page.write_text("<path d=\"M15,20L3\"/><i data-of='M16'>", "utf-8")
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("a.xml", '<c r="M15"><f>Sheet!$M$15</f><t>M17</t></c>')
    hidden = Secretive(frozenset({"M15", "M16", "M17"}), ())
    assert leaks_in([page, book], hidden) == ["report.html: M16", "report.xlsx: M17"]


def test_one_failure_does_not_stop_the_pack(canaries, tmp_path, notebook) -> None:
    path = notebook(
        "picky",
        'workspace: str = "spm.toml"  # the client\nscope: str = ""  # whose',
        "assert not scope.endswith('02'), 'not this one'",
        "print('well')",
    )
    result = run_requests(
        [Request(str(path), each="rep")], workspace=canaries, output=tmp_path / "out"
    )
    assert [item.status for item in result.items] == ["done", "failed", "done"]
    assert "not this one" in result.items[1].error


@pytest.mark.parametrize(
    "formats", [("html", "xlsx"), pytest.param(FORMATS, marks=pytest.mark.proof)]
)
def test_a_second_run_leaves_all_and_a_forced_one_gives_the_same_bytes(
    canaries, formats, tmp_path
) -> None:
    request = Request("funnel", scopes=("rep:RA01", "team:team 0"), formats=formats)
    options = {"workspace": canaries, "output": tmp_path}
    first = run_requests([request], **options).check()
    before = hashes(first)
    assert run_requests([request], **options).skipped == ("funnel rep:RA01", "funnel team:team 0")
    assert hashes(run_requests([request], force=True, **options).check()) == before


def hashes(result) -> dict[str, dict[str, str]]:
    return {
        item.folder: json.loads(
            (result.index.parent / item.folder / "manifest.json").read_text(encoding="utf-8")
        )["files"]
        for item in result.items
    }


@pytest.mark.proof
def test_after_kill_9_at_any_moment_resume_finishes_with_every_file_whole(
    canaries, tmp_path
) -> None:
    spm = Path(sys.executable).parent / "spm"
    line = [spm, "report", "funnel", "--each", "rep", "-w", canaries, "--output", tmp_path]
    rng = random.Random(11)
    for _ in range(3):
        process = subprocess.Popen([*line, "--format", "pdf"], stderr=subprocess.PIPE)
        time.sleep(rng.uniform(0.5, 9))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = subprocess.run(
        [*line, "--format", "pdf", "--resume"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = verify(tmp_path)
    assert len(found) == len(REPS)
    assert all(not one.broken for one in found)
    assert not list(tmp_path.rglob("*.tmp"))
    record = json.loads(next(tmp_path.rglob("run.json")).read_text(encoding="utf-8"))
    assert [item["status"] for item in record["items"]] == ["done"] * len(REPS)


@pytest.fixture(scope="module")
def pool():
    with started(many=False) as server:
        yield server


def outputs_of(book: dict) -> list[str]:
    """All outputs of all cells of the shipped notebook, as they are."""
    cells = [c for c in book["cells"] if "injected-parameters" not in c["metadata"].get("tags", ())]
    return [json.dumps(c.get("outputs", []), sort_keys=True) for c in cells]


def asked(name: str, folder: Path) -> Path:
    """Return a copy of a shipped notebook that tells at its end whether its kernel was forked."""
    book = nbformat.read(find_notebook(name), as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(BY_FORK, id="asked"))
    path = folder / f"{name}.ipynb"
    path.write_text(nbformat.writes(book), encoding="utf-8")
    return path


def test_a_report_of_a_pack_imports_nothing_more(canaries, tmp_path) -> None:
    """What reports need in any format the server has before it forks; of each once."""
    plan = Plan(canaries, as_of=None, output=tmp_path)
    drawing = {"vl_convert", "vl_convert.asyncio", "vl_convert.vl_convert"}  # begins threads
    with started(many=True, at_once=2) as server:
        calls = {}
        for name in ("funnel", "rep", "forecast"):
            request = Request(name, each="rep" if name in OF_PEOPLE else "", formats=FORMATS)
            job = plan.jobs(request, find_notebook(name))[0].job
            told = {"job": job.model_dump(mode="json"), "steps": str(tmp_path / name)}
            calls[name] = server.call("spm_lib.reports.runs.pool:make_job", told)
        for name, call in calls.items():
            outcome = call.wait()
            assert outcome.ok, outcome.fault
            assert outcome.forked, outcome.reason
            assert {*outcome.imported} <= drawing, name


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in ("funnel", "rep") else pytest.mark.proof) for n in SHIPPED],
)
def test_every_way_gives_the_same_outputs_of_every_report(canaries, pool, name, tmp_path) -> None:
    """An ordinary kernel, one by the provisioner, a process of its own: to the byte."""
    from papermill import execute_notebook

    request = Request(name, each="rep") if name in OF_PEOPLE else Request(name)
    planned = Plan(canaries, as_of=None, output=tmp_path).jobs(request, find_notebook(name))[0]
    job = {**planned.job.model_dump(mode="json"), "way": "in-process"}
    told = {"job": job, "steps": str(tmp_path / "steps")}
    outcome = pool.call("spm_lib.reports.runs.pool:make_job", told).wait()
    assert outcome.ok, outcome.fault
    assert outcome.forked, outcome.reason
    own = outputs_of(json.loads(planned.job.place.notebook.read_text(encoding="utf-8")))
    assert sum(map(len, own)) > 3_000
    for kernel in ("python3", "spm"):
        made = execute_notebook(
            str(asked(name, tmp_path)),
            None,
            parameters=planned.job.parameters,
            kernel_name=kernel,
            progress_bar=False,
            cwd=str(find_notebook(name).parent),
        )
        forked = made.cells.pop().outputs[0].text
        assert forked == f"{kernel == 'spm'}\n"
        assert outputs_of(made) == own, kernel
