"""What a manager's page begins with: the approved plan's targets, by the register and by hand."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from spm_lib.cli.app import app
from spm_lib.dashboards import StudioPage
from spm_lib.dashboards.gate.shelf import Shelf
from spm_lib.dashboards.kept_view import Kept
from spm_lib.dashboards.told import SCOPE, VIEW, VIEWER, WORKSPACE
from spm_lib.model import Company, on_its_own, open_company, scope_named
from spm_lib.plans import (
    ApprovedTargets,
    Planner,
    Row,
    TargetScenario,
    asked_target,
    load_target_scenario,
    propose,
    save_target_scenario,
)
from spm_lib.team import Desk, Viewer, approval, approved_targets, open_register, proposal
from spm_lib.workspace import Scope

pytestmark = pytest.mark.slow
TEAM, APPROVED = "manager:M01", date(2026, 10, 12)
ASKED = 1_234_567_800  # no sum of what the data says


class Client:
    """A client whose plan for the next year is approved; the data still has its own targets."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "spm.toml"
        self.company: Company = open_company(self.file)
        proposed = propose(self.company, name="Next year")
        self.scenario: TargetScenario = proposed.changed(basis={"target": ASKED, "step": 100})
        self.planner = Planner(self.company)
        self.before = self.asked(Scope.company())
        self.approve(self.scenario, on=APPROVED)

    def approve(self, scenario: TargetScenario, *, on: date) -> None:
        save_target_scenario(self.file, scenario)
        desk = Desk(open_register(self.company.settings), Viewer("ann", Scope.company()))
        noon = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
        for step, why in ((proposal, "ready"), (approval, "board")):
            desk.enter(step(desk.plan_states(), scenario, reason=why), at=noon)

    def asked(self, scope: Scope, *, on: date | None = None) -> ApprovedTargets:
        return approved_targets(self.company, scope, planner=lambda: self.planner, on=on)

    def team(self) -> set[str]:
        """The manager's people, read from the export by hand."""
        with (self.file.parent / "teams.csv").open(encoding="utf-8") as sheet:
            rows = [row for row in csv.DictReader(sheet) if row["Manager"] == "M01"]
        return {row["Employee"] for row in rows if _day(row["From"]) <= self.company.as_of
                < (_day(row["To"]) if row["To"] else date.max)}  # fmt: skip


def _day(told: str) -> date:
    day, month, year = map(int, told.split("/"))
    return date(year, month, day)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, sample_workspace: Path) -> Client:
    folder = tmp_path_factory.mktemp("approved") / "sample"
    shutil.copytree(sample_workspace.parent, folder)
    return Client(folder)


@pytest.fixture
def page(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioPage]:
    """The page of M01, as the gate lets it in."""
    with closing(Shelf(client.file, today=lambda: client.company.as_of)) as shelf:
        told = {VIEWER: "dana", SCOPE: TEAM, VIEW: str(shelf.file(TEAM))}
        for name, value in (told | {WORKSPACE: str(client.file)}).items():
            monkeypatch.setenv(name, value)
        yield StudioPage(language="en")


def test_the_share_is_what_the_approved_plan_asks_of_these_people(
    client: Client, page: StudioPage
) -> None:
    """By the register, by a loop over the plan's table, and by the plan mapped into the data."""
    plan = client.planner.plan(client.scenario, draws=10)
    rows = list(csv.DictReader(io.StringIO(plan.targets_csv())))
    by_hand = sum(round(float(r["value"]) * 100) for r in rows if r["rep_id"] in client.team())
    assert page.desk.start.basis.target == by_hand > 0
    begun = page.desk.plan.people
    assert begun["target"].sum() == by_hand
    assert "from the approved plan Next year, approved on 12 Oct 2026" in page.box.children[0].value
    kept = Kept(page.admitted.source).approved.read_text("utf-8")
    assert str(ASKED) not in kept
    assert not any(f'"{rep}"' in kept for rep in plan.people["rep_id"])

    names = {"rep_id": "Employee", "team": "Team", "period_start": "From", "period_end": "To",
             "metric": "Metric", "value": "Target"}  # fmt: skip
    mapped = client.file.parent.parent / "mapped"
    shutil.copytree(client.file.parent, mapped)
    (mapped / "team.db").unlink()
    with (mapped / "targets.csv").open("a", encoding="utf-8") as sheet:
        writer = csv.DictWriter(sheet, list(names.values()))
        writer.writerows({names[key]: row[key] for key in names} for row in rows)
    for asked in (TEAM, "manager:M02"):
        scope = scope_named(client.company, asked)
        alone = on_its_own(client.company.within(scope))
        register = asked_target(alone, client.asked(scope))
        data = asked_target(on_its_own(open_company(mapped / "spm.toml", scope=asked)))
        assert (register.value, register.basis, data.basis) == (data.value, "approved", "given")


def test_an_approval_is_known_from_its_day_and_as_its_file_says(client: Client) -> None:
    team = scope_named(client.company, TEAM)
    alone = on_its_own(client.company.within(team))
    assert client.before.periods.is_empty()
    early = client.asked(team, on=date(2026, 10, 11))
    assert early.periods.is_empty()
    data = asked_target(alone)
    assert data == asked_target(alone, early)
    assert data.basis != "approved"
    assert asked_target(client.company, client.asked(Scope.company())).value == ASKED
    assert client.asked(Scope.of_part("Segment", "SMB")).periods.is_empty()
    save_target_scenario(client.file, client.scenario.changed(note="since"))
    changed = client.asked(team)
    assert changed.changed == ("Next year",)
    assert asked_target(alone, changed) == data
    told = [one.text for one in ApprovedTargets.read(changed.to_json()).told(data)]
    assert len(told) == 2
    assert "no longer as it was approved" in told[1]
    save_target_scenario(client.file, client.scenario)


def test_a_proposed_file_begins_with_the_approved_target_and_says_so(client: Client) -> None:
    said = CliRunner().invoke(app, ["plan", "init", "Again", "-w", str(client.file)])
    assert said.exit_code == 0
    assert "comes from the approved plan Next year" in said.output
    assert load_target_scenario(client.file, "Again").basis.target == ASKED
    early = ["plan", "init", "Early", "-w", str(client.file), "--as-of", "2026-09-29"]
    told = CliRunner().invoke(app, early).output
    assert "The target comes from" in told
    assert "approved plan" not in told


@pytest.fixture
def later(client: Client, tmp_path: Path) -> Client:
    """Another client, in which more is approved later."""
    shutil.copytree(client.file.parent, tmp_path / "later")
    (tmp_path / "later" / "team.db").unlink()
    return Client(tmp_path / "later")


def test_later_approvals_years_and_data_leave_the_right_plan_in_force(later: Client) -> None:
    """Superseded plans, another year's, somebody who is there for a part, and data that moved."""
    who = later.planner.given(later.scenario).people["rep_id"][0]
    alone = scope_named(later.company, f"rep:{who}")
    away = Row(rep_id=who, away_from=date(2027, 4, 1), away_until=date(2027, 6, 1))
    second = later.scenario.changed(name="Second", rows=(away,))
    days = {"start": date(2026, 1, 1), "end": date(2027, 1, 1), "as_of": date(2025, 12, 31)}
    later.approve(second, on=date(2026, 10, 20))
    later.approve(later.scenario.changed(name="This year", basis=days), on=date(2026, 10, 25))

    told = later.asked(alone)
    asked = asked_target(on_its_own(later.company.within(alone)), told)
    own = later.planner.given(second).targets.filter(pl.col("rep_id") == who)
    assert own.height == 10, "nothing is asked in the months away"
    assert (asked.value, asked.basis) == (own["value"].sum(), "approved")
    said = next(ApprovedTargets.read(told.to_json()).told(asked))
    assert said.values == {"plans": "Second", "day": date(2026, 10, 20)}

    before = later.asked(Scope.company(), on=date(2026, 10, 19))
    assert before.periods["plan"].unique().to_list() == ["Next year"]
    assert asked_target(later.company, before).value == ASKED

    for name in ("reps.csv", "teams.csv", "opportunities.csv", "targets.csv"):
        sheet = later.file.parent / name
        kept = [line for line in sheet.read_text("utf-8").splitlines() if who not in line]
        sheet.write_text("\n".join(kept) + "\n", "utf-8")
    with closing(Shelf(later.file, today=lambda: later.company.as_of)) as shelf:
        text = Kept(shelf.file("manager:M02")).approved.read_text("utf-8")
    now = ApprovedTargets.read(text)
    assert now.unfit == ("Second",)
    assert who not in text
    assert now.periods["plan"].unique().to_list() == ["This year"]
