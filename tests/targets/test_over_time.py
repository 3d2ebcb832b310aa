"""A year split over its periods: published examples, a plain loop over days, exact sums."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.over_time import Season, intermediate_days, plan_time
from tests.examples import examples

YEAR = Window(date(2026, 1, 1), date(2027, 1, 1))
ISRAEL = WorkCalendar()


def one(**dates: object) -> pl.DataFrame:
    return pl.DataFrame({"rep_id": ["a"], **{name: [value] for name, value in dates.items()}})


def target(value: int) -> pl.DataFrame:
    return pl.DataFrame({"rep_id": ["a"], "value": [value]})


@pytest.mark.parametrize(
    ("start", "quarters", "total"),
    [
        (date(2019, 3, 1), [666_667, 2_000_000, 2_000_000, 4_000_000], 8_666_667),
        (date(2019, 11, 1), [2_666_667], 2_666_667),
    ],
)
def test_vq1_proration_with_quarter_weights(start: date, quarters: list[int], total: int) -> None:
    plan = plan_time(
        one(hired_on=start),
        window=Window(date(2019, 1, 1), date(2020, 1, 1)),
        calendar=ISRAEL,
        grain="quarter",
        season=Season.of_quarters(["0.20", "0.20", "0.20", "0.40"]),
    )
    carried = plan.prorated(target(10_000_000))
    assert carried["value"].to_list() == [total]
    rows = plan.spread(carried)
    assert rows["value"].to_list() == quarters
    assert rows.columns == ["rep_id", "period_start", "period_end", "metric", "value"]
    assert rows["period_end"].max() == date(2020, 1, 1)


def test_holidays_move_between_months_and_intermediate_days_are_a_setting() -> None:
    """Sukkot 2026 is 26 Sep to 3 Oct, in 2027 16 to 23 Oct: the weight moves with it."""
    shares = {}
    for year in (2026, 2027):
        window = Window(date(year, 1, 1), date(year + 1, 1, 1))
        for counted in (0, 1):
            plan = plan_time(one(), window=window, calendar=ISRAEL, intermediate=counted)
            shares[year, counted] = plan.full
    september, october = 8, 9
    assert shares[2026, 0][september] < shares[2026, 1][september]
    assert shares[2026, 0][october] > shares[2027, 0][october]
    days = [d for d in intermediate_days("IL", 2027) if d.month == 10]
    assert sorted(days) == [date(2027, 10, 17 + k) for k in range(6)]
    # 2026 by hand: 261 days from Sunday to Thursday, less 2 and 8 April, 22 April, 13 and 21
    # September; January has 21 of them.
    assert shares[2026, 1][0] == Fraction(21, 261 - 5)
    assert not intermediate_days("GB", 2026)
    assert {len(intermediate_days("IL", year)) for year in range(1990, 2060)} == {11}
    assert not intermediate_days("IL", 1930)  # feasts of such years are not known


def test_a_mid_year_leaver_has_no_rows_afterwards() -> None:
    plan = plan_time(one(left_on=date(2026, 4, 16)), window=YEAR, calendar=ISRAEL, grain="month")
    rows = plan.spread(target(900_000), step=1000)
    assert rows["period_start"].to_list() == [date(2026, m, 1) for m in (1, 2, 3, 4)]
    assert rows["value"].sum() == 900_000
    assert all(value % 1000 == 0 for value in rows["value"])


def test_somebody_who_is_not_there_can_have_no_target() -> None:
    plan = plan_time(one(hired_on=date(2027, 3, 1)), window=YEAR, calendar=ISRAEL)
    assert plan.spread(target(0)).is_empty()
    with pytest.raises(DataError, match="not there has a target"):
        plan.spread(target(5))
    with pytest.raises(DataError, match="not in the plan"):
        plan.spread(pl.DataFrame({"rep_id": ["b"], "value": [5]}))


@pytest.mark.parametrize(
    "more",
    [
        {"ramp": [1.2]},
        {"intermediate": -1},
        {"grain": "decade"},
        {"absences": pl.DataFrame({"rep_id": ["a"], "start": [date(2026, 1, 1)], "away": [2.0]})},
    ],
)
def test_what_cannot_be_is_refused(more: dict) -> None:
    with pytest.raises(ParameterError):
        plan_time(one(), window=YEAR, calendar=ISRAEL, **more)
    for wrong in ([1] * 11, [0] * 12, [-1] + [1] * 11):
        with pytest.raises(ParameterError):
            Season.of(wrong)


DAYS = st.integers(-200, 500).map(lambda k: YEAR.start + timedelta(days=k))
SHARES = st.sampled_from([0, 0.25, 0.5, 0.8, 1])
AWAY = st.tuples(DAYS, st.none() | st.integers(0, 90), SHARES)


@settings(max_examples=examples(12))
@given(
    hired=st.none() | DAYS,
    stay=st.none() | st.integers(0, 600),
    part=st.none() | SHARES,
    away=st.lists(AWAY, max_size=3),
    ramp=st.lists(SHARES, max_size=4),
    per=st.sampled_from(["working day", "calendar day", "month"]),
    indices=st.lists(st.integers(1, 9), min_size=12, max_size=12),
    grain=st.sampled_from(["month", "quarter", "year"]),
    value=st.integers(0, 10**9),
    step=st.sampled_from([1, 100, 100_000]),
)
def test_weights_are_those_of_a_plain_loop_over_days(
    hired: date | None,
    stay: int | None,
    part: float | None,
    away: list,
    ramp: list,
    per: str,
    indices: list[int],
    grain: str,
    value: int,
    step: int,
) -> None:
    left = None if stay is None else (hired or YEAR.start) + timedelta(days=stay)
    gone = [(a, None if n is None else a + timedelta(days=n), share) for a, n, share in away]
    schema = {"rep_id": pl.String, "start": pl.Date, "end": pl.Date, "away": pl.Float64}
    plan = plan_time(
        pl.DataFrame(
            {"rep_id": ["a"], "hired_on": [hired], "left_on": [left], "part_time": [part]},
            schema_overrides={"hired_on": pl.Date, "left_on": pl.Date, "part_time": pl.Float64},
        ),
        window=YEAR,
        calendar=ISRAEL,
        grain=grain,
        season=Season.of(indices, per=per),  # type: ignore[arg-type]
        intermediate=0.5,
        ramp=ramp,
        absences=pl.DataFrame([("a", *row) for row in gone], schema=schema, orient="row"),
    )
    loop = [0.0] * len(plan.periods)
    whole = 0.0
    for k in range(365):
        day = YEAR.start + timedelta(days=k)
        weight = indices[day.month - 1] * day_counts(day, per)
        whole += weight
        place = next(i for i, p in enumerate(plan.periods) if p.start <= day < p.end)
        loop[place] += weight * there(day, hired, left, part, gone, ramp)
    assert [float(w) for w in plan.there["a"]] == pytest.approx([w / whole for w in loop])
    assert sum(plan.full) == 1
    if sum(loop) > 0:
        rows = plan.spread(target(value), step=step)
        assert rows["value"].sum() == value
        exact = {p.start: value * w / sum(loop) for p, w in zip(plan.periods, loop, strict=True)}
        assert all(abs(v - exact[s]) <= step for s, v in rows["period_start", "value"].iter_rows())


def day_counts(day: date, per: str) -> float:
    if per == "calendar day":
        return 1
    if per == "month":
        return (
            1 / ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - day.replace(day=1)).days
        )
    feasts = [(date(2026, 4, 2), date(2026, 4, 8)), (date(2026, 9, 26), date(2026, 10, 3))]
    half = any(first < day < last for first, last in feasts)
    return ISRAEL.is_working_day(day) * (0.5 if half else 1)


def there(
    day: date, hired: date | None, left: date | None, part: float | None, gone: list, ramp: list
) -> float:
    if (hired and day < hired) or (left and day >= left):
        return 0
    share = 1.0 if part is None else part
    for start, end, away in gone:
        if start <= day and (end is None or day < end):
            share *= 1 - away
    if hired:
        months = (day.year - hired.year) * 12 + day.month - hired.month
        last = (day + timedelta(days=1)).day == 1
        months -= day.day < hired.day and not last  # the 31st comes on the last of a short month
        share *= ramp[months] if months < len(ramp) else 1
    return share


def test_the_years_of_all_add_up_whatever_the_order() -> None:
    people = pl.DataFrame({"rep_id": list("abc"), "hired_on": [None, date(2026, 5, 11), None]})
    targets = pl.DataFrame({"rep_id": list("abc"), "value": [1_000_001, 77, 0]})
    plan = plan_time(people, window=YEAR, calendar=ISRAEL, ramp=[0.2, 0.5])
    rows = plan.spread(targets)
    sums = dict(rows.group_by("rep_id").agg(pl.col("value").sum()).iter_rows())
    assert sums == {"a": 1_000_001, "b": 77, "c": 0}
    again = plan_time(people.reverse(), window=YEAR, calendar=ISRAEL, ramp=[0.2, 0.5])
    keys = ["rep_id", "period_start"]
    assert again.spread(targets.reverse()).sort(keys).equals(rows.sort(keys))
    assert plan.time_there["time_there"][0] == 1
    assert 0.4 < plan.time_there["time_there"][1] < 0.6
