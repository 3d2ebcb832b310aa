"""Teams and targets: managers where no team is named, and no column that nobody can fill."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from spm_lib.reports import ForecastPage, FunnelPage
from spm_lib.reports.blocks import Section, Table, Text

from .conftest import HOSTILE, write_workspace
from .quick_forecast import quick

pytestmark = pytest.mark.slow  # the track record of whole companies

MANAGED = """
[tables.reps]
path = "managed.csv"
columns = { rep_id = "rep", name = "name", manager_id = "boss" }
"""
BOSSES = {"R0": "R6", "R1": "R6", "R2": "R6", "R3": "דנה", "R4": "דנה", "R5": "דנה", "R6": ""}


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bare deals and people of whom only the manager is known; no team, no target."""
    folder = tmp_path_factory.mktemp("managed")
    path = write_workspace(folder, "opportunities")
    with (folder / "managed.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rep", "name", "boss"])
        writer.writerows([[rep, f"Name of {rep}", boss] for rep, boss in BOSSES.items()])
    path.write_text(path.read_text(encoding="utf-8") + MANAGED, encoding="utf-8")
    return path


def table_of(section: Section) -> Table:
    return next(block for block in section.blocks if isinstance(block, Table))


def test_people_are_grouped_by_manager_where_no_team_is_named(managed: Path) -> None:
    page = FunnelPage(str(managed), language="en")
    section = page.teams()
    assert isinstance(section.blocks[0], Text)
    told = section.blocks[0].sentences[0].text
    assert told == "No team has a name in this data: people are grouped by their manager."
    table = table_of(section)
    assert table.columns[0].title == "Manager"
    with (managed.parent / "opportunities.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["stage"] == "Won"]
    start, end = page.window.start.isoformat(), page.window.end.isoformat()
    won = Counter(BOSSES[r["rep_id"]] for r in rows if start <= r["closed_at"] < end)
    names = {"R6": "Name of R6", "דנה": "דנה", "": "Without a manager"}
    found = {row[0].text: int(row[2].shown) for row in table.rows}  # pyright: ignore
    assert found == {names[boss]: count for boss, count in won.items()}
    assert table.rows[-1][0].text == "Without a manager"  # pyright: ignore


def test_named_teams_stay_teams(small_client: Path) -> None:
    section = FunnelPage(str(small_client), language="en").teams()
    assert not [block for block in section.blocks if isinstance(block, Text)]
    assert table_of(section).columns[0].title == "Team"
    assert table_of(section).columns[-1].title == "Attainment"


@pytest.mark.parametrize("part", ["outlook", "people"])
def test_a_column_that_nobody_can_fill_is_left_out(managed: Path, small_client: Path, part) -> None:
    """Without targets there is no chance to reach one."""
    bare, whole = (
        table_of(getattr(quick(ForecastPage(str(path), language="en")), part)())
        for path in (managed, small_client)
    )
    chance = "Chance to reach the target"
    assert chance not in [column.title for column in bare.columns]
    assert chance in [column.title for column in whole.columns]
    for table in (bare, whole):
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert len(HOSTILE) == len(BOSSES)
