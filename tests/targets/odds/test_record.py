"""Of past targets given 60 %, 60 % were met: companies whose future is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from spm_lib.model import Company
from spm_lib.simulate import preset_of
from spm_lib.targets.odds.odds import Odds
from spm_lib.targets.odds.record import LEVELS, odds_record, reliability
from tests.targets.odds.companies import company_of

AS_OF = date(2026, 9, 30)
QUARTERS = [
    (date(2026, 1, 1), date(2026, 4, 1)),
    (date(2026, 4, 1), date(2026, 7, 1)),
    (date(2026, 7, 1), date(2026, 10, 1)),
]
PRESET = replace(preset_of("clean"), opportunities=5000)


@pytest.fixture(scope="module")
def companies() -> list[Company]:
    return [company_of(PRESET, seed, as_of=AS_OF) for seed in (901, 902)]


@pytest.mark.slow
def test_targets_given_sixty_per_cent_were_met_that_often(companies: list[Company]) -> None:
    record = pl.concat([odds_record(company, QUARTERS) for company in companies])
    people = reliability(record).filter(pl.col("of") == "person")
    assert people["said"].to_list() == list(LEVELS)
    assert (people["targets"] >= 100).all()
    said, came = people["said"].to_numpy(), people["came"].to_numpy()
    allowed = 3.3 * np.sqrt(said * (1 - said) / people["targets"].to_numpy())
    assert (np.abs(came - said) <= allowed).all()
    assert people["came"].is_sorted()


@pytest.mark.slow
def test_a_record_is_what_a_loop_over_deals_counts(companies: list[Company]) -> None:
    company, (start, end) = companies[0], QUARTERS[2]
    record = odds_record(company, [(start, end)], levels=(0.6,), draws=2_000)
    odds = Odds.of(company.at(start - timedelta(days=1)), start=start, end=end)
    rows = [(rep, start, end, 1) for rep in odds.reps]
    names = ["rep_id", "period_start", "period_end", "value"]
    answer = odds.answer(pl.DataFrame(rows, schema=names, orient="row"))
    for row in record.filter(pl.col("of") == "person").iter_rows(named=True):
        won = 0
        for deal in company.table("opportunities").iter_rows(named=True):
            mine = deal["rep_id"] == row["id"] and deal["outcome"] == "won"
            if mine and start <= deal["closed_on"] < end:
                won += deal["amount"] or 0
        assert (row["actual"], row["met"]) == (won, won >= row["target"])
        scenarios = answer.bookings[odds.reps.index(row["id"]), 0]
        assert (scenarios >= row["target"]).mean() == pytest.approx(0.6, abs=0.002)


def test_periods_before_anything_is_known_are_left_out(companies: list[Company]) -> None:
    early = [(date(2023, 7, 1), date(2023, 10, 1))]
    assert odds_record(companies[0], early).is_empty()
