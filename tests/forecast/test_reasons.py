"""Reasons are what the data says of the deal, and point where winning does."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from spm_lib.core.language import language
from spm_lib.forecast import forecast_bookings, history_of, months_ahead, reps_of
from spm_lib.forecast.methods.hazard import HazardFitted
from spm_lib.forecast.reasons import deal_reasons
from spm_lib.model import Company

ORIGIN = date(2026, 6, 30)


@pytest.fixture(scope="module")
def told(middle: Company):
    history = history_of(middle.at(ORIGIN), reps=reps_of(middle))
    horizon = months_ahead(middle.calendar, ORIGIN, months=3)
    return history, horizon, deal_reasons(history, horizon)


def test_every_open_deal_has_at_most_two(told) -> None:
    history, _, reasons = told
    assert set(reasons) == {history.deal_ids[d] for d in history.open.deal}
    assert {len(found) for found in reasons.values()} <= {0, 1, 2}
    assert sum(map(len, reasons.values())) > 50


def test_the_days_told_are_the_deal_s(told) -> None:
    history, _, reasons = told
    entered = dict(zip(history.open.deal, history.open.entered, strict=True))
    code = {name: number for number, name in enumerate(history.deal_ids)}
    seen = 0
    for name, found in reasons.items():
        for reason in found:
            text = reason.tell(language("en"))
            match = re.fullmatch(r"(\d+) days? in its stage: won (more|less) often", text)
            if match:
                seen += 1
                assert int(match[1]) == history.origin - entered[code[name]]
    assert seen > 20


def test_deals_said_to_be_won_more_often_are_given_larger_chances(told) -> None:
    history, horizon, reasons = told
    chance = HazardFitted(history).chances(horizon)
    by_name = {history.deal_ids[d]: c for d, c in zip(history.open.deal, chance, strict=True)}
    more = [by_name[n] for n, r in reasons.items() if r and r[0].text.endswith("more often")]
    less = [by_name[n] for n, r in reasons.items() if r and r[0].text.endswith("less often")]
    assert np.mean(more) > 2 * np.mean(less)


@pytest.mark.slow
def test_the_forecast_tells_them_with_what_came_of_chances(middle: Company) -> None:
    found = forecast_bookings(middle, scenarios=50, origins=9)
    assert set(found.deciding["opportunity_id"]) <= set(found.reasons)
    rows = found.reliability
    assert rows.height
    assert rows["method"].n_unique() == 1
    figures = [f for f in found.figures() if f.metric == "forecast.deal.came"]
    assert [f.n for f in figures] == rows["deals"].to_list()
    assert set(found.champions) >= {("quarter", "company"), ("month", "rep")}
