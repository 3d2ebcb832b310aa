"""Every report of every real data set is whole, in both languages, whatever the data lacks."""

from __future__ import annotations

import csv
import itertools
import re
from decimal import Decimal
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from spm_lib.model import metric_ids
from spm_lib.reports import ManagerPage, RepPage, StatementPage, TargetsPage
from spm_lib.reports.blocks import Section, Summary
from spm_lib.reports.pages.page import Page
from tests.reports.page_reader import read
from tests.reports.test_pages import PAGES as ALL
from tests.reports.test_pages import document, html

PAGES = [  # of people: see test_people_pages and test_statement_page
    kind for kind in ALL if kind not in (RepPage, ManagerPage, StatementPage)
]

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"
SETS = ("adventureworks", "maven_crm", "powerbi_regional_sales", "quicksight_pipeline")
TONGUES = ("en", "he")
DEALS = {"FunnelPage": "won.amount", "ForecastPage": "forecast.bookings", "RepsPage": "won.count",
         "CoachingPage": "alert.people", "MistakesPage": "mistake.count",
         "PlaybookPage": "win_rate.closed.count", "TargetsPage": "target.value",
         "SegmentsPage": "segment.tried"}  # fmt: skip

pytestmark = pytest.mark.slow


def by_turns() -> list[ParameterSet]:
    """Return each page of each company, in turn English and Hebrew; of one company in each run.

    The others are a proof.
    """
    made = []
    for (i, kind), (j, name) in itertools.product(enumerate(PAGES), enumerate(SETS)):
        marks = () if (i + j) % 4 == 2 else pytest.mark.proof
        one = pytest.param(kind, name, TONGUES[i % 2], id=f"{kind.__name__}-{name}", marks=marks)
        made.append(one)
    return made


@pytest.mark.parametrize(("kind", "workspace", "tongue"), by_turns())
def test_every_report_of_four_real_companies(
    kind: type[Page], workspace: str, tongue: str, real_data: Path
) -> None:
    path = WORKSPACES / workspace / "spm.toml"
    made = document(kind, path, tongue)
    told = {f.metric for f in made.figures if f.value is not None}
    orders = workspace == "adventureworks"
    wanted = {"orders.amount", "attainment.orders"} if orders else {DEALS[kind.__name__]}
    wanted = {"target.value"} if kind is TargetsPage else wanted
    assert wanted <= told
    assert told <= {m.id for m in metric_ids()}
    summary = made.lead[0]
    assert isinstance(summary, Summary)
    assert summary.happened
    sections = [block for block in made.evidence if isinstance(block, Section)]
    assert len(sections) >= 5
    assert all(section.blocks for section in sections), "no heading stands over nothing"
    body = read(html(kind, path, tongue)).all("main")[0].text
    assert not re.search(r"\bnan\b|None|\{[a-z_]+\}|\d\.\d{5,}", body)


def lines_of(path: Path, *, encoding: str, amount: str) -> list[tuple[str, Decimal]]:
    """Return day and amount of every order line of a file, by Python's own reader."""
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.DictReader(file)
        return [(row["OrderDate"], Decimal(row[amount].replace(",", ""))) for row in rows]


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(PAGES[2::4], id="run"),
        pytest.param(PAGES[::4], id="rest", marks=pytest.mark.proof),
    ],
)
def test_adventureworks_sells_what_its_files_say(real_data: Path, kinds: list[type[Page]]) -> None:
    folder = real_data / "adventureworks"
    lines = lines_of(folder / "Sales.csv", encoding="utf-8-sig", amount="Sales")
    june = folder / "ResellerSales_202006.csv"
    lines += lines_of(june, encoding="utf-16", amount="SalesAmount")
    sold = sum(amount for day, amount in lines if day >= "2019-07-01")
    for kind in kinds:  # made in English above
        made = document(kind, WORKSPACES / "adventureworks" / "spm.toml", "en")
        (told,) = [f for f in made.figures if f.metric == "orders.amount" and not f.by][:1]
        assert Decimal(told.value or 0) == sold
