"""Seasons and ramps learned from a company: planted ones are found, none where there is none."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from benchmarks.company import company as simulated
from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.core.errors import DataError, MetricError
from spm_lib.metrics import measure
from spm_lib.model import Company, company_from_frames
from spm_lib.targets.dated_results import METRICS, dated_results
from spm_lib.targets.over_time import learn_ramp, learn_season
from tests.metrics.companies import SETTINGS, random_facts
from tests.metrics.companies import company as made

CALENDAR = WorkCalendar()
START = date(2023, 4, 1)
AS_OF = date(2026, 3, 31)
PLANTED = [0.8, 0.9, 1.2, 1.0, 1.1, 1.3, 0.7, 0.6, 1.0, 1.0, 1.0, 1.4]


def selling(per_day: dict[str, object], *, reps: list[dict], extra: list = ()) -> Company:
    """A company of orders: for each person a function of the day says what is sold on it."""
    lines = []
    day = START
    while day <= AS_OF:
        if CALENDAR.is_working_day(day):
            for who, sold in per_day.items():
                lines.append((f"{who}{day}", who, day, int(sold(day))))  # type: ignore[operator]
        day += timedelta(days=1)
    orders = pl.DataFrame(
        [line for line in [*lines, *extra] if line[3]],
        schema={"order_id": pl.String, "rep_id": pl.String, "date": pl.Date, "amount": pl.Int64},
        orient="row",
    )
    table = pl.DataFrame(
        reps, schema={"rep_id": pl.String, "hired_on": pl.Date, "left_on": pl.Date}
    )
    return company_from_frames({"orders": orders, "reps": table}, SETTINGS, as_of=AS_OF)


OLD = {"rep_id": "old", "hired_on": date(2015, 1, 1), "left_on": None}


def test_a_planted_season_is_found_per_working_day_and_growth_taken_out() -> None:
    def sold(day: date) -> float:
        return 1e6 * PLANTED[day.month - 1] * 1.2 ** ((day - START).days / 365.25)

    learned = learn_season(selling({"old": sold}, reps=[OLD]), metric="orders.amount")
    assert learned.window == Window(START, AS_OF + timedelta(days=1))
    found = np.array([float(i) for i in learned.season.indices])
    assert found == pytest.approx(np.array(PLANTED) / np.mean(PLANTED), rel=0.005)
    assert learned.growth == pytest.approx(0.2, abs=0.005)
    assert learned.p < 1e-6


def test_one_offs_count_at_the_fence_and_are_named() -> None:
    noise = random.Random(5)
    whale = ("whale", "old", date(2024, 8, 20), 900_000_000)

    def sold(_day: date) -> float:
        return 100_000 * np.exp(noise.gauss(0, 0.4))

    noise.seed(5)
    plain = learn_season(selling({"old": sold}, reps=[OLD]), metric="orders.amount")
    noise.seed(5)
    whaled = selling({"old": sold}, reps=[OLD], extra=[whale])
    learned = learn_season(whaled, metric="orders.amount")
    assert learned.one_offs["id"].to_list() == ["whale"]
    assert learned.one_offs["counted"][0] < learned.one_offs["value"][0] / 1000
    assert learned.months["seen"].to_numpy() == pytest.approx(
        plain.months["seen"].to_numpy(), abs=0.1
    )


@pytest.mark.slow
def test_what_the_years_disagree_about_is_no_season() -> None:
    """In 30 companies without a season the indices stay near 1, and few are called a season."""
    false_alarms, widest = 0, []
    for seed in range(30):
        noise = np.random.default_rng(seed)
        months: dict[date, float] = {}

        def sold(day: date, noise=noise, months=months) -> float:
            return 1e6 * months.setdefault(day.replace(day=1), noise.lognormal(0, 0.25))

        learned = learn_season(selling({"old": sold}, reps=[OLD]), metric="orders.amount")
        false_alarms += learned.p < 0.05
        widest.append((learned.months["seen"] - 1).abs().max())
        widest.append((learned.months["index"] - 1).abs().max())
    assert false_alarms <= 5  # 5 % of 30 is 1.5; more than 5 has a chance of 0.3 %
    assert np.mean(widest[1::2]) < 0.4 * np.mean(widest[::2])


def test_a_season_needs_two_years() -> None:
    day = date(2024, 5, 10)
    short = selling({"old": lambda d: 100 * (d > day)}, reps=[OLD])
    with pytest.raises(DataError, match="22 whole months"):
        learn_season(short, metric="orders.amount")
    long_ago = selling({"old": lambda _: 0}, reps=[OLD], extra=[("o", "old", date(2020, 1, 1), 5)])
    with pytest.raises(DataError, match="no results in"):
        learn_season(long_ago, metric="orders.amount")
    with pytest.raises(MetricError, match="not known day by day"):
        learn_season(short, metric="coverage")


def test_a_planted_ramp_is_found_with_those_who_left_counted_while_there() -> None:
    planted = [0.2, 0.4, 0.8]
    hired = [date(2024, 2, 1), date(2024, 9, 1), date(2025, 1, 1), date(2025, 6, 1)]
    left = [None, date(2024, 10, 16), None, None]

    def newcomer(start: date, end: date | None):
        def sold(day: date) -> float:
            months = (day.year - start.year) * 12 + day.month - start.month
            there = start <= day and (end is None or day < end)
            return there * 1000 * (planted[months] if 0 <= months < 3 else 1) * season(day)

        return sold

    def season(day: date) -> float:
        return PLANTED[day.month - 1]

    people = {"old": lambda day: 1000 * season(day), "other": lambda day: 1000 * season(day)}
    reps = [OLD, {"rep_id": "other", "hired_on": None, "left_on": None}]
    for i, (start, end) in enumerate(zip(hired, left, strict=True)):
        people[f"new{i}"] = newcomer(start, end)
        reps.append({"rep_id": f"new{i}", "hired_on": start, "left_on": end})
    reps.append({"rep_id": "boss", "hired_on": date(2025, 2, 1), "left_on": None})  # sells nothing
    learned = learn_ramp(selling(people, reps=reps), metric="orders.amount", months=5)
    assert learned.ramp == pytest.approx((0.2, 0.4, 0.8, 1, 1), abs=0.01)
    assert learned.curve["hires"].to_list() == [4, 4, 3, 3, 3]
    assert (learned.median_months, learned.reached, learned.censored) == (5.0, 3, 1)
    few = selling({"old": people["old"], "new0": people["new0"]}, reps=reps[:3])
    with pytest.raises(DataError, match="three hires"):
        learn_ramp(few, metric="orders.amount")


@pytest.mark.parametrize("day", [date(2026, 1, 20), date(2026, 3, 1)])
def test_results_by_day_are_those_of_the_metric_and_know_no_future(day: date) -> None:
    facts = random_facts(42, deals=45)
    company = made(facts)
    window = Window(date(2025, 12, 1), date(2026, 3, 1))
    for metric in METRICS:
        rows = dated_results(company, metric)
        inside = rows.filter(pl.col("day").is_between(window.start, window.end, closed="left"))
        table = "orders" if metric.startswith("orders") else "opportunities"
        owned = company.table(table)["rep_id"].null_count() == 0
        if owned:
            assert (
                inside["value"].sum() == measure(company, metric, window=window).frame["value"][0]
            )
        assert dated_results(company.at(day), metric).equals(
            dated_results(made(facts, day=day), metric)
        )


@pytest.mark.slow
def test_seasons_and_ramps_of_the_simulator_are_recovered() -> None:
    """Arrival of deals: planted month paces, and newcomers from 0.25 to 1 over 180 days."""
    company = simulated("rep_churn", 1, opportunities=12_000)
    season = learn_season(company, metric="created.count", intermediate=0.4)
    paces = [1.1, 1.05, 1.0, 0.9, 1.05, 1.0, 0.9, 0.7, 0.9, 0.95, 1.15, 0.95]
    found = np.array([float(i) for i in season.season.indices])
    assert np.corrcoef(found, paces)[0, 1] > 0.85
    ramp = learn_ramp(company, metric="created.count", months=6)
    truth = [min(0.25 + 0.75 * (k + 0.5) * 30.44 / 180, 1) for k in range(6)]
    held = [
        low <= share <= high
        for share, low, high in zip(truth, ramp.curve["low"], ramp.curve["high"], strict=True)
    ]
    assert sum(held) >= 5
    assert np.abs(np.array(ramp.ramp) - truth).max() < 0.12


def test_the_sample_company_has_a_season(sample: Company) -> None:
    learned = learn_season(sample, metric="won.count")
    assert learned.months["index"].arg_max() in (2, 5, 11)  # quarters end in March, June, December
    assert sum(learned.season.indices) / 12 == pytest.approx(Fraction(1), abs=1e-5)
