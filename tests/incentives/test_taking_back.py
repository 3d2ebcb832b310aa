"""What is taken back of cancelled deals, and what of the tables could not be looked at."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from spm_lib.incentives import PayFiles, PayRun, calculate, pay_data
from spm_lib.model import SetAside
from spm_lib.store import ClientFolder
from tests.incentives.small import component, day, deals, paid, people, small_plan

FULL = '[clawback]\nhow = "full"\npaid_only = true\nattainment = false\n'
TEN = '{ kind = "rate", rate = 0.10 }'
WHOLE = '{ kind = "table", of = "base", how = "whole", bands = [{ up_to = 1000, rate = 0.05 }, { rate = 0.10 }] }'  # noqa: E501
TO_DATE = {"grouping": '"to_date"', "true_up": '"deduct"'}
SOLD = deals(("D1", "R1", "01-10", "1000"), ("D2", "R1", "02-10", "500"))


def cancelled(*rows: tuple[str, str]) -> pl.DataFrame:
    told = [(deal, day(when)) for deal, when in rows]
    return pl.DataFrame(told, schema=["transaction_id", "date"], orient="row")


def run_of(rest: str, cancellations: pl.DataFrame, sold: pl.DataFrame = SOLD) -> PayRun:
    data = pay_data(transactions=sold, people=people("R1"), cancellations=cancellations)
    return calculate(small_plan(rest), data, through="2026-03")


def test_what_is_not_looked_at_is_set_aside_with_its_reason_and_money(tmp_path: Path) -> None:
    told = cancelled(("D1", "03-01"), ("D2", "03-25"), ("D7", "03-02"), ("OLD", "03-03"))
    sold = pl.concat([SOLD, deals(("OLD", "R1", "2025-12-30", "70"))])
    run = run_of(FULL + "window_days = 40\n" + component(TEN), told, sold)
    at_40 = run_of(FULL + "window_days = 60\n" + component(TEN), told, sold)
    receipt = run.receipts["cancellations"]
    assert (receipt.used, receipt.read) == (0, 4)
    assert receipt.set_aside == {
        "after the window": SetAside(2, 1500_00),
        "outside the plan's days": SetAside(1),
        "unknown deal": SetAside(1),
    }
    assert at_40.receipts["cancellations"].used == 2
    assert run.receipts["transactions"].set_aside == {"outside the plan's days": SetAside(1, 70_00)}
    kept = PayFiles(ClientFolder(tmp_path), "small").keep(run, "2026-03")
    stated = json.loads((kept.folder / "run.json").read_text("utf-8"))["receipts"]
    assert stated["cancellations"]["set_aside"]["unknown deal"] == {"rows": 1, "amount": None}
    without = run_of(component(TEN), told, sold).receipts["cancellations"]
    assert without.set_aside["the plan takes nothing back"] == SetAside(2, 1500_00)


@pytest.mark.parametrize("until", ["02-20", "03-20"])
def test_what_a_true_up_brought_of_a_cancelled_deal_is_taken_back_too(until: str) -> None:
    """D1 is paid 5 % in January, and 5 % more in February, when the year reaches 10 %."""
    run = run_of(FULL + component(WHOLE, **TO_DATE), cancelled(("D1", until)))
    lines = run.payments.filter(pl.col("kind") == "clawback")
    assert set(lines["transaction_id"]) == {"D1"}
    assert lines["amount"].sum() == -100_00
    assert run.payments["amount"].sum() == 50_00  # D2 alone, at the rate reached
    assert run.earnings["amount"].sum() == 150_00


def test_no_more_is_taken_back_than_a_cap_of_the_plan_left() -> None:
    """January earns 300, is paid 150: half. Of D1's 100 only 50 were paid."""
    sold = deals(("D0", "R1", "01-05", "2000"), ("D1", "R1", "01-10", "1000"),
                 ("D2", "R1", "02-10", "500"))  # fmt: skip
    back = cancelled(("D1", "02-20"))

    def by_month(excess: str) -> dict[str, str]:
        cap = f'[cap]\namount = 150\non = "plan"\nexcess = "{excess}"\n'
        return paid(run_of(FULL + cap + component(TEN), back, sold))

    assert by_month("lost") == {"01": "150"}  # February: 50 of D2, less 50 of D1
    assert by_month("kept") == {"01": "150"}
    carried = by_month("carried")  # the other half comes later, so all of D1 is taken back
    assert carried == {"01": "150", "02": "100"}  # 250: D0 and D2 in all
