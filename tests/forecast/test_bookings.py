"""The forecast: one set of draws that adds up, split, with targets, deals, words and figures."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.forecast import ForecastResult, forecast_bookings
from spm_lib.metrics import measure
from spm_lib.model import Company, company_from_frames, metric_ids
from spm_lib.workspace import Scope
from tests.forecast.conftest import company_of, settings, simulated
from tests.forecast.oracles import won_between

pytestmark = pytest.mark.slow  # the track record of whole companies

MID = date(2026, 8, 19)


@pytest.fixture(scope="module")
def result(tiny: Company) -> ForecastResult:
    return forecast_bookings(tiny.at(MID), scenarios=300, origins=24)


def test_parts_add_up_to_the_whole_in_every_scenario(result: ForecastResult) -> None:
    for whole, parts in (
        (result.draws, result.parts),
        (result.quarter, result.quarter_parts),
    ):
        assert (sum(part.values for part in parts.values()) == whole.values).all()
        assert (whole.values.sum(axis=0) == whole.company()).all()
    assert set(result.parts) == {"won", "open", "new"}


def test_the_quarter_is_what_is_won_and_its_months_to_come(
    tiny: Company, result: ForecastResult
) -> None:
    before = won_between(tiny.at(MID), date(2026, 7, 1), date(2026, 8, 1))
    months = [p.label for p in result.draws.periods]
    assert months == ["2026-08", "2026-09", "2026-10"]
    by_hand = result.draws.values[:, :2].sum(axis=1)
    for index, rep in enumerate(result.draws.reps):
        assert (result.quarter.values[index, 0] == by_hand[index] + before.get(rep, 0)).all()


def test_won_already_is_the_metric_of_that_name(tiny: Company, result: ForecastResult) -> None:
    window = (date(2026, 7, 1), date(2026, 10, 1))
    won = measure(tiny.at(MID), "won.amount", window=window).frame["value"][0]
    quarter = result.summary.filter(pl.col("grain") == "quarter").row(0, named=True)
    assert quarter["won"] == won
    assert result.by_rep["won"].sum() == won
    assert won > 0


def test_the_summary_tells_the_draws(result: ForecastResult) -> None:
    for index, row in enumerate(result.summary.head(3).iter_rows(named=True)):
        values = result.draws.company()[index]
        assert row["p10"] == round(float(np.quantile(values, 0.1)))
        assert row["p10"] <= row["p50"] <= row["p90"]
        assert abs(row["won"] + row["open"] + row["new"] - row["mean"]) <= 2


def test_odds_of_targets_are_shares_of_scenarios(tiny: Company, result: ForecastResult) -> None:
    targets = tiny.at(MID).table("targets").filter(pl.col("rep_id").is_not_null())
    due = targets.filter(
        (pl.col("period_start") >= date(2026, 7, 1)) & (pl.col("period_end") <= date(2026, 10, 1))
    )
    wanted = due["value"].sum()
    row = result.targets.filter((pl.col("grain") == "quarter") & pl.col("rep_id").is_null()).row(
        0, named=True
    )
    assert row["target"] == wanted > 0
    reached = [int(total) >= wanted for total in result.quarter.total()]
    assert row["odds"] == sum(reached) / len(reached)


def test_targets_that_leave_a_month_out_are_no_target_of_the_quarter() -> None:
    frames = simulated("tiny", 1)
    frames["targets"] = frames["targets"].filter(pl.col("period_start") != date(2026, 9, 1))
    company = company_from_frames(frames, settings(), as_of=MID)
    found = forecast_bookings(company, scenarios=50, origins=6).targets
    assert found.filter(pl.col("grain") == "quarter").height == 0
    assert found.filter(pl.col("period") == "2026-08").height > 0


def test_deciding_deals_are_open_and_weigh_most(tiny: Company, result: ForecastResult) -> None:
    deals = result.deciding
    assert deals["expected"].to_list() == sorted(deals["expected"], reverse=True)
    rows = tiny.at(MID).table("opportunities").filter(pl.col("outcome") == "open")
    assert set(deals["opportunity_id"]) <= set(rows["opportunity_id"])
    worth = (deals["amount"] * deals["chance"]).round(0).cast(pl.Int64)
    assert (worth - deals["expected"]).abs().max() <= 1
    assert deals["chance"].is_between(0, 1).all()


def test_the_same_seed_gives_the_same_forecast(tiny: Company) -> None:
    one, again, other = (
        forecast_bookings(tiny.at(MID), scenarios=100, origins=4, seed=seed).draws.values
        for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert not (one == other).all()


def test_one_persons_forecast_knows_one_persons_deals(tiny: Company) -> None:
    rep = tiny.table("opportunities")["rep_id"].drop_nulls()[0]
    mine = forecast_bookings(tiny.within(Scope.rep(rep)), scenarios=50, origins=12)
    assert set(mine.draws.reps) <= {rep}
    assert set(mine.deciding["rep_id"]) <= {rep}
    assert mine.receipt.scoped


def test_every_number_is_declared_and_has_its_receipt(result: ForecastResult) -> None:
    known = {m.id for m in metric_ids()}
    figures = result.figures()
    assert {f.metric for f in figures} <= known
    read = result.receipt.read
    for figure in figures:
        if not set(figure.by) & {"rep_id", "opportunity_id"}:
            assert figure.receipt.read == read
    people = [f for f in figures if f.metric == "forecast.won_already" and "rep_id" in f.by]
    quarter = [f for f in people if f.by["period"] == "2026-Q3"]
    assert sum(f.receipt.read for f in quarter) == read


@pytest.mark.parametrize("code", ["en", "he"])
def test_findings_are_told_in_both_languages(result: ForecastResult, code: str) -> None:
    told = [s.tell(language(code)) for s in result.statements]
    assert len(told) >= 5
    for text in told:
        assert "{" not in text
        assert code == "en" or any("\u0590" <= c <= "\u05ff" for c in text)


def test_a_plain_export_gets_the_naive_methods_and_says_why(tiny: Company) -> None:
    frames = {k: v for k, v in simulated("tiny", 1).items() if k != "stage_events"}
    company = company_from_frames(frames, settings(), as_of=date(2026, 9, 30))
    found = forecast_bookings(company, scenarios=50, origins=12)
    assert found.ladder.level == 1
    assert not {"snapshot_conversion", "stage_weighted", "close_date"} & set(found.ladder.offered)
    refused = [rung for rung in found.ladder.rungs if not rung.offered]
    assert all(rung.reason and rung.reason.tell(language("he")) for rung in refused)
    assert "an export every week" in " ".join(s.tell(language("en")) for s in found.statements)


def test_closes_alone_are_not_split(tiny: Company) -> None:
    frames = {k: v for k, v in simulated("tiny", 1).items() if k != "stage_events"}
    frames["opportunities"] = frames["opportunities"].drop("created_at")
    company = company_from_frames(frames, settings(), as_of=date(2026, 9, 30))
    found = forecast_bookings(company, scenarios=50, origins=12)
    assert found.ladder.level == 0
    assert set(found.parts) == {"won", "later"}
    assert found.summary["open"].null_count() == found.summary.height


def test_a_method_can_be_chosen_by_hand(tiny: Company) -> None:
    found = forecast_bookings(tiny, method="stage_weighted", scenarios=50, origins=6)
    assert found.champion.method == "stage_weighted"
    assert not found.parts["new"].values.any()


def test_intervals_that_are_assumed_are_labelled() -> None:
    company = company_of("tiny", 3, as_of=date(2024, 6, 30))
    found = forecast_bookings(company, scenarios=50)
    assert found.shock.assumed
    assert set(found.summary["interval"]) == {"assumed"}
    assert any("partly assumed" in s.text for s in found.statements)
