"""Segments side by side, customers who come back, whitespace: by hand and on real orders."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import spm_lib
from spm_lib.core.errors import DataError
from spm_lib.model import Company, company_from_frames
from spm_lib.segments import compare_segments, repeat_customers, whitespace
from tests.metrics.companies import SETTINGS

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


def test_segments_side_by_side_are_the_deals_counted_by_hand(sample: Company) -> None:
    found = compare_segments(sample, "Segment", window="2026")
    deals = sample.table("opportunities").filter(pl.col("closed_on").dt.year() == 2026)
    for row in found.table.iter_rows(named=True):
        own = deals.filter(pl.col("Segment") == row["Segment"])
        won, lost = ((own["outcome"] == name).sum() for name in ("won", "lost"))
        assert (row["won"], row["n"]) == (won, won + lost)
        assert row["low"] < row["shrunk"] < row["high"]
        assert row["size_low"] < row["size"] < row["size_high"]
    acts = sample.table("activities").filter(pl.col("happened_on").dt.year() == 2026)
    acts = acts.join(
        sample.table("opportunities").select("opportunity_id", "Segment"), on="opportunity_id"
    )
    share = {s: n / acts.height for s, n in acts["Segment"].value_counts().iter_rows()}
    told = dict(found.table.select("Segment", "activity_share").iter_rows())
    assert told == pytest.approx(share)
    assert found.table["activity_share"].sum() == pytest.approx(1)


def test_a_velocity_has_the_interval_that_drawing_deals_anew_gives(sample: Company) -> None:
    """Second route: deals of a segment drawn with replacement, their number by chance too."""
    found = compare_segments(sample, "Segment", window="2026")
    rng, first = np.random.default_rng(1), date(2026, 1, 1)
    columns = ("outcome", "created_on", "closed_on", "amount")
    for row in found.table.iter_rows(named=True):
        own = sample.table("opportunities").filter(pl.col("Segment") == row["Segment"])
        sums = []
        for outcome, created, closed, amount in own.select(columns).iter_rows():
            if outcome != "open" and closed < first:
                continue
            won, days = outcome == "won", (closed - created).days if closed else 0
            sums.append((1, won, outcome != "open", won * (amount or 0), won and amount is not None,
                         won and days >= 0, won * max(days, 0)))  # fmt: skip
        deals = np.array(sums, float)
        drawn = [deals[rng.integers(0, len(deals), rng.poisson(len(deals)))].sum(axis=0)
                 for _ in range(1000)]  # fmt: skip
        n, won, closed, amount, priced, cycled, cycle = np.array(drawn).T
        low, high = np.quantile(n * won / closed * amount / priced * cycled / cycle, [0.025, 0.975])
        assert row["velocity_low"] == pytest.approx(low, rel=0.12)
        assert row["velocity_high"] == pytest.approx(high, rel=0.12)
        assert row["velocity_low"] < row["velocity"] < row["velocity_high"]


def test_a_velocity_of_nothing_or_less_is_told_without_an_interval() -> None:
    """Deals won for 0, and credits that outweigh sales: no logarithm, and no number too large."""
    worth = {
        "free": [0, 0, 0],
        "refunded": [100, 100, -250],
        "level": [10**9, -(10**9), 1],
        "paid": [90],
    }
    amounts = [(name, amount) for name, own in worth.items() for amount in own]
    deals = pl.DataFrame(
        {
            "opportunity_id": [f"d{n}" for n in range(len(amounts))],
            "rep_id": "r1",
            "Segment": [name for name, _ in amounts],
            "stage": "Won",
            "created_at": date(2026, 1, 1),
            "closed_at": date(2026, 2, 1),
            "amount": [amount for _, amount in amounts],
        }
    )
    co = company_from_frames({"opportunities": deals}, SETTINGS, as_of=date(2026, 3, 31))
    found = compare_segments(co, "Segment", window="2026-Q1").table
    told = {r["Segment"]: (r["velocity"], r["velocity_low"], r["velocity_high"])
            for r in found.iter_rows(named=True)}  # fmt: skip
    assert told["free"] == (0, None, None)
    assert told["refunded"] == (round(-5000 / 31), None, None)  # 3 won of 3, -50 in 31 days
    assert told["level"] == (3, None, None)  # 1 left of sales and credits of 1,000,000,000
    value, low, high = told["paid"]
    assert low < value < high


def test_what_luck_explains_is_not_ranked(sample: Company) -> None:
    assert compare_segments(sample, "Segment").ranked
    idle = compare_segments(sample, "type")
    assert not idle.ranked
    assert idle.table["type"].to_list() == sorted(idle.table["type"])
    pair = compare_segments(sample, ["Segment", "type"]).table
    assert pair.select("Segment", "type").is_unique().all()


def bought(orders: list[tuple[str, date, str, int]], **more: pl.DataFrame) -> Company:
    """Return a company of orders: customer, day, product, amount."""
    names, days, products, amounts = zip(*orders, strict=True)
    lines = pl.DataFrame(
        {
            "order_id": [f"o{n}" for n in range(len(orders))],
            "line": "1",
            "rep_id": "r1",
            "date": days,
            "account_id": names,
            "product_id": products,
            "amount": amounts,
        }
    )
    return company_from_frames({"orders": lines, **more}, SETTINGS, as_of=date(2026, 3, 31))


def test_who_came_back_is_counted_customer_by_customer(sample: Company) -> None:
    found = repeat_customers(sample)
    won = sample.table("opportunities").filter(
        pl.col("outcome") == "won", pl.col("account_id").is_not_null()
    )
    days: dict[str, list[date]] = defaultdict(list)
    for account, day in won.select("account_id", "closed_on").drop_nulls().iter_rows():
        days[account].append(day)
    cut = sample.as_of - timedelta(days=365)
    groups: dict[str, list[bool]] = defaultdict(list)
    for own in days.values():
        before = [d for d in own if d <= cut]
        if before:
            since, times = (cut - max(before)).days, len(before)
            group = (
                3 if since <= 91 else 2 if since <= 365 else 1,
                sum(times >= k for k in (1, 2, 4)),
            )
            groups["{}{}".format(*group)].append(any(d > cut for d in own))
    told = {r["group"]: (r["then"], r["came_back"]) for r in found.groups.iter_rows(named=True)}
    assert told == {g: (len(c), sum(c)) for g, c in groups.items()}
    assert found.groups["customers"].sum() == len(days)


def test_a_rare_customer_is_no_group_and_few_are_withheld() -> None:
    few = bought([(f"a{n}", date(2025, 1, 1), "p", 5) for n in range(10)])
    with pytest.raises(DataError, match="too few were there"):
        repeat_customers(few)


def test_a_group_of_a_year_ago_that_is_empty_today_is_tried_all_the_same() -> None:
    """All bought within a year then, and long ago today: nobody of them has come back but one."""
    lines = [(f"a{n}", date(2024, 6, 1), "p", 5) for n in range(45)]
    found = repeat_customers(bought([*lines, ("a0", date(2026, 3, 1), "p", 5)]))
    rows = {g: (c, t, b) for g, c, t, b in found.groups.select(
        "group", "customers", "then", "came_back").iter_rows()}  # fmt: skip
    assert rows == {"32": (1, 0, 0), "21": (0, 45, 1), "11": (44, 0, 0)}
    assert found.groups["then"].sum() == found.then == 45
    assert found.groups["came_back"].sum() == found.came_back == 1


def test_customers_are_in_thirds_of_what_they_bought() -> None:
    """Nine large customers of five orders each are in the upper third of forty-five."""
    day = date(2024, 6, 1)
    lines = [(f"a{n}", day, "p", 10 * n) for n in range(1, 10)] * 5
    lines += [(f"b{n:02}", day, "p", 1) for n in range(36)]
    found = repeat_customers(bought(lines)).customers
    thirds = dict(found.select("account_id", "money").iter_rows())
    assert [thirds[f"a{n}"] for n in range(1, 10)] == [3] * 9
    assert sorted(found["money"]) == [1] * 15 + [2] * 15 + [3] * 15
    assert found.filter(account_id="a9").select("times", "amount", "group").row(0) == (
        5,
        45000,
        "13",
    )
    assert found.filter(account_id="b00").select("times", "group").row(0) == (1, "11")


def test_whitespace_counts_who_lacks_what_alike_ones_buy() -> None:
    day = date(2025, 6, 1)
    kinds = pl.DataFrame(
        {
            "account_id": [f"a{n:02}" for n in range(60)],
            "name": [f"A{n}" for n in range(60)],
            "kind": ["shop"] * 30 + ["plant"] * 30,
        }
    )
    lines = [(f"a{n:02}", day, "saw", 100) for n in range(60)]
    lines += [(f"a{n:02}", day, "oil", 40) for n in range(24)] + [("a35", day, "oil", 10)]
    found = whitespace(bought(lines, accounts=kinds), alike="kind")
    rows = {(r["segment"], r["product"]): r for r in found.table.iter_rows(named=True)}
    shop = rows["shop", "oil"]
    assert (shop["customers"], shop["buyers"], shop["without"]) == (30, 24, 6)
    assert shop["expected"] == round(6 * shop["low"] * 4000)
    assert rows["plant", "oil"]["buyers"] == 1
    assert rows["plant", "oil"]["share"] < 0.2 < 0.6 < shop["share"]
    assert rows["shop", "saw"]["without"] == 0


@pytest.mark.slow
def test_adventureworks_resellers_come_back_by_how_lately_they_bought(real_data: Path) -> None:
    """Second route: the groups straight from the CSV files would be long; totals are counted."""
    assert real_data.is_dir()
    co = spm_lib.open(WORKSPACES / "adventureworks" / "spm.toml")
    found = repeat_customers(co)
    orders = co.table("orders")
    cut = co.as_of - timedelta(days=365)
    early = set(orders.filter(pl.col("date") <= cut)["account_id"].drop_nulls())
    late = set(orders.filter(pl.col("date") > cut)["account_id"].drop_nulls())
    assert (found.then, found.came_back) == (len(early), len(early & late))
    share = dict(found.groups.select("group", "share").iter_rows())
    assert share["33"] > 0.7 > 0.3 > share["13"], "who stopped buying stays away"
    gap = whitespace(co)
    assert (gap.alike, gap.grouped) == ("Business Type", "Category")
