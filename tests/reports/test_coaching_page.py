"""The coaching page: sheets, alarms by manager, what came of it, and in a scope no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spm_lib.core.errors import ParameterError
from spm_lib.reports import CoachingPage
from spm_lib.reports.blocks import Section, Table, Text
from spm_lib.reports.cells import Number
from spm_lib.reports.pages.coaching_after import began_on
from spm_lib.reps import Coaching
from tests.reps.test_alerts import PEOPLE, made

pytestmark = pytest.mark.slow

PARTS = ("summary", "key_figures", "alerts", "gaps", "pairs", "sheets", "closers", "experiment")


@pytest.fixture(scope="module")
def page(sample_workspace: Path) -> CoachingPage:
    return CoachingPage(str(sample_workspace), language="en")


def tables(section: Section) -> list[Table]:
    return [b for b in section.blocks if isinstance(b, Table)]


def texts(section: Section) -> list[str]:
    return [s.text for b in section.blocks if isinstance(b, Text) for s in b.sentences]


def test_every_pair_has_a_sheet_with_its_figures(page: CoachingPage) -> None:
    assert isinstance(page.plan, Coaching)
    sheets = [b for b in page.sheets().blocks if isinstance(b, Section)]
    assert len(sheets) == len(page.plan.sheets) == page.plan.pairs.pairs.height > 0
    for sheet in sheets:
        told = texts(sheet)
        assert [t.split(":")[0] for t in told] == [
            "Goal", "Session 1", "Session 2", "Session 3", "Debrief", "Number to watch",
        ]  # fmt: skip
        metrics = {f.metric for f in sheet.figures_used()}
        assert {"coaching.own", "coaching.middle", "coaching.pair.cases"} <= metrics


def test_the_gaps_are_the_plan_s_with_money_and_interval(page: CoachingPage) -> None:
    assert isinstance(page.plan, Coaching)
    (table,) = tables(page.gaps())
    assert len(table.rows) == page.plan.gaps.height
    money = [row[-2] for row in table.rows]
    for cell, row in zip(money, page.plan.gaps.iter_rows(named=True), strict=True):
        assert isinstance(cell, Number)
        assert float(cell.figure.value or 0) * 100 == pytest.approx(row["money"])
        assert float(cell.figure.low or 0) * 100 == pytest.approx(row["money_low"])


def test_what_goes_with_winning_prints_how_many_were_tried(page: CoachingPage) -> None:
    section = page.closers()
    tried = page.told("closers.tried")
    assert tried is not None
    assert any(f"{tried.value} comparisons" in text for text in texts(section))
    main, refused = tables(section)
    assert len(main.rows) == int(tried.value or 0)
    assert refused.title == "Not looked at"
    (sizes,) = tables(page.experiment())
    arms = [row[1].figure.value for row in sizes.rows if isinstance(row[1], Number)]
    assert [int(a or 0) for a in arms] == sorted([int(a or 0) for a in arms], reverse=True)


def test_alarms_are_listed_by_manager(sample_workspace: Path) -> None:
    page = CoachingPage(str(sample_workspace), language="en")
    page.company = made(PEOPLE)
    section = page.alerts()
    (table,) = tables(section)
    (row,) = table.rows
    told = [getattr(cell, "text", "") for cell in row[:4]]
    assert told == ["m1", "Name r0", "Win rate", "has fallen"]
    assert any("at most 5% of people" in text for text in texts(section))
    hebrew = CoachingPage(str(sample_workspace), language="he")
    hebrew.company = page.company
    (other,) = tables(hebrew.alerts())
    assert [c.title for c in other.columns] != [c.title for c in table.columns]
    assert {f.metric for f in section.figures_used()} >= {"alert.evidence", "alert.before"}


def test_what_came_of_it_warns_of_regression_to_the_mean(sample_workspace: Path) -> None:
    none = CoachingPage(str(sample_workspace), language="en").after()
    assert "regression to the mean" in texts(none)[0]
    began = "R04=2026-01-15 R13=2026-01-15"
    section = CoachingPage(str(sample_workspace), language="en", coached=began).after()
    assert "regression to the mean" in texts(section)[-1]
    (table,) = tables(section)
    assert {f.metric for f in table.figures_used()} == {
        "coaching.effect", "coaching.effect.plain", "coaching.effect.regression",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["R04", "R04=yesterday", "=2026-01-15"])
def test_coached_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="ID=YYYY-MM-DD"):
        began_on(text)


def test_named_mentors_only(sample_workspace: Path) -> None:
    page = CoachingPage(str(sample_workspace), language="en", mentors="R21")
    assert isinstance(page.plan, Coaching)
    assert set(page.plan.pairs.pairs["coach_id"]) <= {"R21"}
    assert page.plan.pairs.without.filter(reason="barred").height
    shown = json.dumps([b.payload() for b in (page.pairs(),)], ensure_ascii=False)
    assert "not among those who mentor" in shown


def test_a_person_s_own_report_holds_nobody_else(sample_workspace: Path) -> None:
    """No gap, pair, alarm or name of another person in a scope of one."""
    page = CoachingPage(str(sample_workspace), language="en", scope="rep:R04")
    payload = json.dumps(
        [getattr(page, part)().payload() for part in (*PARTS, "after")], ensure_ascii=False
    )
    whole = CoachingPage(str(sample_workspace), language="en")
    for rep, name in whole.company.table("reps").select("rep_id", "name").iter_rows():
        if rep != "R04":
            assert f'"{rep}"' not in payload
            assert name not in payload
