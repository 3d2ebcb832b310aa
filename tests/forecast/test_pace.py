"""The pace to the target against loops over days, deals and past quarters."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import cache

import holidays
import polars as pl
import pytest

from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.forecast import forecast_bookings, method_named, target_pace
from spm_lib.model import Company
from spm_lib.workspace import Scope
from tests.forecast.conftest import company_of
from tests.forecast.oracles import open_on

pytestmark = pytest.mark.slow

DAYS = (date(2026, 9, 30), date(2026, 8, 20), date(2026, 9, 29), date(2026, 2, 28))


@pytest.fixture(scope="module")
def clean() -> Company:
    return company_of("clean", 5)


@cache
def is_working(day: date) -> bool:
    """Sunday to Thursday, and no public holiday of Israel."""
    free = holidays.country_holidays("IL", years=[day.year])
    return day.weekday() in (6, 0, 1, 2, 3) and day not in free


def span(start: date, end: date) -> list[date]:
    return [start + timedelta(k) for k in range((end - start).days)]


def quarter(day: date) -> tuple[date, date]:
    start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return start, date(start.year + (start.month > 9), (start.month + 2) % 12 + 1, 1)


def wins(co: Company) -> list[tuple[str, date, int]]:
    rows = co.table("opportunities").filter(pl.col("outcome") == "won")
    return [(d, on, a or 0) for d, on, a in
            rows.select("opportunity_id", "closed_on", "amount").iter_rows()]  # fmt: skip


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_missing_per_working_day(clean: Company, day: date) -> None:
    co = clean.at(day)
    made = target_pace(co)
    start, end = quarter(day + timedelta(1))
    targets = co.table("targets").filter(pl.col("rep_id").is_not_null())
    target = sum(
        value for first, last, value in
        targets.select("period_start", "period_end", "value").iter_rows()
        if start <= first and last <= end
    )  # fmt: skip
    won = sum(a for _, on, a in wins(co) if start <= on < end)
    left = sum(map(is_working, span(max(day + timedelta(1), start), end)))
    passed = sum(map(is_working, span(start, max(day + timedelta(1), start))))
    assert (made.target, made.won, made.left, made.passed) == (target, won, left, passed)
    assert made.missing == max(target - won, 0)
    assert made.days == left + passed


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_weeks_hold_every_day_left_and_sum_to_what_is_missing(clean: Company, day: date) -> None:
    made = target_pace(clean.at(day))
    weeks = made.weeks.to_dicts()
    days = [d for w in weeks for d in span(w["week"], w["end"])]
    assert days == span(day + timedelta(1), made.period.end)
    assert sum(w["needed"] for w in weeks) == made.missing
    for w in weeks:
        inside = span(w["week"], w["end"])
        assert w["working_days"] == sum(map(is_working, inside))
        plain = sum(d.weekday() in (6, 0, 1, 2, 3) for d in inside)
        assert w["free_days"] == plain - w["working_days"]
        assert w["needed"] == 0 or w["working_days"]


def test_a_week_with_a_holiday_is_asked_for_less(clean: Company) -> None:
    """Yom Kippur 2026 is on Monday, 21 September."""
    made = target_pace(clean.at(date(2026, 8, 31)))
    weeks = {w["week"]: w for w in made.weeks.iter_rows(named=True)}
    assert weeks[date(2026, 9, 20)]["free_days"] == 1
    assert weeks[date(2026, 9, 20)]["working_days"] == 4


def naive_rhythm(co: Company, upto: float, start: date) -> float:
    """Share of past quarters' wins that came by a share of their working days, by loops."""
    by_day: dict[date, int] = defaultdict(int)
    for _, on, amount in wins(co):
        by_day[on] += amount
    came = total = 0.0
    for _ in range(8):
        begin, end = quarter(start - timedelta(1))
        days = span(begin, end)
        working = sum(map(is_working, days))
        goal, passed, so_far = upto * working, 0, 0.0
        before = (0.0, 0.0)
        points = [(0.0, 0.0)]
        for d in days:
            so_far += by_day[d]
            passed += is_working(d)
            points.append((float(passed), so_far))
        reached = dict(points)  # the last value at each number of working days
        low = int(goal)
        before = reached[float(low)]
        after = reached.get(float(low + 1), before)
        came += before + (goal - low) * (after - before)  # type: ignore[operator]
        total += so_far
        start = begin
    return came / total


@pytest.mark.parametrize("day", DAYS[:2], ids=str)
def test_needed_follows_the_rhythm_of_past_quarters(clean: Company, day: date) -> None:
    co = clean.at(day)
    made = target_pace(co)
    start, end = quarter(day + timedelta(1))
    whole = sum(map(is_working, span(start, end)))
    assert made.by_rhythm

    def share(until: date) -> float:
        return naive_rhythm(co, sum(map(is_working, span(start, until))) / whole, start)

    begun = share(day + timedelta(1))
    for w in made.weeks.iter_rows(named=True):
        usual = (share(w["end"]) - share(w["week"])) / (1 - begun)
        assert w["usual"] == pytest.approx(usual, abs=0.004)  # a grid of 1 % between
        assert w["needed"] == pytest.approx(w["usual"] * made.missing, abs=1.0)


@pytest.mark.parametrize("day", DAYS[:2], ids=str)
def test_conversion_is_what_became_of_the_deals_open_then(clean: Company, day: date) -> None:
    co = clean.at(day)
    made = target_pace(co)
    assert made.conversion is not None
    start, end = quarter(day + timedelta(1))
    ahead, opened, won, new = end - day, 0, 0, 0
    for _ in range(8):
        start, end = quarter(start - timedelta(1))
        then = end - ahead
        there = open_on(co, then)
        opened += sum(state["amount"] or 0 for state in there.values())
        later = [(d, on, a) for d, on, a in wins(co) if then < on < end]
        won += sum(a for d, _, a in later if d in there)
        new += sum(a for d, on, a in later if d not in there and on >= start)
    assert made.conversion.won.value == pytest.approx(won / opened)
    assert made.conversion.won.n == 8
    assert made.conversion.new == round(new / 8)
    assert made.coverage_needed == pytest.approx(opened / won)
    now = sum(state["amount"] or 0 for state in open_on(co, day).values())
    assert made.conversion.open == now
    rest = max(made.missing - made.conversion.new, 0)
    assert made.pipeline_needed == pytest.approx(rest * opened / won, abs=1)


def test_the_pipeline_that_is_needed_usually_brings_what_is_missing(clean: Company) -> None:
    made = target_pace(clean)
    assert made.conversion is not None
    assert made.conversion.won.value is not None
    assert made.pipeline_needed is not None
    brought = made.pipeline_needed * made.conversion.won.value + made.conversion.new
    assert brought == pytest.approx(made.missing, abs=2)


def test_sources_grow_in_their_parts_to_what_is_missing(clean: Company) -> None:
    few = [method_named(name) for name in ("run_rate", "snapshot_conversion")]
    result = forecast_bookings(clean, methods=few, scenarios=200, origins=6)
    made = target_pace(clean, result=result)
    assert set(made.sources) == {"open", "new"}
    expected = [e for e, _ in made.sources.values()]
    needed = [n for _, n in made.sources.values()]
    assert sum(needed) == made.missing
    assert needed[0] / needed[1] == pytest.approx(expected[0] / expected[1], rel=1e-6)


def test_what_cannot_be_told_is_said(clean: Company) -> None:
    calendar = clean.calendar
    with pytest.raises(DataError, match="over"):
        target_pace(clean, period=calendar.period_of(date(2026, 9, 30), "quarter"))
    with pytest.raises(DataError, match="cover"):
        target_pace(clean, period=calendar.period_of(date(2027, 9, 30), "quarter"))
    young = target_pace(clean.at(date(2024, 3, 31)))
    assert young.conversion is None
    assert not young.by_rhythm
    assert young.weeks["usual"].null_count() == young.weeks.height
    assert young.weeks["needed"].sum() == young.missing


def test_a_rep_has_a_pace_of_his_own(clean: Company) -> None:
    own = target_pace(clean.within(Scope.rep("R03")))
    mine = clean.table("targets").filter(
        (pl.col("rep_id") == "R03") & (pl.col("period_start") >= date(2026, 10, 1))
    )
    assert own.target == mine["value"].sum() < target_pace(clean).target


@pytest.mark.parametrize("code", ["en", "he"])
@pytest.mark.parametrize("day", DAYS[:3], ids=str)
def test_findings_are_told_in_both_languages(clean: Company, code: str, day: date) -> None:
    told = [s.tell(language(code)) for s in target_pace(clean.at(day)).statements]
    assert told
    for text in told:
        assert "{" not in text
        assert any("א" <= c <= "ת" for c in text) is (code == "he")
