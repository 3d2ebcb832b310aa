"""What a server keeps of its data for visitors: the same page, nobody else's rows, never old."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event
from time import sleep
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import SpmError
from spm_lib.dashboards import StudioPage, WhatIfPage, what_if_page
from spm_lib.dashboards import kept_view as kept_room
from spm_lib.dashboards.address import Visits
from spm_lib.dashboards.kept_view import VIEW, KeptView, remove_at_once
from spm_lib.dashboards.serve import NOTEBOOKS
from spm_lib.dashboards.studio import page as page_room
from spm_lib.dashboards.told import SCOPE, WORKSPACE
from spm_lib.model import open_company
from spm_lib.plans import propose, save_target_scenario
from spm_lib.targets.odds import odds as odds_room
from spm_lib.targets.odds.kept_arrays import read_arrays, write_arrays

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(tmp_path, sample_workspace):
    """A copy of the sample company, whose files may be changed."""
    shutil.copytree(sample_workspace.parent, tmp_path / "sample")
    return tmp_path / "sample" / "spm.toml"


@pytest.fixture
def page(workspace, monkeypatch):
    """Make the page of a scope, from a view or without one."""

    def make(scope: str, view: KeptView | None, **asked: str) -> WhatIfPage:
        monkeypatch.setenv(WORKSPACE, str(workspace))
        monkeypatch.setenv(SCOPE, scope)
        monkeypatch.setenv(VIEW, str(view.file or "") if view else "")
        return WhatIfPage(**asked)

    return make


def shown(page: WhatIfPage) -> list[object]:
    """Return all that a page shows: words, numbers, charts and their rows, one by one."""
    parts: list[object] = [page.odds.spec, page.odds.rows, page.path.spec, page.path.rows]
    waiting = [page.box]
    while waiting:
        widget = waiting.pop()
        parts.append(getattr(widget, "value", None))
        waiting += getattr(widget, "children", ())
    for slider in page.sliders:
        page._open(slider)
        parts.append(page.rows.value)
    return parts


@pytest.mark.parametrize("scope", ["company", "team:Enterprise"])
def test_a_page_of_a_view_is_the_page_of_the_workspace(workspace, page, scope) -> None:
    with closing(KeptView(workspace, scope=scope)) as view:
        kept, own = page(scope, view, language="en"), page(scope, None, language="en")
        assert kept.company.book.tables is not own.company.book.tables
        assert shown(kept) == shown(own)
        for step, slider in enumerate(kept.sliders):
            slider.slider.value += step + 3
            own.sliders[step].slider.value += step + 3
        assert shown(kept) == shown(own)


@pytest.mark.parametrize("scope", ["company", "team:Enterprise"])
def test_a_studio_of_a_view_is_the_studio_of_the_workspace(workspace, monkeypatch, scope) -> None:
    """What the server learned and drew before anybody came is what a page would find by itself."""
    moved = {"win_rate": 1.2, "attrition": 0.1, "cycle": 1.5}

    def studio(view: KeptView | None) -> list[object]:
        told = {WORKSPACE: str(workspace), SCOPE: scope, VIEW: str(view.file) if view else ""}
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        page, sent = StudioPage(language="he"), []
        page.view.send = lambda told, **_: sent.append(told)  # type: ignore
        for settled in (True, False):
            asked = {"values": moved, "edits": [], "settled": settled, "moves": 1, "seq": 1}
            page.heard({"ask": asked})
        return [page.view.specs, page.view.levers, page.view.people, *sent]

    alone = studio(None)
    with closing(KeptView(workspace, scope=scope, language="he", studio=True)) as view:
        for room, name in ((odds_room, "draw_luck"), (page_room, "charts_of")):
            again = getattr(room, name)
            monkeypatch.setattr(room, name, partial(_but_for_more, again))
        assert studio(view) == alone


def test_a_studio_begins_with_the_charts_of_its_own_scenario(workspace, monkeypatch) -> None:
    """A half year has other months on its axis than the year that was drawn ahead."""
    year = propose(open_company(workspace), name="Half")
    half = {"start": date(2026, 10, 1), "end": date(2027, 4, 1), "target": year.basis.target // 2}
    save_target_scenario(workspace, year.changed(basis=half))

    def specs(view: KeptView | None, plan: str, code: str) -> dict[str, object]:
        told = {WORKSPACE: str(workspace), SCOPE: "company", VIEW: str(view.file) if view else ""}
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        return StudioPage(language=code, plan=plan).view.specs

    pages = [("Half", "en"), ("Half", "he"), ("", "he"), ("", "en")]
    alone = [specs(None, *page) for page in pages]
    with closing(KeptView(workspace, scope="company", language="en", studio=True)) as view:
        assert [specs(view, *page) for page in pages] == alone


def _but_for_more(make, *asked, **told):
    """Make what is not kept: luck beyond the first scenarios."""
    assert told.get("block"), "made again"
    return make(*asked, **told)


def test_what_is_removed_is_gone_before_its_files_go(tmp_path, monkeypatch) -> None:
    """A page that reads arrays there must not find some of them."""
    folder, found = tmp_path / "kept", []
    usual = kept_room.rmtree

    def removed(path: Path) -> None:
        found.append((path.parent, read_arrays(folder)))
        usual(path)

    monkeypatch.setattr(kept_room, "rmtree", removed)
    write_arrays({"days": np.arange(3), "amount": np.arange(3)}, folder)
    remove_at_once(folder)
    remove_at_once(folder)
    assert found == [(tmp_path, None)]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("studio", [False, True])
def test_a_server_that_ends_while_a_view_is_written_leaves_nothing(
    workspace, monkeypatch, studio
) -> None:
    begun, learned = Event(), []
    with closing(KeptView(workspace, scope="company", studio=False)) as view:
        view.studio = studio

        def slow(_company, kept, _code) -> None:
            begun.set()
            sleep(0.3)
            write_arrays({"days": np.arange(3)}, kept.learned)

        monkeypatch.setattr(kept_room, "play_ahead", slow)
        monkeypatch.setattr(kept_room, "learn_ahead", lambda *asked: learned.append(asked))
        os.utime(workspace.parent / "reps.csv", ns=(1, 1))
        assert view.file is None
        assert begun.wait(60)
        view.close()
        view.settled()
        assert not Path(view._place.name).exists()
        assert not learned


def test_the_view_of_a_team_holds_no_other_team(workspace) -> None:
    whole = open_company(workspace)
    team = open_company(workspace, scope="team:Enterprise")
    others = whole.table("reps").join(team.table("reps"), on="rep_id", how="anti")
    assert others.height > 10
    with closing(KeptView(workspace, scope="team:Enterprise")) as view:
        assert view.file
        folder = view.file.parents[1]
        written = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
        assert all(name.encode() in written for name in team.table("reps")["name"])
        assert not [name for name in others["name"] if name.encode() in written]
        place = folder.parent
        assert place.stat().st_mode & 0o077 == 0
        with pytest.raises(SpmError, match="cannot be widened"):
            open_company(view.file, scope="company")
    assert not place.exists()


def test_a_page_never_shows_what_is_no_longer_so(workspace, page, monkeypatch) -> None:
    """Half of the deals leave the export while the dashboard is served."""
    deals = workspace.parent / "opportunities.csv"
    with closing(KeptView(workspace, scope="company")) as view:
        before = page("company", view).base.won
        kept = pl.read_csv(deals, infer_schema=False)
        kept.gather_every(2).write_csv(deals)
        assert view.file is None
        changed = page("company", view).base.won
        assert changed < before * 0.7
        assert view.settled().file is not None
        assert page("company", view).base.won == changed
        for _ in range(2):
            deals.touch()
            assert view.file is None
            last = view.settled().file
        assert last
        places = sorted(p.name for p in last.parents[2].iterdir())
        assert len(places) == 2, "views that no page begins with any longer are removed"
        workspace.write_text("version = 1\n")
        assert view.file is None
        assert view.settled().file is None
        monkeypatch.setenv(VIEW, "")
        said = what_if_page()
        assert isinstance(said, widgets.HTML)
        assert "workspace" in said.value


def test_another_day_is_read_from_the_workspace(workspace, page) -> None:
    with closing(KeptView(workspace, scope="company")) as view:
        earlier = page("company", view, as_of="2026-03-31")
        assert earlier.company.as_of.isoformat() == "2026-03-31"
        assert shown(earlier) == shown(page("company", None, as_of="2026-03-31"))


def test_what_a_database_holds_is_asked_anew(workspace) -> None:
    import sqlite3

    text = workspace.read_text(encoding="utf-8")
    with sqlite3.connect(workspace.parent / "crm.db") as crm:
        crm.execute("create table notes (id text)")
        crm.execute("insert into notes values ('a')")
    crm.close()
    asked = '[connections.crm]\nurl = "sqlite:///crm.db"\n[raw.notes]\nconnection = "crm"\n'
    workspace.write_text(f'{text}\n{asked}query = "select * from notes"\n', encoding="utf-8")
    with closing(KeptView(workspace, scope="company")) as view:
        assert view.file is None


def test_a_visit_tells_its_kernel_where_the_rows_are(workspace, monkeypatch) -> None:
    import json

    monkeypatch.setenv(VIEW, "of somebody else")
    book = json.loads((NOTEBOOKS / "what_if.ipynb").read_text(encoding="utf-8"))
    handler = SimpleNamespace(request=SimpleNamespace(query=""))
    with closing(KeptView(workspace, scope="company")) as view:
        visits = Visits(
            NOTEBOOKS / "what_if.ipynb", workspace, "en", "company", "What if", view=view
        )
        visits.prepare(handler, notebook=book, cwd="")
        assert os.environ[VIEW] == str(view.file)
        (workspace.parent / "opportunities.csv").touch()
        book = json.loads((NOTEBOOKS / "what_if.ipynb").read_text(encoding="utf-8"))
        visits.prepare(handler, notebook=book, cwd="")
        assert os.environ[VIEW] == ""
        view.settled()


def test_a_forked_page_imports_nothing_more_and_is_quick(workspace, monkeypatch) -> None:
    """The fork server has all that a page needs; what is left to do is told by the CPU it takes."""
    from jupyter_client.manager import start_new_kernel

    from spm_lib.kernels import offer_kernel

    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    monkeypatch.setenv(WORKSPACE, str(workspace))
    code = """
import resource, sys, spm_lib, spm_lib.kernels.child as c
page = spm_lib.dashboards.what_if_page()
used = resource.getrusage(resource.RUSAGE_SELF)
print(round(used.ru_utime + used.ru_stime, 2), *({*sys.modules} - c.imported_before))
"""
    told: list[str] = []
    with closing(KeptView(workspace, scope="company")) as view:
        monkeypatch.setenv(VIEW, str(view.file))
        manager, client = start_new_kernel(kernel_name=offer_kernel(), startup_timeout=60)
        try:
            client.execute_interactive(
                code, output_hook=lambda m: told.append(m["content"].get("text", "")), timeout=60
            )
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    spent, *more = "".join(told).split()
    print(f"a page takes {spent} s of CPU")
    assert more == []
    assert float(spent) < 1.2  # alone it takes 0.4; importing would take 1.5 more
