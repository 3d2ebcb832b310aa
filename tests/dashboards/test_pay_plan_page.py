"""The designer's page without a browser: the engine's numbers; a bad plan changes nothing."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.dashboards import PlanPage, pay_plan_page
from spm_lib.dashboards.told import SCOPE, VIEW, VIEWER, WORKSPACE
from spm_lib.incentives import (
    BUDGET_STEPS,
    compare_plans,
    cost_by_attainment,
    load_plan,
    pay_data_of,
    plan_from_text,
)
from spm_lib.model import open_company
from tests.dashboards.paying import Heard, documented_plan, paying_company

pytestmark = pytest.mark.slow
FACTOR, THRESHOLD = "components.0.pays.accelerators.0.factor", "components.0.pays.threshold"
CAP, WEIGHT = "components.0.cap.times_target", "components.0.weight"
MOVED = {FACTOR: 2.0, CAP: 1.5, THRESHOLD: 0.4}
LAST = "2026-09"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, sample_workspace):
    return paying_company(tmp_path_factory.mktemp("designer") / "client", sample_workspace)


@pytest.fixture(scope="module")
def page(workspace):
    with pytest.MonkeyPatch.context() as patch:
        for name in (SCOPE, VIEW, VIEWER):
            patch.delenv(name, raising=False)
        patch.setenv(WORKSPACE, str(workspace))
        yield PlanPage(language="en")


@pytest.fixture
def heard(page):
    page.begin("field-2026")
    return Heard(page)


@pytest.fixture(scope="module")
def data(workspace):
    return pay_data_of(open_company(workspace))


@pytest.fixture(scope="module")
def by_hand():
    """The same plan with the same numbers, written into the file by a person."""
    text = documented_plan().replace("threshold = 0.5", "threshold = 0.4")
    text = text.replace("factor = 1.5", "factor = 2.0").replace(
        "times_target = 2", "times_target = 1.5"
    )
    return plan_from_text(text)


def test_the_page_shows_what_the_engine_pays(heard, data, by_hand, workspace):
    old = load_plan(workspace.parent / "plans" / "field-2026.toml")
    found = compare_plans(old, by_hand, data, through=LAST)
    told, write = heard.ask(**MOVED), language("en")
    cost, rate, people, budget = told["tiles"]

    def money(minor):
        return write.money(minor, "ILS", decimals=0)

    assert cost["value"] == money(found.new_cost)
    assert money(found.old_cost) in cost["note"]
    assert people["value"] == f"{found.winners} gain, {found.losers} lose"
    assert found.winners > 0
    assert found.losers > 0
    steps = cost_by_attainment(by_hand, data, measure="sales", through=LAST, steps=BUDGET_STEPS)
    assert budget["value"] == money(steps["pay"][1])
    assert money(steps["pay"][0]) in budget["note"]
    won = data.transactions.filter(pl.col("date").dt.year() == 2026)
    assert rate["value"] == write.percent(found.new_cost / won["amount"].sum(), 2)
    lines = {line["id"]: line for line in told["people"]}
    for rep, old_pay, new_pay in found.people.select("rep_id", "old", "new").iter_rows():
        if rep in lines:
            assert (lines[rep]["old"], lines[rep]["new"]) == (money(old_pay), money(new_pay))
    assert sum(line["stretched"] for line in lines.values()) == found.losers
    changed = found.people.filter(pl.col("change") != 0)
    assert set(changed["rep_id"]) <= set(lines)


def test_the_curve_is_drawn_for_both(heard):
    rows = heard.ask(**MOVED)["rows"]["curve"]
    assert [rows[n]["attainment"] for n in (0, 100, 150)] == [0, 1, 1.5]
    month = 48_000_00 // 12
    assert [rows[n]["old"] for n in (0, 50, 100, 150)] == [0, 0, month, month * 7 // 4]
    assert [rows[n]["new"] for n in (40, 70, 100, 150)] == [0, month // 2, month, month * 3 // 2]


def test_moving_answers_with_the_same_numbers_but_what_takes_long(heard):
    heard.ask()
    moving = heard.ask(False, **MOVED)
    assert "told" not in moving
    heard.ask()
    settled = heard.ask(**MOVED)
    assert moving["rows"] == settled["rows"]
    assert moving["tiles"][:3] == settled["tiles"][:3]
    assert "slider" in moving["tiles"][3]["note"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({WEIGHT: 0.9}, "Make them add up to 1"),
        ({THRESHOLD: 1.0}, "Write it under 1"),
        ({CAP: 0.5}, "Raise the cap"),
        ({"nobody": 1.0}, "Move the sliders"),
    ],
)
def test_a_plan_with_an_error_says_what_to_mend_and_the_picture_stays(heard, values, said):
    before = heard.ask(**MOVED)
    priced = heard.page.desk.priced
    told = heard.ask(**MOVED, **values) if not set(values) & set(MOVED) else heard.ask(**values)
    assert said in told["fault"]
    assert "rows" not in told
    assert heard.page.desk.priced is priced
    assert heard.ask(**MOVED)["tiles"] == before["tiles"]


def test_errors_and_mends_are_told_in_hebrew(workspace):
    heard = Heard(PlanPage(language="he", workspace=workspace))
    told = heard.ask(**{WEIGHT: 0.9})["fault"]
    assert not re.search("[A-Za-z]{4,}", told.replace("attainment", ""))


def test_what_is_saved_is_a_new_file_that_diffs_well(heard, workspace, by_hand):
    heard.ask(**MOVED)
    signed = (workspace.parent / "plans" / "field-2026.toml").read_bytes()
    said = heard.act("save", "Field 2026 steeper")
    assert said == {"kind": "said", "text": "Saved as plans/field-2026-steeper.toml.", "good": True}
    file = workspace.parent / "plans" / "field-2026-steeper.toml"
    pairs = zip(signed.decode().splitlines(), file.read_text("utf-8").splitlines(), strict=True)
    assert [new for old, new in pairs if old != new] == [
        'id = "field-2026-steeper"',
        'name = "Field 2026 steeper"',
        'pays = { kind = "goal", threshold = 0.4, accelerators = [{ over = 1, factor = 2 }] }',
        "cap = { times_target = 1.5 }",
    ]
    assert load_plan(file).components == by_hand.components
    assert (workspace.parent / "plans" / "field-2026.toml").read_bytes() == signed
    for name in ("field-2026", "Field 2026 steeper", "!!"):
        assert heard.act("save", name)["good"] is False
    assert (workspace.parent / "plans" / "field-2026.toml").read_bytes() == signed
    assert heard.page.view.saved == ["field-2026", "field-2026-steeper"]
    assert heard.file("file", "x").decode() == file.read_text("utf-8").replace(
        "field-2026-steeper", "x"
    ).replace("Field 2026 steeper", "x")
    heard.act("load", "field-2026-steeper")
    assert heard.page.desk.priced.plan.components == by_hand.components
    assert heard.act("compare", "field-2026")["good"]
    told = heard.page.picture(settled=True)
    assert heard.page.desk.compared.winners > 0
    assert "gain" in told["tiles"][2]["value"]
    assert "no pay plan of that name" in heard.act("load", "../spm")["text"]


def test_excel_holds_the_numbers(heard):
    import fastexcel

    heard.ask(**MOVED)
    book = fastexcel.read_excel(io.BytesIO(heard.file("excel")).getvalue())
    cells = [
        row
        for sheet in book.sheet_names
        for row in book.load_sheet(sheet, header_row=None).to_polars().rows()
    ]
    text = str(cells)
    cost = Decimal(heard.page.desk.priced.cost) / 100
    assert any(str(float(cost)) in str(row) or f"{cost}" in str(row) for row in cells)
    assert "factor" in text


def test_a_page_of_less_than_the_company_opens_nothing(workspace, monkeypatch):
    monkeypatch.setenv(WORKSPACE, str(workspace))
    monkeypatch.setenv(SCOPE, "manager:M01")
    monkeypatch.delenv(VIEW, raising=False)
    monkeypatch.delenv(VIEWER, raising=False)
    said = pay_plan_page(language="en").value  # type: ignore[attr-defined]
    assert "those who see the whole company" in said
    assert "48" not in said


def test_without_a_plan_the_page_says_where_to_put_one(sample_workspace, monkeypatch):
    for name in (SCOPE, VIEW, VIEWER):
        monkeypatch.delenv(name, raising=False)
    said = pay_plan_page(language="en", workspace=sample_workspace).value  # type: ignore[attr-defined]
    assert "no pay plan yet" in said
