"""A few days before a period ends the forecast is not surer than a few days can make it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from spm_lib.core.language import language
from spm_lib.forecast import forecast_bookings, history_of, method_named, months_ahead, reps_of
from spm_lib.model import Company
from tests.forecast.oracles import won_between

pytestmark = pytest.mark.slow  # the track record of whole companies

# method -> the whole months (first day, day after) that stand for Sep, Oct, Nov seen on 27 Sep
MONTHS = {
    "same_month_last_quarter": [
        (date(2026, 6, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), date(2026, 8, 1)),
        (date(2026, 8, 1), date(2026, 9, 1)),
    ],
    "same_month_last_year": [
        (date(2025, 9, 1), date(2025, 10, 1)),
        (date(2025, 10, 1), date(2025, 11, 1)),
        (date(2025, 11, 1), date(2025, 12, 1)),
    ],
}


def expected(company: Company, method: str, day: date) -> tuple[tuple[str, ...], np.ndarray]:
    view = company.at(day)
    reps = reps_of(view)
    history = history_of(view, reps=reps)
    ahead = months_ahead(view.calendar, day, months=3)
    return reps, method_named(method).fit(history).expect(ahead)["all"]


@pytest.mark.parametrize("method", MONTHS)
@pytest.mark.parametrize("left", [1, 3, 12])
def test_the_rest_of_a_month_takes_its_share_of_a_whole_one(tiny, method, left) -> None:
    reps, found = expected(tiny, method, date(2026, 9, 30) - timedelta(left))
    for window, (first, last) in enumerate(MONTHS[method]):
        won = won_between(tiny, first, last)
        share = left / 30 if window == 0 else 1
        for index, rep in enumerate(reps):
            assert found[index, window] == pytest.approx(won.get(rep, 0) * share)


def test_the_last_period_lends_the_month_before_its_last_days(tiny) -> None:
    """3 + 31 + 30 days ahead, so 64 days back: of the 30 days to 28 Jul, 3 days' worth."""
    reps, found = expected(tiny, "last_period", date(2026, 9, 27))
    assert date(2026, 10, 1) - timedelta(64) == date(2026, 7, 29)
    won = won_between(tiny, date(2026, 6, 29), date(2026, 7, 29))
    assert sum(won.values()) > 0
    for index, rep in enumerate(reps):
        assert found[index, 0] == pytest.approx(won.get(rep, 0) * 3 / 30)


@pytest.mark.parametrize("method", ["last_period", *MONTHS])
def test_at_the_end_of_a_month_whole_stretches_are_taken(tiny, method) -> None:
    _, found = expected(tiny, method, date(2026, 9, 30))
    firsts = {
        "last_period": (date(2026, 7, 1), date(2026, 8, 1)),
        "same_month_last_quarter": (date(2026, 7, 1), date(2026, 8, 1)),
        "same_month_last_year": (date(2025, 10, 1), date(2025, 11, 1)),
    }
    assert found[:, 0].sum() == sum(won_between(tiny, *firsts[method]).values())


@pytest.mark.parametrize("method", ["last_period", *MONTHS])
def test_three_days_before_its_end_a_quarter_is_not_certain(tiny, method) -> None:
    """Nothing was won in those very days a season before; the range had no width."""
    found = forecast_bookings(tiny.at(date(2026, 9, 27)), method=method, scenarios=400, origins=6)
    whole = found.quarter.total()
    assert whole.max() > whole.min() == found.summary["won"][-1]
    row = found.summary.row(-1, named=True)
    told = found.statements[0].tell(language("en"))
    if row["p10"] == row["p90"]:
        assert "nothing is added" in told
        assert "between" not in told
    else:
        assert "in 8 of 10 cases it brings between" in told


@pytest.mark.parametrize("code", ["en", "he"])
def test_a_range_without_width_is_told_as_what_it_is(tiny, code) -> None:
    from dataclasses import replace

    import polars as pl

    found = forecast_bookings(tiny.at(date(2026, 9, 29)), scenarios=50, origins=3)
    same = found.summary.with_columns(pl.col("won").alias(c) for c in ("p10", "p50", "p90"))
    told = replace(found, summary=same).statements[0].tell(language(code))
    assert ("nothing is added" if code == "en" else "לא יתווסף דבר") in told
    assert "between" not in told
