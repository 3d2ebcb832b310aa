"""Returns: the worked examples as written, scopes of costs, intervals that cover, head-months."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from spm_lib.metrics import measure
from spm_lib.metrics.returns import payback_months, return_on_cost
from spm_lib.model import Company, company_from_frames
from tests.metrics.companies import SETTINGS
from tests.metrics.eight_people import PEOPLE, with_hires

HERE = Path(__file__).parent
EXAMPLES = {
    example["id"]: example
    for example in json.loads((HERE / "data" / "worked_examples.json").read_text("utf-8"))[
        "examples"
    ]
}


def company(
    won: list[int], costs: list[tuple[str | None, int]], *, orders: pl.DataFrame | None = None
) -> Company:
    """Return a company that won deals of these amounts in March 2026, at these costs."""
    day = date(2026, 3, 2)
    deals = pl.DataFrame(
        {
            "opportunity_id": [f"d{n}" for n in range(len(won))],
            "rep_id": "r1",
            "account_id": [f"a{n // 2}" for n in range(len(won))],
            "stage": "Won",
            "amount": won,
            "created_at": day,
            "closed_at": day,
        }
    )
    kinds, amounts = zip(*costs, strict=True)
    ledger = pl.DataFrame(
        {"period_start": date(2026, 3, 1), "kind": list(kinds), "amount": list(amounts)}
    )
    tables = {"opportunities": deals, "costs": ledger}
    tables |= {} if orders is None else {"orders": orders}
    return company_from_frames(tables, SETTINGS, as_of=date(2026, 3, 31))


def rounded(value: float, digits: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(digits))


def test_vm2_compensation_cost_of_sales() -> None:
    told, wanted = (EXAMPLES["VM2"][part] for part in ("inputs", "expected"))
    sales, pay = int(told["sales"]), int(told["cash_compensation"])
    co = company([sales // 2, sales // 2], [("Salaries", pay - 30_000), ("SPIF", 30_000),
                                             ("travel", 9_999), (None, 5)])  # fmt: skip
    answer = measure(co, "ccos")
    assert rounded(answer.frame["value"][0], "0.01") == Decimal(wanted["ccos"])
    aside = {reason: part.rows for reason, part in answer.receipt.set_aside.items()}
    assert aside == {"another kind of cost": 2}, "travel is no pay, nor is what nobody named"
    commission = measure(co, "commission_cost_rate").frame["value"][0]
    assert commission == pytest.approx(30_000 / sales)


def test_vm4_return_and_efficiency() -> None:
    told, wanted = (EXAMPLES["VM4"][part] for part in ("inputs", "expected"))
    revenue, invested = int(told["revenue"]), int(told["sales_investment"])
    co = company([revenue], [("people", invested - 50_000), ("training", 50_000)])
    for name, key in (("sales_roi.revenue", "roi"), ("sales_efficiency", "efficiency")):
        found = measure(co, name).frame["value"][0]
        assert rounded(found, "0.0001") == Decimal(wanted[key])
    exact = return_on_cost(revenue, invested)
    assert exact is not None
    assert rounded(float(exact), "0.0001") == Decimal(wanted["roi"])


def test_gross_profit_needs_the_cost_of_a_line() -> None:
    lines = {
        "order_id": ["o1", "o2", "o3"],
        "line": ["1", "1", "1"],
        "rep_id": "r1",
        "date": date(2026, 3, 5),
        "amount": [500, 300, 900],
        "cost": [200, 350, None],
    }
    co = company([1], [("people", 100)], orders=pl.DataFrame(lines))
    answer = measure(co, "sales_roi.gross_profit")
    assert answer.frame["value"][0] == pytest.approx((300 - 50 - 100) / 100)
    assert answer.receipt.set_aside["no cost"].rows == 1
    assert answer.frame["low"][0] < answer.frame["value"][0] < answer.frame["high"][0]


def test_cac_counts_first_deals_of_customers_and_payback_is_whole() -> None:
    co = company([10, 10, 10, 10, 10], [("people", 600)])
    answer = measure(co, "cac")
    assert answer.frame.select("value", "n").row(0) == (20_000, 3)
    assert answer.receipt.set_aside["customer won before"].rows == 2
    assert payback_months(200, 50, "0.5") == 8
    assert payback_months(200, 50, 0) is None
    assert return_on_cost(1, 0) is None


@pytest.mark.slow
def test_intervals_cover_what_chance_brings() -> None:
    """Sales efficiency of months drawn again: the 95 % interval holds the expected one."""
    rng, hits = np.random.default_rng(5), 0
    mean = float(np.exp(0.5)) * 1000 * 40 / 10_000
    for _ in range(60):
        amounts = (rng.lognormal(0, 1, rng.poisson(40)) * 1000).astype(int).tolist()
        row = measure(company(amounts, [("people", 10_000)]), "sales_efficiency").frame
        hits += row["low"][0] <= mean <= row["high"][0]
    assert hits >= 51


def test_a_head_month_is_a_first_day_on_which_somebody_was_there() -> None:
    co = with_hires()
    whole = measure(co, "won.per_head_month", window="2025").frame
    won = measure(co, "won.amount", window="2025").frame["value"][0]
    months = 12 * 6 + 11 + 1  # r7 came on 1 February, r8 on 15 November
    assert whole["heads"][0] == months
    assert whole["value"][0] == round(won / months)
    parts = measure(co, "won.per_head_month", by="team", window="2025").frame
    assert parts["heads"].sum() == months
    people = measure(co, "won.per_head_month", by="rep_id", window="2025").frame
    assert dict(people.select("rep_id", "heads").iter_rows())["r8"] == 1
    assert set(people["rep_id"]) == set(PEOPLE)
