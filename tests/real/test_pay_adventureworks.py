"""Pay of AdventureWorks: its flat commission beside a loop over its lines, and two other plans."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest

from spm_lib.incentives import (
    PayData,
    Plan,
    calculate,
    compare_plans,
    cost_by_attainment,
    inversions,
    pay_data,
    plan_from_text,
)
from spm_lib.incentives.chain.periods import interval_of
from tests.incentives.small import DECISIONS, component

CLOCK = timedelta(days=2376)  # from the quota's clock to that of the sales
HEAD = """
version = 1
[plan]
id = "aw"
name = "AdventureWorks"
currency = "USD"
valid_from = 2017-07-01
valid_to = 2020-07-01
period = "quarter"
[decisions]
{decisions}
[[measures]]
id = "sales"
base = "amount"
[[credits]]
id = "owner"
to = "owner"
"""
THROUGH = "2020-Q1"  # the last whole quarter before the export ends


def plan_of(rest: str, **decisions: str) -> Plan:
    stated = {**DECISIONS, **decisions}
    told = "\n".join(f"{key} = {value}" for key, value in stated.items())
    return plan_from_text(HEAD.format(decisions=told) + rest)


def tab_separated(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text, delimiter="\t"))


def named(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def cents(text: str) -> int:
    return int((Decimal(text.replace(",", "")) * 100).to_integral_value(ROUND_HALF_UP))


def commissions(folder: Path) -> dict[str, Decimal]:
    """Return each person's commission rate by the key that the sales carry."""
    employees = {row[0]: row[1] for row in tab_separated(folder / "oltp" / "Employee.csv")}
    keys = {r["EmployeeID"]: r["EmployeeKey"] for r in named(folder / "Salesperson.csv")}
    rows = tab_separated(folder / "oltp" / "SalesPerson.csv")
    return {keys[employees[row[0]]]: Decimal(row[4]) for row in rows}


def quotas_of(folder: Path) -> pl.DataFrame:
    rows = []
    text = (folder / "dw" / "FactSalesQuota.csv").read_text(encoding="utf-8-sig")
    for line in csv.reader(text.splitlines(), delimiter="|"):
        start = date.fromisoformat(line[6][:10]) + CLOCK
        end = interval_of(start, "quarter").end
        rows.append((line[1], "sales", start, end, cents(line[5])))
    columns = ["rep_id", "quota", "period_start", "period_end", "value"]
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "adventureworks"


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[tuple[str, str, date, int]]:
    """Return order, seller, day and cents of each line."""
    rows = named(folder / "Sales.csv")
    days = [date.fromisoformat(r["OrderDate"]) for r in rows]
    return [
        (r["SalesOrderNumber"], r["EmployeeKey"], day, cents(r["Sales"]))
        for r, day in zip(rows, days, strict=True)
    ]


@pytest.fixture(scope="module")
def data(folder: Path, lines: list[tuple[str, str, date, int]]) -> PayData:
    rates, quotas = commissions(folder), quotas_of(folder)
    names = {r["EmployeeKey"]: r["Salesperson"] for r in named(folder / "Salesperson.csv")}
    first = dict(quotas.group_by("rep_id").agg(pl.col("period_start").min()).iter_rows())
    rows = pl.DataFrame(
        [(f"{order}/{n}", rep, day, amount) for n, (order, rep, day, amount) in enumerate(lines)],
        schema=["transaction_id", "rep_id", "date", "amount"],
        orient="row",
    )
    sellers = sorted(set(rows["rep_id"]) | set(names))
    roles = {rep: f"at {rate}" for rep, rate in rates.items() if rate}
    people = pl.DataFrame(
        [(r, names.get(r, r), roles.get(r, "manager"), first.get(r)) for r in sellers],
        schema=["rep_id", "name", "role", "hired_on"],
        orient="row",
    )
    return pay_data(transactions=rows, people=people, quotas=quotas)


def flat(data: PayData) -> Plan:
    rates = sorted({role.removeprefix("at ") for role in data.people["role"] if role != "manager"})
    rules = [
        component(f'{{ kind = "rate", rate = {rate} }}', id=f'"flat-{i}"', roles=f'["at {rate}"]')
        for i, rate in enumerate(rates)
    ]
    return plan_of("".join(rules))


def with_quotas(data: PayData) -> PayData:
    """Return the people who have a quota, from their first one on, and the sales of these days."""
    from dataclasses import replace

    spans = data.quotas.group_by("rep_id").agg(
        valid_from=pl.col("period_start").min(), valid_to=pl.col("period_end").max()
    )
    people = data.people.drop("valid_from", "valid_to").join(spans, on="rep_id", how="left")
    open_ = data.transactions.join(spans, on="rep_id", how="inner").filter(
        (pl.col("date") >= pl.col("valid_from")) & (pl.col("date") < pl.col("valid_to"))
    )
    return replace(
        data,
        people=people.select(data.people.columns),
        transactions=open_.select(data.transactions.columns),
    )


def test_the_flat_plan_pays_what_a_loop_over_the_lines_pays(
    folder: Path, data: PayData, lines: list[tuple[str, str, date, int]]
) -> None:
    due: dict[tuple[str, str], int] = defaultdict(int)
    for _, rep, day, amount in lines:
        if date(2017, 7, 1) <= day < date(2020, 4, 1):
            due[rep, f"{day.year}-Q{(day.month + 2) // 3}"] += amount
    rates = commissions(folder)
    expected = {
        key: int((Decimal(sold) * rates[key[0]]).to_integral_value(ROUND_HALF_UP))
        for key, sold in due.items()
        if rates.get(key[0])
    }
    run = calculate(flat(data), data, through=THROUGH)
    found = {(rep, period): n for rep, period, _, n in run.totals.iter_rows()}
    assert {k: v for k, v in found.items() if v} == expected
    assert len(expected) > 120


def test_two_plans_beside_the_flat_one(data: PayData) -> None:
    """As a board asks: what each costs, who gains and who loses, and who is paid out of turn."""
    book = with_quotas(data)
    held = sorted(set(book.people["role"]) - {"manager"})
    roles = "[" + ", ".join(f'"{role}"' for role in held) + "]"
    target = '[[target_pay]]\namount = 9000\nper = "quarter"\n'
    goal = '{ kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 1.5 }] }'
    rates = "[{ up_to = 1, rate = 0.012 }, { rate = 0.02 }]"
    bands = f'{{ kind = "table", of = "attainment", bands = {rates} }}'
    by_goal = plan_of(target + component(goal, weight="1", roles=roles), boundary='"lower"')
    by_bands = plan_of(component(bands, roles=roles))
    for new in (by_goal, by_bands):
        compared = compare_plans(flat(book), new, book, through=THROUGH)
        assert compared.winners + compared.losers >= 12
        assert compared.new_cost - compared.old_cost == compared.people["change"].sum()
        assert 0.5 < compared.new_cost / compared.old_cost < 2
    run = calculate(by_goal, book, through=THROUGH)
    assert inversions(run, "main").is_empty(), "the same target pay: more attainment, more pay"
    out_of_turn = inversions(calculate(by_bands, book, through=THROUGH), "main")
    assert out_of_turn.height > 50, "pay by volume follows the territory more than attainment"
    steps = [Decimal("0.8"), Decimal(1), Decimal("1.2")]
    cost = cost_by_attainment(by_bands, book, measure="sales", through=THROUGH, steps=steps)
    assert cost["cost_rate"].is_sorted(), "accelerated pay costs more of each sale above target"
