"""Who gets which files: exactly those of its scopes, named for people, the same bytes each time."""

from __future__ import annotations

import io
import itertools
import json
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core import DeliveryError
from spm_lib.delivery import (
    Grant,
    Recipient,
    RunItem,
    bundle_for,
    load_delivery_pack,
    newest_run,
    plan_delivery,
    read_run,
    write_bundles,
    zip_bytes,
)
from spm_lib.store import safe_name, sha256_file
from tests.examples import examples

from .run_on_disk import AS_OF, canary, row, write_item, write_pack, write_run

SCOPES = ("company", "rep:r7", "rep:r8", "manager:m1", "team:North", "Segment=SMB")
DAY = date.fromisoformat(AS_OF)


@pytest.fixture
def run(tmp_path: Path):
    """Two reports in two languages for every scope."""
    folder = tmp_path / "reports" / "acme" / AS_OF
    combinations = itertools.product(SCOPES, ("funnel", "reps"), ("he", "en"))
    items = [write_item(folder, s, report=r, language=lang) for s, r, lang in combinations]
    return read_run(write_run(folder, items))


def marks(texts) -> set[str]:
    return {mark for text in texts for mark in re.findall(r"CANARY<[^>]*>", text)}


def test_each_scope_gets_its_own_canaries_and_no_other(run, tmp_path) -> None:
    for scope in SCOPES:
        recipient = Recipient("noa@example.com", "he", (Grant(scope),))
        kinds = ("html", "pdf", "xlsx", "notebook", "manifest", "figures")
        bundle = bundle_for(recipient, run.items, as_of=run.as_of, kinds=kinds)
        assert len(bundle.parts) == 12
        content = bundle.read()
        assert marks(c.decode() for c in content.files.values()) == {
            canary(scope, "funnel"),
            canary(scope, "reps"),
        }
        with zipfile.ZipFile(io.BytesIO(zip_bytes(content.files))) as archive:
            assert marks(archive.read(name).decode() for name in archive.namelist()) == {
                canary(scope, "funnel"),
                canary(scope, "reps"),
            }


def test_pages_only_unless_asked_and_names_for_people(run) -> None:
    noa = Recipient("noa@example.com", "he", (Grant("rep:r7", ("funnel",)),))
    names = [part.name for part in bundle_for(noa, run.items, as_of=run.as_of).parts]
    assert names == [f"funnel נועה-כהן {AS_OF}.{suffix}" for suffix in ("html", "pdf", "xlsx")]
    dan = Recipient("dan@example.com", "en", (Grant("rep:r8"), Grant("Segment=SMB")))
    asked = bundle_for(dan, run.items, as_of=run.as_of, kinds=("pdf", "notebook"))
    assert [part.name for part in asked.parts] == [
        f"funnel Dan-Levi {AS_OF} notebook.ipynb",
        f"funnel Dan-Levi {AS_OF}.pdf",
        f"funnel Segment-SMB {AS_OF} notebook.ipynb",
        f"funnel Segment-SMB {AS_OF}.pdf",
        f"reps Dan-Levi {AS_OF} notebook.ipynb",
        f"reps Dan-Levi {AS_OF}.pdf",
        f"reps Segment-SMB {AS_OF} notebook.ipynb",
        f"reps Segment-SMB {AS_OF}.pdf",
    ]


def test_two_people_of_one_name_have_two_files(tmp_path) -> None:
    items = [
        RunItem("funnel", "en", scope, tmp_path / scope[-2:] / "en", ("report.pdf",), who="Noa C.")
        for scope in ("rep:r7", "rep:r8")
    ]
    boss = Recipient("boss@example.com", "en", (Grant("rep:r7"), Grant("rep:r8")))
    names = [part.name for part in bundle_for(boss, items, as_of=DAY).parts]
    assert len({name.casefold() for name in names}) == 2
    assert all(name.startswith("funnel Noa-C") and name.endswith(".pdf") for name in names)


@settings(max_examples=examples(20))
@given(st.text(min_size=1, max_size=200))
def test_hostile_names_stay_one_file_name(who: str) -> None:
    item = RunItem("funnel", "en", "rep:r7", Path("x/en"), ("report.pdf",), who=who)
    noa = Recipient("noa@example.com", "en", (Grant("rep:r7"),))
    [part] = bundle_for(noa, [item], as_of=DAY).parts
    assert safe_name(part.name) == part.name
    assert part.name.endswith(f"{AS_OF}.pdf")
    assert part.name.startswith("funnel ")
    assert len(part.name.encode()) < 255


def test_a_recipient_without_a_report_is_told_by_name(run) -> None:
    for grants, told in (
        ((Grant("rep:r9", place="row 3"),), "row 3 gives any report for rep:r9 in he"),
        ((Grant("rep:r7"), Grant("rep:r7", ("forecast",))), "forecast for rep:r7"),
    ):
        with pytest.raises(DeliveryError, match="noa@example") as caught:
            bundle_for(Recipient("noa@example.com", "he", grants), run.items, as_of=DAY)
        assert told in str(caught.value)
    recipient = Recipient("noa@example.com", "he", (Grant("rep:r7"),))
    with pytest.raises(DeliveryError, match="none of: pptx"):
        bundle_for(recipient, run.items, as_of=DAY, kinds=("pptx",))


def test_half_a_pack_is_not_handed_over(run) -> None:
    items = [
        replace(i, status="failed") if (i.report, i.scope) == ("reps", "rep:r7") else i
        for i in run.items
    ]
    recipient = Recipient("noa@example.com", "he", (Grant("rep:r7"),))
    with pytest.raises(DeliveryError, match="reps for rep:r7 in he is failed"):
        bundle_for(recipient, items, as_of=DAY)


def test_zip_bytes_depend_on_content_only(run, tmp_path) -> None:
    pack = load_delivery_pack(
        write_pack(
            tmp_path / "p.toml", row("rep:r7", "noa@example.com") + row("company", "b@x.org")
        )
    )
    plan = plan_delivery(run, pack, by_mail=False)
    first = write_bundles(plan.bundles, out=tmp_path / "a", form="zip")
    for file in run.folder.rglob("report.*"):
        file.touch()
    second = write_bundles(plan.bundles[::-1], out=tmp_path / "b", form="zip")
    assert [p.name for p in first] == ["b at x.org he.zip", "noa at example.com he.zip"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second[::-1]]
    with zipfile.ZipFile(first[1]) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())
        assert f"funnel נועה-כהן {AS_OF}.pdf" in archive.namelist()


def test_folders_hold_what_the_zip_holds_and_nothing_left_over(run, tmp_path) -> None:
    pack = load_delivery_pack(write_pack(tmp_path / "p.toml", row("rep:r8", "dan@example.com")))
    plan = plan_delivery(run, pack, by_mail=False)
    [zipped] = write_bundles(plan.bundles, out=tmp_path / "a", form="zip")
    stale = tmp_path / "a" / "dan at example.com he" / "of another day.pdf"
    stale.parent.mkdir()
    stale.touch()
    [folder] = write_bundles(plan.bundles, out=tmp_path / "a", form="folder")
    with zipfile.ZipFile(zipped) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == inside


def test_addresses_that_look_alike_have_places_of_their_own(run, tmp_path) -> None:
    text = row("rep:r7", "a/b@example.com") + row("rep:r8", "a-b@example.com")
    plan = plan_delivery(
        run, load_delivery_pack(write_pack(tmp_path / "p.toml", text)), by_mail=False
    )
    paths = write_bundles(plan.bundles, out=tmp_path / "out", form="folder")
    assert len({p.name.casefold() for p in paths}) == 2
    for path, scope in zip(paths, ("rep:r8", "rep:r7"), strict=True):
        assert {m.split("/")[0] for m in marks(p.read_text() for p in path.iterdir())} == {
            f"CANARY<{scope}"
        }


def test_the_newest_day_is_taken(run, tmp_path) -> None:
    older = write_run(run.folder.parent / "2026-08-31", [])
    assert newest_run(run.folder.parent) == run.folder
    assert newest_run(older) == older
    with pytest.raises(DeliveryError, match="no run"):
        newest_run(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"folder": "../2026-08-31/funnel"}, "outside of the run"),
        ({"folder": "/etc"}, "outside of the run"),
        ({"files": ["../../company/he/report.pdf"]}, "outside of its folder"),
        ({"files": ["/etc/passwd"]}, "outside of its folder"),
        ({"files": ["link.pdf"]}, "outside of its folder"),
        ({"files": ["gone.pdf"]}, "missing"),
        ({"folder": "funnel/company/he"}, "its manifest says funnel for company in he"),
        ({"language": "fr"}, "no such language"),
        ({"scope": "everybody"}, "no scope"),
    ],
)
def test_a_record_that_leads_elsewhere_is_refused(tmp_path, change, told) -> None:
    folder = tmp_path / AS_OF
    items = [write_item(folder, scope) for scope in ("company", "rep:r7")]
    link = folder / "funnel" / "rep-r7" / "he" / "link.pdf"
    link.symlink_to(folder / "funnel" / "company" / "he" / "report.pdf")
    items[1] |= change
    with pytest.raises(DeliveryError, match=told):
        read_run(write_run(folder, items))


def test_a_file_that_changed_since_it_was_made_goes_to_nobody(tmp_path) -> None:
    folder = tmp_path / AS_OF
    item = write_item(folder, "rep:r7")
    place = folder / item["folder"]
    made = {name: sha256_file(place / name) for name in ("report.html", "report.pdf")}
    manifest = {"scope": "rep:r7", "report": "funnel", "language": "he", "files": made}
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert read_run(write_run(folder, [item])).items
    (place / "report.pdf").write_text(canary("company"), encoding="utf-8")
    with pytest.raises(DeliveryError, match=r"report\.pdf is not as it was made"):
        read_run(folder)


def test_a_folder_that_stands_for_another_is_refused(tmp_path) -> None:
    folder = tmp_path / AS_OF
    items = [write_item(folder, scope) for scope in ("company", "rep:r7")]
    place = folder / items[1]["folder"]
    shutil.rmtree(place)
    place.symlink_to(folder / items[0]["folder"])
    with pytest.raises(DeliveryError, match="its manifest says funnel for company"):
        read_run(write_run(folder, items))
    (folder / items[0]["folder"] / "manifest.json").unlink()
    items[1]["files"].remove("manifest.json")
    with pytest.raises(DeliveryError, match="it has no manifest"):
        read_run(write_run(folder, items[1:]))


def test_the_record_of_the_reports_room_is_read(tmp_path) -> None:
    """What ``spm report`` writes today: no files, no who, and ``all`` for the whole company."""
    from spm_lib.reports.runs.run_record import Item, RunRecord
    from spm_lib.store import RunFolder

    folder = RunFolder(tmp_path, "acme", DAY)
    made = write_item(folder.path, "company")
    record = RunRecord(folder, about={"workspace": "acme", "name": "Acme", "as_of": AS_OF})
    record.put(Item("funnel", "he", "company", made["folder"], status="done", title="Funnel"))
    [item] = read_run(folder.path).items
    assert item.scope == "company"
    assert {"report.html", "report.pdf", "report.ipynb"} <= set(item.files)
    text = json.loads(folder.run.read_text(encoding="utf-8"))
    text["items"][0]["scope"] = "all"
    folder.run.write_text(json.dumps(text), encoding="utf-8")
    assert read_run(folder.path).items == (item,)
