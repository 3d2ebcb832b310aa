"""The part of the forecast page on calls: it prints what the record says, under people's names."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from spm_lib.forecast import call_record
from spm_lib.reports import ForecastPage
from spm_lib.reports.blocks import Chart, Section, Table
from spm_lib.reports.cells import Number

from .quick_forecast import quick

pytestmark = pytest.mark.slow  # the track record of whole companies


@pytest.fixture(scope="module")
def page(sample_workspace: Path) -> ForecastPage:
    return quick(ForecastPage(str(sample_workspace)))


@pytest.fixture(scope="module")
def section(page: ForecastPage) -> Section:
    return page.calls()


def table(section: Section, start: str) -> Table:
    return next(b for b in section.blocks if isinstance(b, Table) and b.title.startswith(start))


def test_the_people_on_the_chart_are_named_and_ordered_by_their_bias(section: Section) -> None:
    (chart,) = [b for b in section.blocks if isinstance(b, Chart)]
    labels, values = ([row[k] for row in chart.data] for k in (0, 1))
    assert values == sorted(values)  # type: ignore[type-var]
    assert not any(str(label).startswith("R0") for label in labels)
    assert "call too little" in chart.title


def test_the_verdicts_are_those_of_the_record(page: ForecastPage, section: Section) -> None:
    made = call_record(page.company, tested=page.outcome.tested)  # type: ignore[union-attr]
    low = {page.name_of(who) for who in made.people("low")}
    high = {page.name_of(who) for who in made.people("high")}
    rows = table(section, "Person by person").rows
    told = {row[0].text: row[-1].text for row in rows}  # type: ignore[union-attr]
    assert {name for name, lean in told.items() if lean == "too little"} == low
    assert {name for name, lean in told.items() if lean == "too much"} == high


def test_managers_calls_stand_beside_the_sums_and_are_in_none(section: Section) -> None:
    rows = table(section, "Calls for").rows
    people = [Decimal(row[1].figure.value) for row in rows if isinstance(row[1], Number)]  # type: ignore
    assert people[-1] == sum(people[:-1])
    owned = [row[2] for row in rows]
    assert sum(isinstance(cell, Number) for cell in owned) == len(rows) - 1


def test_without_calls_the_page_says_what_is_lacking(small_client: Path) -> None:
    made = ForecastPage(str(small_client)).calls()
    (text,) = made.blocks
    assert text.sentences[0].text.endswith("not handed over: Forecast calls.")  # type: ignore[union-attr]
