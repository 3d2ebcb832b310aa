"""Open deals that ask for attention and bands of attainment, recounted from the rows themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from spm_lib.core.calendar import Window
from spm_lib.model import Company, metric_id, open_company
from spm_lib.reports import ManagerPage
from spm_lib.reports.pages.manager_ids import BANDS
from spm_lib.reports.pages.open_deals import FLAGS
from spm_lib.reps import peers_of

from .seven_people import AS_OF, REPS, STAGES, make_tables, target_of, write_seven

pytestmark = pytest.mark.slow
HELD = {*(f"open.{flag}.{of}" for flag in FLAGS for of in ("count", "amount"))}
HELD.add("people.attainment_band.count")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_seven(tmp_path_factory.mktemp("flags"))


@pytest.fixture(scope="module")
def company(path: Path) -> Company:
    return open_company(path)


def flags_of(row: dict, events: list[dict], usual: float | None) -> set[str]:
    """Say by hand what an open deal asks for; ``events`` in their order."""
    found = set()
    due, step = row["expected_close"], row["next_step"]
    months = [(e["expected_close"].year, e["expected_close"].month) for e in events]
    if any(later > earlier for earlier, later in pairwise(months)):
        found.add("pushed")
    if due < AS_OF:
        found.add("overdue")
    if step is None:
        found.add("no_step")
        if AS_OF < due <= AS_OF + timedelta(days=7):
            found.add("due_soon")
    if usual is not None and (AS_OF - events[-1]["entered_at"]).days > usual:
        found.add("ageing")
    return found


def recounted(company: Company, window: Window) -> dict[tuple[str, str], list[int]]:
    """Return the amounts of a person's open deals by flag."""
    tables, peers = make_tables(), peers_of(company, window=window)
    events = defaultdict(list)
    for event in tables["stage_events"]:
        events[event["opportunity_id"]].append(event)
    found = defaultdict(list)
    for row in tables["opportunities"]:
        if row["stage"] in STAGES:
            told = peers.of(row["rep_id"]).value("peers.stage.days", row["stage"])
            for flag in flags_of(row, events[row["opportunity_id"]], told.value if told else None):
                found[row["rep_id"], flag].append(row["amount"])
    return found


@pytest.mark.parametrize("flag", FLAGS)
def test_open_deals_that_ask_for_attention_by_a_loop(company: Company, flag: str) -> None:
    window = company.default_window()
    truth = recounted(company, window)
    assert flag in {f for _, f in truth}
    for of, add in (("count", len), ("amount", sum)):
        compute = metric_id(f"open.{flag}.{of}").compute
        assert compute is not None
        told = {f.by["rep_id"]: float(f.value or 0) for f in compute(company, "rep_id", window)}
        assert {rep: n for rep, n in told.items() if n} == {
            rep: add(amounts) for (rep, f), amounts in truth.items() if f == flag
        }
        (whole,) = compute(company, None, window)
        assert float(whole.value) == sum(told.values())


def test_people_in_each_band_by_a_loop(company: Company) -> None:
    compute = metric_id("people.attainment_band.count").compute
    assert compute is not None
    won = Counter()
    for row in make_tables()["opportunities"]:
        if row["stage"] == "Won" and date(2026, 1, 1) <= row["closed_at"] < date(2026, 9, 1):
            won[row["rep_id"]] += row["amount"]
    edges = (0, 50, 80, 100, 120, 10**9)
    truth = [
        sum(low <= 100 * won[rep] / (8 * target_of(rep)) < high for rep in REPS)
        for low, high in pairwise(edges)
    ]
    told = compute(company)
    assert [f.by["band"] for f in told] == list(BANDS)
    assert [int(f.value or 0) for f in told] == truth
    assert sum(truth) == len(REPS)


def test_the_page_prints_what_the_registry_answers(path: Path) -> None:
    """Both tell what is usual from the same months."""
    page = ManagerPage(str(path))
    for flag in FLAGS:
        compute = metric_id(f"open.{flag}.count").compute
        assert compute is not None
        told = {f.by["rep_id"]: f for f in compute(page.company, "rep_id", page.window)}
        assert {rep: page.flag_figure(rep, flag) for rep in REPS if rep in told} == told
    compute = metric_id("people.attainment_band.count").compute
    assert compute is not None
    assert page.band_figures == compute(page.company)
