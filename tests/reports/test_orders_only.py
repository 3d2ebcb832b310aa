"""A client with orders and quotas but no deals: three whole reports, made of what there is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from _pytest.mark import ParameterSet

from spm_lib.core.language import language
from spm_lib.reports import FunnelPage, ManagerPage, RepPage, StatementPage, TargetsPage
from spm_lib.reports.blocks import Section, Summary, Table, Text
from spm_lib.reports.figures import figure_records
from spm_lib.reports.pages.page import Page

from .page_reader import read
from .test_pages import PAGES as ALL
from .test_pages import document, html, orphans

PEOPLES = (RepPage, ManagerPage, StatementPage, TargetsPage)  # see test_people_pages, and below
PAGES = [kind for kind in ALL if kind not in PEOPLES]

ABOUT_CUSTOMERS = ("Who buys again", "What customers lack")
NOBODY = "Nobody knows who bought: neither orders nor deals name customers."
AS_OF = date(2026, 9, 30)
FILE = """version = 1
[workspace]
id = "orders"
name = "Orders Ltd"
currency = "ILS"
language = "en"
as_of = "2026-09-30"
[tables.orders]
path = "orders.csv"
columns = { order_id = "order", line = "line", date = "day", rep_id = "rep", amount = "amount" }
[tables.reps]
path = "reps.csv"
columns = { rep_id = "rep", name = "name" }
[tables.memberships]
path = "teams.csv"
columns = { rep_id = "rep", team = "team", valid_from = "from" }
[tables.targets]
path = "targets.csv"
columns = { rep_id = "rep", period_start = "start", period_end = "end", value = "value" }
fixed = { metric = "orders.amount" }
"""
PEOPLE = ("r1", "r2", "r3", "r4")


def order_lines() -> list[dict]:
    rng = Random(4)
    lines = []
    for number in range(500):
        day = AS_OF - timedelta(days=rng.randrange(900))
        rep = rng.choice(PEOPLE[:3])  # the fourth has a quota and sells nothing
        lines += [
            {
                "order": f"o{number}",
                "line": i,
                "day": day,
                "rep": rep,
                "amount": rng.randrange(9000),
            }
            for i in range(rng.randrange(1, 4))
        ]
    return lines


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orders")
    starts = [date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)]
    ends = [*starts[1:], date(2026, 10, 1)]
    tables = {
        "orders": order_lines(),
        "reps": [{"rep": rep, "name": f"נועה {rep}"} for rep in PEOPLE],
        "teams": [
            {"rep": rep, "team": team, "from": date(2020, 1, 1)}
            for rep, team in zip(PEOPLE, ("North", "North", "דרום", "דרום"), strict=True)
        ],
        "targets": [
            {"rep": rep, "start": start, "end": end, "value": 300_000}
            for rep in PEOPLE
            for start, end in zip(starts, ends, strict=True)
        ],
    }
    for name, rows in tables.items():
        pl.DataFrame(rows).write_csv(folder / f"{name}.csv")
    (folder / "spm.toml").write_text(FILE, encoding="utf-8")
    return folder / "spm.toml"


def year() -> list[dict]:
    return [line for line in order_lines() if date(2025, 10, 1) <= line["day"]]


def in_hebrew(kind: type[Page]) -> ParameterSet:
    """Return a page in Hebrew: here the funnel's, the others are a proof."""
    marks = () if kind is FunnelPage else pytest.mark.proof
    return pytest.param(kind, "he", marks=marks)


def sections(made: object) -> dict[str, Section]:
    return {b.title: b for b in made.evidence if isinstance(b, Section)}  # pyright: ignore


@pytest.mark.parametrize(
    ("kind", "tongue"), [*((kind, "en") for kind in PAGES), *map(in_hebrew, PAGES)]
)
def test_every_report_is_whole_and_tells_what_was_sold(kind: type[Page], tongue, client) -> None:
    made = document(kind, client, tongue)
    known = {f.metric: f for f in made.figures if not f.by}
    sold = year()
    assert float(known["orders.amount"].value or 0) == sum(line["amount"] for line in sold)
    assert int(known["orders.count"].value or 0) == len({line["order"] for line in sold})
    quota = 4 * len(PEOPLE) * 300_000
    reached = sum(line["amount"] for line in sold) / quota
    assert float(known["attainment.orders"].value or 0) == pytest.approx(reached)
    summary = made.lead[0]
    assert isinstance(summary, Summary)
    assert len(summary.happened) == 2
    page = html(kind, client, tongue)
    reader = language(tongue)
    said = "This part needs data that was not handed over: {data}."
    assert reader.text(said, data=reader.text("Deals")) in page
    assert not orphans(page, figure_records(made.figures, currency="ILS"))
    assert len(read(page).all("h2")) >= 7


@pytest.mark.parametrize("kind", PAGES, ids=lambda kind: kind.__name__)
def test_parts_about_deals_say_what_they_lack_and_print_nothing(kind: type[Page], client) -> None:
    found = sections(document(kind, client, "en"))
    missing = [s for s in found.values() if not [b for b in s.blocks if not isinstance(b, Text)]]
    assert len(missing) >= 3
    for section in missing:
        (text,) = section.blocks
        assert isinstance(text, Text)
        assert text.tone == "missing"
        told = text.sentences[0].text
        if section.title in ABOUT_CUSTOMERS:  # there are orders, which name no customers
            assert told == f"This cannot be told: {NOBODY}"
        else:
            assert told.startswith("This part needs data that was not handed over: ")


def test_targets_are_of_orders_where_there_are_no_deals(client) -> None:
    page = TargetsPage(str(client), language="en")
    assert page.plan.metric == "orders.amount"
    sold = {rep: sum(o["amount"] for o in year() if o["rep"] == rep) for rep in PEOPLE}
    told = dict(page.plan.people.select("rep_id", "last_year").iter_rows())
    assert told == {rep: round(amount * 100) for rep, amount in sold.items() if amount}
    assert page.plan.people["target"].sum() == page.plan.company_target
    assert page.plan.company_target == pytest.approx(sum(sold.values()) * 110, abs=100_000)


def test_odds_of_orders_are_those_of_own_past_months_drawn_again_and_the_page_says_so(
    client,
) -> None:
    """Against a plain redrawing of the file's own lines, in another generator's luck."""
    page = TargetsPage(str(client), language="en")
    plan, rng = page.plan, Random(9)
    assert plan.resampled
    assert plan.odds is None
    targets = dict(plan.people.select("rep_id", "target").iter_rows()) | {"": plan.company_target}
    odds = dict(plan.people.select("rep_id", "odds").iter_rows())
    odds[""] = (plan.company_odds or {})["odds"]
    months = {(2024 + m // 12, m % 12 + 1): i for i, m in enumerate(range(9, 33))}
    for rep, target in targets.items():
        own = [0.0] * 24
        for line in order_lines():
            place = months.get((line["day"].year, line["day"].month))
            if place is not None and rep in ("", line["rep"]):
                own[place] += line["amount"]
        years = [sum(rng.choices(own, k=12)) * 100 >= target for _ in range(4_000)]
        assert odds[rep] == pytest.approx(sum(years) / 4_000, abs=0.035)
    told = {f.metric for f in plan.figures}
    assert "target.own_odds" in told
    assert "target.odds" not in told
    assert [b.type for b in page.stretch().blocks] == ["chart"]
    said = [sentence.text for sentence in page.summary().why]
    assert any(text.startswith("Odds are of own past months, drawn again") for text in said)
    own = next(b for b in page.table_of_people().blocks if isinstance(b, Table))
    assert "the data has orders and no deals" in own.note
    mine = TargetsPage(str(client), language="en", scope="rep:r1")
    assert mine.plan.people["odds"].to_list() == [odds["r1"]]


def test_people_and_teams_are_told_by_their_orders(client) -> None:
    by_rep = {rep: sum(o["amount"] for o in year() if o["rep"] == rep) for rep in PEOPLE}
    by_team = {"North": by_rep["r1"] + by_rep["r2"], "דרום": by_rep["r3"] + by_rep["r4"]}
    pages = {
        ("RepsPage", "Person by person"): {f"נועה {r}": v for r, v in by_rep.items() if v},
        ("ForecastPage", "By person"): {f"נועה {r}": v for r, v in by_rep.items() if v},
        ("FunnelPage", "Teams"): by_team,
    }
    for (name, title), truth in pages.items():
        kind = next(k for k in PAGES if k.__name__ == name)
        (table,) = sections(document(kind, client, "en"))[title].blocks
        assert isinstance(table, Table)
        rows = {row[0].text: row for row in table.rows}  # pyright: ignore
        assert {key: float(row[1].shown) for key, row in rows.items()} == truth  # pyright: ignore
        assert list(rows) == sorted(rows)
        share = {key: float(row[-1].shown or 0) for key, row in rows.items()}  # pyright: ignore
        heads = 2 if title == "Teams" else 1
        for key, value in share.items():
            assert value == pytest.approx(truth[key] / (heads * 4 * 300_000), abs=1e-6)


def test_quarterly_quotas_are_met_quarter_by_quarter(client) -> None:
    kind = next(k for k in PAGES if k.__name__ == "FunnelPage")
    section = sections(document(kind, client, "en"))["Sales by month"]
    table = [b for b in section.blocks if isinstance(b, Table)][-1]
    assert [row[0].text for row in table.rows] == [  # pyright: ignore
        "Q4 2025",
        "Q1 2026",
        "Q2 2026",
        "Q3 2026",
    ]
    last = sum(o["amount"] for o in year() if o["day"] >= date(2026, 7, 1))
    assert float(table.rows[-1][-1].shown) == pytest.approx(last / 1_200_000)  # pyright: ignore
