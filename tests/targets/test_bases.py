"""Bases of a share-out: a plain loop over rows, nothing of the future, and limits of growth."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.model import Company, company_from_frames
from spm_lib.targets.sharing import bases, growth_limits, hand_down
from tests.metrics.companies import SETTINGS, random_facts
from tests.metrics.companies import company as made

YEAR = Window(date(2025, 10, 1), date(2026, 10, 1))


def test_history_and_pipeline_are_those_of_a_plain_loop(sample: Company) -> None:
    history: dict[str, int] = {}
    pipeline: dict[str, int] = {}
    for deal in sample.table("opportunities").rows(named=True):
        who, amount = deal["rep_id"], deal["amount"] or 0
        if deal["outcome"] == "won" and YEAR.contains(deal["closed_on"]):
            history[who] = history.get(who, 0) + amount
        elif deal["outcome"] == "open":
            pipeline[who] = pipeline.get(who, 0) + amount
    here = {
        rep["rep_id"]
        for rep in sample.table("reps").rows(named=True)
        if rep["left_on"] is None or rep["left_on"] > sample.as_of
    }
    found = bases(sample)
    assert found["rep_id"].to_list() == sorted((history.keys() | pipeline.keys()) & here)
    for row in found.rows(named=True):
        assert row["history"] == history.get(row["rep_id"], 0)
        assert row["pipeline"] == pipeline.get(row["rep_id"], 0)
        start = max(row["hired_on"], YEAR.start)
        assert row["days"] == (YEAR.end - start).days
        assert row["history_full"] == round(row["history"] * 365 / row["days"])


@pytest.mark.parametrize("day", [date(2026, 1, 20), date(2026, 3, 1)])
def test_nothing_after_the_day_is_known(day: date) -> None:
    facts = random_facts(42, deals=45)
    window = Window(date(2025, 1, 1), date(2026, 2, 1))
    then = bases(made(facts).at(day), window=window)
    assert then.height
    assert then.equals(bases(made(facts, day=day), window=window))


def test_a_company_is_handed_down_by_its_own_bases(sample: Company) -> None:
    people = growth_limits(bases(sample), low=-0.1, high=0.3)
    target = people["history_full"].sum() * 11 // 10
    handed = hand_down(
        people,
        target=target,
        by={"history_full": 0.6, "pipeline": 0.4},
        over=[0.02, 0.05],
        step=100_000,
    )
    rows = people.join(handed.people, on="rep_id")
    assert rows["value"].sum() == handed.levels["children"].tail(-1).sum()
    assert handed.levels["target"].tail(-1).sum() == handed.levels["children"][0]
    assert (rows["value"] >= rows["floor"]).all()
    assert (rows["value"] <= rows["ceiling"]).all()


def test_potential_is_a_kept_column_or_is_refused(sample: Company) -> None:
    with pytest.raises(DataError, match="no column 'TAM'"):
        bases(sample, potential="TAM")


def test_potential_of_accounts_counts_for_whom_the_last_order_is_of() -> None:
    orders = {
        "order_id": ["o1", "o2", "o3", "o4"],
        "rep_id": ["a", "b", "a", "b"],
        "date": [date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 1), date(2026, 2, 2)],
        "amount": [5, 7, 9, 1],
        "account_id": ["x", "y", "y", "w"],
    }
    accounts = {
        "account_id": ["x", "y", "z", "w"],
        "TAM": ["1,000", "200.5", "9", None],
        "Note": "-",
    }
    company = company_from_frames(
        {"orders": pl.DataFrame(orders), "accounts": pl.DataFrame(accounts)},
        SETTINGS,
        as_of=date(2026, 3, 31),
    )
    found = bases(company, metric="orders.amount", potential="TAM")
    assert found.select("rep_id", "potential").rows() == [("a", 1200.5), ("b", None)]
    assert found["pipeline"].null_count() == 2
    with pytest.raises(DataError, match="'Note' holds no number"):
        bases(company, metric="orders.amount", potential="Note")


def test_limits_of_growth_round_inwards() -> None:
    people = pl.DataFrame({"rep_id": list("abc"), "history_full": [1001, None, 0]})
    limited = growth_limits(people, low="-0.10", high="0.30")
    assert limited.select("floor", "ceiling").rows() == [(901, 1301), (None, None), (None, None)]
    stepped = growth_limits(people, low="-0.10", high="0.30", step=100)
    assert stepped.select("floor", "ceiling").row(0) == (1000, 1300)
    narrow = growth_limits(people, low="0.01", high="0.02", step=1000)
    assert narrow.select("floor", "ceiling").row(0) == (1012, 1021)  # no thousand between
    with pytest.raises(ParameterError):
        growth_limits(people, low=0.3, high=0.1)
    with pytest.raises(DataError):
        growth_limits(people, base="history")
