"""Ids that reports declare against naive loops: changes, the funnel's flow, ages of open deals."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spm_lib.core.calendar import Window, window_before
from spm_lib.model import Company, Figure, metric_id
from spm_lib.reports.pages.declared import IN_POINTS, RELATIVE
from tests.metrics.companies import OPEN, Facts, Row, company, deal_states, random_facts
from tests.metrics.oracles import ORACLES, ROWS, funnel

pytestmark = pytest.mark.slow

quick = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
drawn = cache(random_facts)  # every metric is asked of the same few companies
seeds = st.builds(drawn, seed=st.integers(0, 10**6), deals=st.integers(1, 60))
OPENED: dict[int, tuple[Facts, Company]] = {}
SPANS = [  # a window, and the one before it, both written by hand
    (("2026-03-01", "2026-04-01"), ("2026-02-01", "2026-03-01")),
    (("2026-02-01", "2026-04-01"), ("2025-12-01", "2026-02-01")),
    (("2026-01-01", "2026-04-01"), ("2025-10-01", "2026-01-01")),
    (("2025-09-01", "2026-04-01"), ("2025-02-01", "2025-09-01")),
    (("2025-04-01", "2026-04-01"), ("2024-04-01", "2025-04-01")),
    (("2024-11-01", "2026-04-01"), ("2023-06-01", "2024-11-01")),
]


def window(ends: tuple[str, str]) -> Window:
    return Window(date.fromisoformat(ends[0]), date.fromisoformat(ends[1]))


def opened(facts: Facts) -> Company:
    """Open a company of these facts, once."""
    if id(facts) not in OPENED:
        OPENED[id(facts)] = facts, company(facts)
    return OPENED[id(facts)][1]


def found(
    metric: str, facts: Facts, *, by: object = None, span: Window | None = None
) -> list[Figure]:
    compute = metric_id(metric).compute
    assert compute is not None
    return compute(opened(facts), by, span)


@pytest.mark.parametrize(("ends", "earlier"), SPANS)
def test_the_window_before_is_as_many_months_and_ends_where_this_begins(
    ends: tuple[str, str], earlier: tuple[str, str]
) -> None:
    assert window_before(window(ends)) == window(earlier)


def changed(metric: str, facts: Facts, rows: list[Row], spans: tuple) -> float | None:
    """Ask the oracle for both windows, and compare by hand."""
    now, past = (ORACLES[metric](facts, rows, span)[0] for span in spans)
    if now is None or past is None:
        return None
    if metric == "win_rate.closed.count":
        return now - past
    return (now - past) / past if past else None


@pytest.mark.parametrize("metric", [*RELATIVE, *IN_POINTS])
@quick
@given(facts=seeds)
def test_a_change_is_told_against_the_window_before(metric: str, facts: Facts) -> None:
    for ends, earlier in SPANS[:2]:
        spans = tuple(tuple(map(date.fromisoformat, e)) for e in (ends, earlier))
        for by in (None, "rep_id"):
            groups: dict[str, list[Row]] = {} if by else {"": []}
            for row in ROWS[metric](facts):
                groups.setdefault((row["rep"] or "") if by else "", []).append(row)
            figures = found(f"{metric}.change", facts, by=by, span=window(ends))
            told = {f.by.get("rep_id", ""): f for f in figures}
            assert set(told) == set(groups)
            for group, rows in groups.items():
                truth = changed(metric, facts, rows, spans)
                figure = told[group]
                value = None if figure.value is None else float(figure.value)
                assert value == pytest.approx(truth, abs=1.1e-6), (group, by)
                assert figure.unit == ("points" if metric in IN_POINTS else "change")


def test_a_rate_that_rose_from_a_fifth_to_a_half_rose_by_thirty_points() -> None:
    """By hand: 1 of 5 won in February, 2 of 4 in March; money 100 and then 250."""
    facts = Facts(deals=[
        *(closed(i, "Won" if i == 0 else "Lost", date(2026, 2, 10), 100) for i in range(5)),
        *(closed(9 + i, "Won" if i < 2 else "Lost", date(2026, 3, 10), 125) for i in range(4)),
        closed(20, "Lost", date(2026, 1, 20), 100),  # so that February is known from its start
    ])  # fmt: skip
    march = window(SPANS[0][0])
    (points,) = found("win_rate.closed.count.change", facts, span=march)
    (money,) = found("won.amount.change", facts, span=march)
    assert (points.value, points.unit) == ("0.300000", "points")
    assert (money.value, money.unit) == ("1.500000", "change")
    assert points.window == (march.start, march.end)


def closed(number: int, stage: str, day: date, amount: int) -> Row:
    return deal(number, day - timedelta(5), [(day - timedelta(5), "Lead"), (day, stage)], amount)


def deal(number: int, created: date | None, path: list[tuple[date, str]], amount: int = 1) -> Row:
    """Return a deal that went this way."""
    told = {"rep": "r1", "amount": amount, "expected": None}
    events = [{"day": d, "stage": s, "seq": i, **told} for i, (d, s) in enumerate(path)]
    known = {"account": None, "segment": None, "lost_reason": None, "result": None}
    return {"id": f"d{number}", "created": created, "events": events, **known}


COLUMNS = {  # what the walk along every deal calls it
    "stage_flow.advanced": "advanced",
    "stage_flow.lost": "lost",
    "stage_flow.still_open": "still_open",
    "stage_flow.skipped": "skipped",
    "stage_flow.re_entered": "re_entered",
    "stage_flow.lost_unknown": "lost_stage_unknown",
}
FLOW = tuple(COLUMNS)
PERIOD = tuple(name.replace("flow.", "flow.period.", 1) for name in FLOW)


def flow(metric: str, facts: Facts, span: Window | None) -> dict[str, str | None]:
    return {f.by["stage"]: f.value for f in found(metric, facts, span=span)}


@pytest.mark.parametrize("metric", sorted([*FLOW, *PERIOD]))
@quick
@given(facts=st.one_of(seeds, st.builds(drawn, st.integers(0, 99), history=st.just(False))))
def test_the_flow_agrees_with_a_walk_along_every_deal(metric: str, facts: Facts) -> None:
    for span in (None, window(SPANS[0][0]), window(SPANS[2][0])):
        ends = (span.start, span.end) if span else None
        how = "period" if metric in PERIOD else "cohort"
        truth = funnel(facts, how=how, window=ends)
        column = COLUMNS[metric.replace("period.", "")]
        counts = {stage: str(truth[stage][column]) for stage in OPEN}
        assert flow(metric, facts, span) == counts


def test_each_count_of_the_flow_is_its_own() -> None:
    """One deal skips Qualified; one comes back to Lead twice; two are lost, at two stages."""
    day = date(2026, 1, 5)

    def path(*stages: str) -> list[tuple[date, str]]:
        return [(day + timedelta(i), stage) for i, stage in enumerate(stages)]

    facts = Facts(deals=[
        deal(1, day, path("Lead", "Proposal", "Won")),
        deal(2, day, path("Lead", "Qualified", "Lead", "Qualified", "Lead")),
        deal(3, day, path("Lead", "Qualified", "Lost")),
        deal(4, day, path("Lead", "Qualified", "Proposal", "Lost")),
    ])  # fmt: skip
    counts = {m: [v for _, v in flow(m, facts, None).items()] for m in FLOW}
    assert counts == {
        "stage_flow.advanced": ["4", "2", "1", "1"],
        "stage_flow.lost": ["0", "1", "1", "0"],
        "stage_flow.still_open": ["0", "1", "0", "0"],
        "stage_flow.skipped": ["0", "1", "0", "1"],
        "stage_flow.re_entered": ["2", "1", "0", "0"],
        "stage_flow.lost_unknown": ["0", "0", "0", "0"],
    }


def band(days: int) -> str:
    """Say in which band an age lies, as the report's table heads them."""
    if days <= 30:
        return "0-30"
    if days <= 90:
        return "31-90"
    return "91-180" if days <= 180 else "over 180"


AGES = (0, 1, 29, 30, 31, 60, 61, 89, 90, 91, 120, 179, 180, 181, 182, 400, 900)


@pytest.mark.parametrize("history", [True, False])
def test_open_deals_are_counted_in_the_band_of_their_age(history: bool) -> None:
    """As many deals of an age as its place in the list: no band can borrow from its neighbour."""
    today = date(2026, 3, 31)
    ages = [age for place, age in enumerate(AGES, start=1) for _ in range(place)]
    created = [today - timedelta(age) for age in ages]
    made = [deal(i, day, [(day, "Lead")]) for i, day in enumerate(created)]
    made += [closed(500 + i, "Won", today - timedelta(i), 1) for i in range(3)]
    truth = Counter(band(age) for age in ages)
    told = found("open.age.count", Facts(deals=made, history=history))
    assert {f.by["age"]: int(f.value or 0) for f in told if int(f.value or 0)} == dict(truth)
    assert truth == {"0-30": 10, "31-90": 35, "91-180": 46, "over 180": 62}


@quick
@given(facts=seeds)
def test_ages_of_open_deals_agree_with_a_loop_by_person(facts: Facts) -> None:
    truth: Counter[tuple[str, str]] = Counter()
    for state in deal_states(facts):
        if state["outcome"] == "open":
            truth[state["rep"] or "", band((facts.as_of - state["created"]).days)] += 1
    told = found("open.age.count", facts, by="rep_id")
    counts = {(f.by["rep_id"], f.by["age"]): int(f.value or 0) for f in told}
    assert {k: n for k, n in counts.items() if n} == dict(truth)


def test_every_id_of_the_room_has_an_oracle_here() -> None:
    from spm_lib.model import metric_ids

    from .test_open_flags import HELD

    held = {
        *HELD,
        *FLOW,
        *PERIOD,
        "open.age.count",
        *(f"{m}.change" for m in (*RELATIVE, *IN_POINTS)),
    }
    ours = {m.id for m in metric_ids() if m.room == "reports" and m.compute is not None}
    assert ours == held
