"""``spm plan``: what it prints is what the room says, and what it writes can be mapped."""

from __future__ import annotations

import csv
import io
import json
import re

import polars as pl
import pytest

import spm_lib
from spm_lib.plans import build, load_target_scenario, save_scenario
from spm_lib.plans import compare as compared
from spm_lib.plans import solve as solved


@pytest.fixture(scope="module")
def client(made_company, tmp_path_factory):
    """A copy of the tiny company with two scenarios, for all tests of this file."""
    import shutil

    from tests.cli.conftest import Spm

    home = shutil.copytree(made_company, tmp_path_factory.mktemp("plan") / "tiny")
    spm = Spm()
    assert "spm plan build" in spm.ok("plan", "init", "First", "-w", home)
    scenario = load_target_scenario(home / "spm.toml", "First")
    rep = spm_lib.open(home / "spm.toml").table("reps")["rep_id"][0]
    other = scenario.changed(name="Other").with_row(rep_id=rep, move=0.2, note="=agreed")
    (home / "scenarios" / "Other.toml").write_text(spm_lib.plans.scenario_text(other), "utf-8")
    return home


@pytest.fixture(scope="module")
def plans(client):
    company = spm_lib.open(client / "spm.toml")
    return [
        build(company, load_target_scenario(client / "spm.toml", name))
        for name in ("First", "Other")
    ]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.slow
def test_build_prints_the_numbers_of_the_room(spm, client, plans, tmp_path) -> None:
    first = plans[0]
    told = rows_of(spm.ok("plan", "build", "First", "-w", client, "--format", "csv"))
    assert [row["rep_id"] for row in told] == first.people["rep_id"].to_list()
    for row, own in zip(told, first.people.to_dicts(), strict=True):
        assert row["target"] == f"{own['target'] / 100:.2f}"
        assert row["odds"] == str(own["odds"])
    records = json.loads(spm.ok("plan", "build", "First", "-w", client, "--format", "json"))
    assert records == [figure.to_dict(2) for figure in first.figures]
    goal = tmp_path / "targets.csv"
    table = spm.ok("plan", "build", "First", "-w", client, "--targets", goal)
    assert "The company asks" in table
    assert "Odds of the company's target" in table
    assert goal.read_text(encoding="utf-8") == first.targets_csv()


@pytest.mark.slow
def test_written_targets_are_read_back_by_the_workspace(client, plans) -> None:
    goal = client / "next.csv"  # what `--targets` writes: see the test before
    goal.write_text(plans[0].targets_csv(), encoding="utf-8")
    text = (client / "spm.toml").read_text(encoding="utf-8")
    start = text.index("[tables.targets]")
    rest = text.find("\n[", start + 1)
    names = ("rep_id", "team", "period_start", "period_end", "metric", "value")
    mapped = '[tables.targets]\npath = "next.csv"\n' + "".join(
        f'columns.{name} = "{name}"\n' for name in names
    )
    changed = client / "planned.toml"
    changed.write_text(text[:start] + mapped + (text[rest:] if rest > 0 else ""), "utf-8")
    read = spm_lib.open(changed).table("targets").select(names)
    assert read.sort(names).equals(plans[0].targets.select(names).sort(names))


@pytest.mark.slow
def test_compare_and_solve_print_what_the_room_finds(spm, client, plans) -> None:
    told = rows_of(spm.ok("plan", "compare", "First", "Other", "-w", client, "--format", "csv"))
    people = compared(*plans).people
    assert [row["side"] for row in told] == [side or "" for side in people["side"]]
    assert [row["cost_difference"] for row in told] == [""] * people.height
    table = spm.ok("plan", "compare", "First", "Other", "-w", client)
    assert "Cost: not told (no pay plan)." in table
    found = json.loads(spm.ok("plan", "solve", "First", "-w", client, "--format", "json"))
    assert found["company_target"] == solved(plans[0], odds=0.8).company_target
    assert "between 0 and 1" in spm.refused("plan", "solve", "First", "--odds", "80", "-w", client)


def test_what_cannot_be_is_refused_in_one_paragraph(spm, client) -> None:
    assert "Found: First, Other" in spm.refused("plan", "build", "nothing", "-w", client)
    assert "--force" in spm.refused("plan", "init", "First", "-w", client)
    assert "cannot be the name of a file" in spm.refused("plan", "init", "../x", "-w", client)


@pytest.mark.slow
def test_a_scenario_of_the_what_if_is_taken_over(spm, client) -> None:
    from spm_lib.plans import Scenario
    from spm_lib.targets import baseline

    company = spm_lib.open(client / "spm.toml")
    levers = baseline(company).levers
    old = Scenario("Old", company.currency, company.as_of.isoformat(), levers)
    save_scenario(client / "spm.toml", old)
    assert "spm plan init --from" in spm.refused("plan", "build", "Old", "-w", client)
    spm.ok("plan", "init", "Taken", "--from", "Old", "-w", client)
    taken = load_target_scenario(client / "spm.toml", "Taken")
    assert taken.basis.target == levers.target
    assert taken.odds.win_rate == pytest.approx(1)
    assert pl.DataFrame(taken.hires).is_empty()


@pytest.fixture(scope="module")
def paid(client):
    """Two pay plans beside the scenarios; the scenario "Paid" names the first of them."""
    from tests.incentives.small import component, plan_text

    (client / "plans").mkdir(exist_ok=True)
    for name, rate in (("flat", "0.05"), ("flatter", "0.06")):
        pays = component(f'{{ kind = "rate", rate = {rate} }}')
        text = plan_text(pays).replace('base = "amount"', 'base = "amount"\nquota = "won.amount"')
        text = text.replace('id = "small"', f'id = "{name}"')
        (client / "plans" / f"{name}.toml").write_text(text, "utf-8")
    first = load_target_scenario(client / "spm.toml", "First")
    text = spm_lib.plans.scenario_text(first.changed(name="Paid", pay="flat"))
    (client / "scenarios" / "Paid.toml").write_text(text, "utf-8")
    return client


@pytest.mark.slow
def test_a_plan_modelled_beside_the_one_it_replaces(spm, paid) -> None:
    words = ("pay", "model", "flatter", "--against", "flat", "--scenario", "Paid", "--futures", "4")
    told = json.loads(spm.ok(*words, "-w", paid, "--format", "json"))
    before, after = told["company"]
    assert (before["plan"], after["plan"]) == ("flat", "flatter")
    assert after["pay"] == pytest.approx(before["pay"] * 1.2, abs=100)
    assert sum(row["change"] for row in told["people"]) == after["pay"] - before["pay"]
    assert {row["side"] for row in told["people"] if row["old"]} <= {"winner", None}
    assert [row["attainment"] for row in told["steps"]] == ["0.8", "1", "1.2"] * 2
    assert not [row for row in told["inversions"] if row["of"] == "sales"]
    hebrew = spm.ok(*words, "-w", paid, "--language", "he")
    assert "שנים מדומות" in hebrew
    assert "תגמול / הזמנות" in hebrew


@pytest.mark.slow
def test_a_scenario_that_names_a_pay_plan_has_its_cost(spm, paid, monkeypatch) -> None:
    monkeypatch.setattr("spm_lib.plans.planning.planner.FUTURES", 6)
    told = spm.ok("plan", "compare", "First", "Paid", "-w", paid)
    assert "Cost: not told (no pay plan)" in told
    line = next(line for line in told.splitlines() if line.startswith("b Paid"))
    assert re.search(r"cost ₪[\d,]+, cost P10 ₪[\d,]+, cost P90 ₪[\d,]+", line)
    rows = rows_of(spm.ok("plan", "build", "Paid", "-w", paid, "--format", "csv"))
    assert sum(float(row["pay"] or 0) for row in rows) > 0
