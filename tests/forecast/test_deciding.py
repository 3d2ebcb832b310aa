"""The open deals that are named: due in the quarter, with chances only where these are known."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.forecast import ForecastResult, forecast_bookings
from spm_lib.model import Company, company_from_frames
from tests.forecast.conftest import settings, simulated

MID = date(2026, 8, 19)
END = date(2026, 10, 1)


def plain_export(*without: str, as_of: date = MID) -> Company:
    """The tiny company without its stage history, as known on a day, without some columns."""
    frames = simulated("tiny", 1)
    del frames["stage_events"]
    deals = frames["opportunities"]
    later = (pl.col("closed_at").cast(pl.Date) > as_of).fill_null(value=False)
    frames["opportunities"] = (
        deals.filter(pl.col("created_at").cast(pl.Date) <= as_of)
        .with_columns(
            stage=pl.when(later).then(pl.lit("Proposal")).otherwise("stage"),
            closed_at=pl.when(~later).then("closed_at"),
        )
        .drop(without)
    )
    return company_from_frames(frames, settings(), as_of=as_of)


def result_of(company: Company) -> ForecastResult:
    return forecast_bookings(company, scenarios=100, origins=12)


def advice(result: ForecastResult) -> list[str]:
    told = [s.tell(language("en")) for s in result.statements if s.kind == "todo"]
    return [text for text in told if text.startswith("Look first")]


@pytest.fixture(scope="module")
def planned() -> ForecastResult:
    return result_of(plain_export())


def test_without_a_history_only_deals_due_in_the_quarter_are_named(planned) -> None:
    open_ = planned.company.table("opportunities").filter(pl.col("outcome") == "open")
    due = open_.filter((pl.col("expected_close") < END) & pl.col("amount").is_not_null())
    assert due.height < open_.height, "some are due later, and they are larger"
    largest = due.sort("amount", "opportunity_id", descending=[True, False]).head(10)
    assert planned.deciding["opportunity_id"].to_list() == largest["opportunity_id"].to_list()
    whole = open_.sort("amount", descending=True, nulls_last=True).head(10)
    assert set(whole["opportunity_id"]) != set(largest["opportunity_id"])


def test_no_chance_means_no_expected_value(planned) -> None:
    assert planned.deciding["chance"].null_count() == planned.deciding.height
    assert planned.deciding["expected"].null_count() == planned.deciding.height
    metrics = {f.metric for f in planned.figures()}
    assert "forecast.deal.amount" in metrics
    assert not {"forecast.deal.expected", "forecast.deal.chance"} & metrics


def test_the_advice_speaks_of_what_is_due(planned) -> None:
    deals = planned.company.table("opportunities")
    due = deals.filter((pl.col("outcome") == "open") & (pl.col("expected_close") < END))
    top = planned.top_deals
    assert top is not None
    assert not top.known
    assert top.expected == due.sort("amount", descending=True)["amount"].head(10).sum()
    assert top.share == pytest.approx(top.expected / due["amount"].sum())
    (text,) = advice(planned)
    assert "due by the end of Q3 2026" in text
    assert "How likely each of them is the data does not tell" in text


def test_where_nobody_says_when_deals_are_due_no_advice_is_given() -> None:
    found = result_of(plain_export("expected_close"))
    assert found.due is None
    assert found.deciding.height == 10
    assert found.deciding["amount"].is_sorted(descending=True)
    assert advice(found) == []
    assert not [f for f in found.figures() if f.metric.startswith("forecast.deal.top")]


def test_where_nothing_is_expected_of_open_deals_none_is_pointed_at(planned) -> None:
    from dataclasses import replace

    nothing = planned.summary.with_columns(open=pl.lit(0, dtype=pl.Int64))
    assert advice(replace(planned, summary=nothing)) == []


@pytest.mark.slow
def test_the_amount_is_the_last_one_known_where_the_row_has_none() -> None:
    frames = simulated("tiny", 1)
    bare = frames["opportunities"].with_columns(amount=pl.lit(None, dtype=pl.Decimal(20, 2)))
    frames["opportunities"] = bare
    found = result_of(company_from_frames(frames, settings(), as_of=date(2026, 9, 30)))
    events = found.company.table("stage_events").sort("entered_at", "seq")
    last = dict(
        events.filter(pl.col("amount").is_not_null())
        .group_by("opportunity_id", maintain_order=True)
        .agg(pl.col("amount").last())
        .iter_rows()
    )
    assert found.deciding.height == 10
    for row in found.deciding.iter_rows(named=True):
        assert row["amount"] == last[row["opportunity_id"]]
        assert abs(row["amount"] * row["chance"] - row["expected"]) <= 1
    amounts = [f for f in found.figures() if f.metric == "forecast.deal.amount"]
    assert len(amounts) == 10
