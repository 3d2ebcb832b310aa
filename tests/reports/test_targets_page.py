"""The targets report: the numbers of ``build`` for the same file, and of no one else's rows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.errors import ParameterError
from spm_lib.core.money import exponent
from spm_lib.plans import (
    TargetPlan,
    build,
    plan_text,
    propose,
    read_plan,
    save_target_scenario,
)
from spm_lib.reports import TargetsPage, run_report
from spm_lib.reports.figures import figure_records
from spm_lib.reports.pages.targets_page import _ROW

from .test_pages import built

pytestmark = pytest.mark.slow  # whole plans of whole companies


@pytest.fixture(scope="module")
def client(small_client: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small client with one scenario."""
    import shutil

    home = tmp_path_factory.mktemp("targets") / "client"
    shutil.copytree(small_client.parent, home)
    company = spm_lib.open(home / small_client.name)
    rep = company.table("reps")["rep_id"].sort()[0]
    scenario = propose(company, name="Next").changed(
        share={"over_assignment": (0.05, 0.1)}, odds={"win_rate": 1.1}
    )
    scenario = scenario.with_row(rep_id=rep, move=0.1, note="moved <b>")
    save_target_scenario(home / small_client.name, scenario)
    return home / small_client.name


@pytest.fixture(scope="module")
def plan(client: Path) -> TargetPlan:
    from spm_lib.plans import load_target_scenario

    return build(spm_lib.open(client), load_target_scenario(client, "Next"))


@pytest.fixture(scope="module")
def page(client: Path) -> TargetsPage:
    """The company's page of that scenario; not to be changed."""
    return TargetsPage(str(client), scenario="Next")


def test_the_report_holds_exactly_the_numbers_of_the_same_file(
    page: TargetsPage, plan: TargetPlan
) -> None:
    told = {(f.metric, tuple(sorted(f.by.items()))): f for f in plan.figures}
    printed = [
        figure
        for figure in built(page).figures
        if figure.metric.startswith(("target.", "capacity.", "fairness.", "season."))
    ]
    assert len(printed) > 30
    for figure in printed:
        assert told[figure.metric, tuple(sorted(figure.by.items()))] == figure
    reps = {f.by["rep_id"] for f in printed if "rep_id" in f.by}
    assert reps == set(plan.people["rep_id"])


def test_what_a_run_writes_is_what_the_command_prints(
    client: Path, plan: TargetPlan, tmp_path: Path
) -> None:
    run_report(
        "targets",
        workspace=client,
        parameters={"scenario": "Next"},
        formats=("html", "xlsx"),
        output=tmp_path,
    )
    folder = next(tmp_path.rglob("figures.json")).parent
    written = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    own = figure_records(plan.figures, currency=plan.scenario.currency)
    plain = [record for record in written if record["metric"].startswith("target.")]
    assert len(plain) > 20
    assert all(record in own for record in plain)
    assert (folder / "report.xlsx").is_file()
    assert exponent(plan.scenario.currency) == plan.decimals


def test_a_scope_sees_its_own_rows_only(client: Path, plan: TargetPlan) -> None:
    rep = plan.people["rep_id"][0]
    page = TargetsPage(str(client), scenario="Next", scope=f"rep:{rep}")
    document = built(page)
    told = json.dumps([f.to_dict(2) for f in document.figures], ensure_ascii=False)
    body = "".join(json.dumps(block.payload(), ensure_ascii=False) for block in _blocks(document))
    for other, name in plan.people.filter(pl.col("rep_id") != rep).select("rep_id", "name").rows():
        assert f'"{other}"' not in told
        if name != plan.people["name"][0]:
            assert f'"{name}"' not in body
    amounts = {f.value for f in plan.figures if f.by.get("rep_id", rep) != rep or not f.by}
    mine = {f.value for f in plan.figures if f.by.get("rep_id") == rep}
    secret = {a for a in amounts - mine if a and float(a) > 1_000}
    assert secret
    assert not [amount for amount in secret if f'"{amount}"' in body]
    assert page.plan.company_target is None
    assert page.scenario.basis.target == 0


def test_a_run_hands_each_page_its_own_part_of_one_plan(
    client: Path, plan: TargetPlan, tmp_path: Path
) -> None:
    from spm_lib.reports import find_notebook
    from spm_lib.reports.runs.planning import Plan, Request

    planned = Plan(client, as_of=None, output=tmp_path)
    request = Request("targets", each="rep", parameters={"scenario": "Next"})
    jobs = planned.jobs(request, find_notebook("targets"))
    assert len(jobs) >= 2
    for place, one in enumerate(jobs):
        text = Path(one.job.parameters["plan"]).read_text(encoding="utf-8")
        own = one.item.scope.removeprefix("rep:")
        for other in set(plan.people["rep_id"]) - {own}:
            assert f'"{other}"' not in text
        assert str(plan.company_target) not in text
        if place > 1:  # a whole plan for each: two will do
            continue
        page = TargetsPage(**{k: v for k, v in one.job.parameters.items() if k != "months"})
        alone = TargetsPage(str(client), scenario="Next", scope=one.item.scope)
        assert page.plan.figures == alone.plan.figures


def test_a_plan_read_back_prints_the_same(plan: TargetPlan) -> None:
    again = read_plan(plan_text(plan))
    assert again.figures == plan.figures
    assert plan_text(again) == plan_text(plan)
    for name in ("people", "levels", "targets", "periods", "months"):
        assert getattr(again, name).equals(getattr(plan, name))


def _blocks(document) -> list:
    return [*document.lead, *document.evidence, *document.annex]


def test_the_team_of_a_manager_is_whole(client: Path, plan: TargetPlan) -> None:
    team = plan.people["team"].drop_nulls()[0]
    page = TargetsPage(str(client), scenario="Next", scope=f"team:{team}")
    mine = plan.people.filter(pl.col("team") == team)
    assert page.plan.people.select("rep_id", "target", "odds").equals(
        mine.select("rep_id", "target", "odds")
    )
    assert page.plan.team_targets == {team: plan.team_targets[team]}


def test_a_scenario_of_another_day_is_refused_and_a_part_has_no_targets(client: Path) -> None:
    company = spm_lib.open(client)
    early = propose(company.at(company.default_window().end.replace(day=1)), name="Early")
    save_target_scenario(client, early)
    with pytest.raises(ParameterError, match="of another day than the report"):
        TargetsPage(str(client), scenario="Early")
    with pytest.raises(ParameterError, match="There is no scenario"):
        TargetsPage(str(client), scenario="Nothing")


def test_rows_and_notes_are_told_as_text(client: Path) -> None:
    page = TargetsPage(str(client), scenario="Next", language="he")
    (rows,) = [b for b in page.notes().blocks if getattr(b, "title", "") == "שורות התרחיש"]
    cells = [[cell.text if cell else "" for cell in row] for row in rows.rows]  # type: ignore
    assert plain(cells[0][1]) == "היעד הוזז ב-10%"
    assert cells[0][2] == "moved <b>"


def test_whatever_a_row_changes_is_told_in_words_and_amounts_with_their_currency(
    client: Path,
) -> None:
    from spm_lib.plans.scenarios.sections import Row

    page = TargetsPage(str(client), language="en")
    said = {
        "set": (123_450_000, "target ₪1,234,500"),
        "floor": (5_000, "at least ₪50"),
        "part_time": (0.5, "works 50% of today's time"),
        "leaves": (date(2027, 3, 1), "gone from 1 Mar 2027"),
        "without_target": (True, "without a target"),
        "win_rate": (1.2, "win rate 1.2 times today's"),
    }
    for key, (value, told) in said.items():
        row = Row.model_validate({"everybody": True, key: value, "lock": True})
        page.outcome = replace(page.plan, scenario=page.scenario.changed(rows=(row,)))
        (rows,) = [b for b in page.notes().blocks if getattr(b, "title", "").startswith("Rows of")]
        (cells,) = [[cell.text if cell else "" for cell in row] for row in rows.rows]  # type: ignore
        assert plain(cells[1]) == told
    assert set(Row.model_fields) - {"rep_id", "team", "everybody", "note"} == set(_ROW)


def plain(text: str) -> str:
    """Return a text without the signs that keep directions apart."""
    return re.sub("[\u2066-\u2069\u200e\u200f]", "", text)


def test_a_target_below_todays_pace_is_called_so(
    client: Path, page: TargetsPage, plan: TargetPlan
) -> None:
    told = "The target lies below today's pace"
    assert not [s for s in page.summary().why if s.text.startswith(told)]
    odds = {**(plan.company_odds or {}), "odds": 0.99}
    other = TargetsPage(str(client), scenario="Next")
    other.outcome = replace(plan, _company_odds=odds)
    (said,) = (s for s in other.summary().why if s.text.startswith(told))
    end = plan.past.end
    first = date(end.year, end.month - 3, 1)
    won = sum(
        deal["amount"] or 0
        for deal in page.company.table("opportunities").to_dicts()
        if deal["outcome"] == "won" and first <= deal["closed_on"] < end
    )
    (recent,) = (f for f in said.figures if f.metric == "won.amount")
    assert recent.value == f"{won / 100:.2f}"


def test_a_scenario_that_names_a_pay_plan_has_a_section_on_pay(
    client: Path, page: TargetsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The company's page tells its cost, a person's page that person's pay alone."""
    from spm_lib.plans import load_target_scenario
    from tests.incentives.small import component
    from tests.incentives.small import plan_text as pay_text

    monkeypatch.setattr("spm_lib.plans.planning.planner.FUTURES", 6)
    (client.parent / "plans").mkdir(exist_ok=True)
    flat = pay_text(component('{ kind = "rate", rate = 0.05 }'))
    (client.parent / "plans" / "flat.toml").write_text(flat, encoding="utf-8")
    scenario = load_target_scenario(client, "Next").changed(name="Paid", pay="flat")
    save_target_scenario(client, scenario)
    assert page.expected_pay() is None
    paid = TargetsPage(str(client), scenario="Paid")
    section = paid.expected_pay()
    assert section is not None and paid.plan.pay is not None  # noqa: PT018
    figures = [f for f in built(paid).figures if f.metric == "pay.expected"]
    own = {f.by["rep_id"]: f.value for f in figures if f.by}
    whole = next(f.value for f in figures if not f.by)
    assert sum(round(float(v) * 100) for v in own.values()) == round(float(whole) * 100)
    rep = paid.plan.pay.people["rep_id"][0]
    part = TargetsPage(str(client), scenario="Paid", scope=f"rep:{rep}", language="he")
    told = [f for f in built(part).figures if f.metric.startswith("pay.")]
    assert {f.by.get("rep_id") for f in told} == {rep}
