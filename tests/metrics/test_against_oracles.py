"""Every metric against a naive loop over plain facts, on companies made by chance."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import MetricError
from spm_lib.metrics import lost_reasons, measure, stage_conversion
from spm_lib.model import Company
from tests.examples import examples
from tests.metrics.companies import OPEN, Facts, Row, company, deal_states, random_facts, team_on
from tests.metrics.oracles import ALWAYS_STAGE, EVENT, ORACLES, ROWS, Window, funnel

pytestmark = pytest.mark.slow

QUARTER = (date(2026, 1, 1), date(2026, 4, 1))
MONTHS = [(date(2026, m, 1), date(2026, m + 1, 1)) for m in (1, 2, 3)]


def with_credit_notes(facts: Facts) -> Facts:
    """Make the amount of every third change negative."""
    events = [event for deal in facts.deals for event in deal["events"]]
    for event in events[::3]:
        event["amount"] = event["amount"] and -event["amount"]
    return facts


seeds = st.builds(
    random_facts,
    seed=st.integers(0, 10**6),
    deals=st.integers(1, 40),
    history=st.booleans(),
) | st.builds(random_facts, seed=st.integers(0, 10**6)).map(with_credit_notes)
quick = settings(
    max_examples=examples(2, tenfold=30),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
NEEDS_HISTORY = {*ALWAYS_STAGE, "pipeline.count", "pipeline.amount"}


def key_of(facts: Facts, name: str, row: Row, metric: str) -> object:
    if name == "team" and row["rep"] is None and row.get("team"):
        return row["team"]  # costs of a whole team
    if name == "team":
        day = EVENT[metric](row) or facts.as_of
        return team_on(facts, row["rep"], day)
    return row[{"rep_id": "rep"}.get(name, name)]


def expected(
    facts: Facts, metric: str, by: tuple[str, ...], window: Window
) -> dict[tuple, tuple[float | int | None, int]]:
    """Group the rows by hand and ask the oracle for each group."""
    names = tuple(by) + (("stage",) if metric in ALWAYS_STAGE else ())
    plain = [n for n in names if n != "month"]
    groups: dict[tuple, list[Row]] = {} if plain else {(): []}
    for row in ROWS[metric](facts):
        groups.setdefault(tuple(key_of(facts, n, row, metric) for n in plain), []).append(row)
    oracle = ORACLES[metric]
    if "month" not in names:
        return {key: oracle(facts, rows, window) for key, rows in groups.items()}
    answers = {}
    for key, rows in groups.items():
        for month in MONTHS:
            place = names.index("month")
            answers[(*key[:place], month[0], *key[place:])] = oracle(facts, rows, month)
    return answers


def measured(co: Company, metric: str, by: tuple[str, ...], window: Window) -> dict[tuple, tuple]:
    answer = measure(co, metric, by=list(by), window=window)
    names = list(answer.by)
    return {
        tuple(row[n] for n in names): (row["value"], row["n"])
        for row in answer.frame.iter_rows(named=True)
    }


def agree(facts: Facts, co: Company, metric: str, by: tuple[str, ...], window: Window) -> None:
    truth, found = expected(facts, metric, by, window), measured(co, metric, by, window)
    assert set(found) == set(truth)
    for key, (value, n) in truth.items():
        assert found[key][1] == n, (metric, key)
        assert found[key][0] == pytest.approx(value), (metric, key)


def by_choices(metric: str) -> list[tuple[str, ...]]:
    shared = [(), ("rep_id",), ("month",), ("rep_id", "month")]
    if metric.startswith("pipeline"):
        return [(), ("rep_id",), ("stage",)]
    return [*shared, ("team",)]


@pytest.mark.parametrize("metric", sorted(ORACLES))
@quick
@given(facts=seeds)
def test_agrees_with_a_naive_loop(metric: str, facts: Facts) -> None:
    facts.history = facts.history or metric in NEEDS_HISTORY
    rng, co = random.Random(len(facts.deals)), company(facts)
    for by in by_choices(metric):
        window = QUARTER if "month" in by else rng.choice([None, QUARTER, MONTHS[1]])
        agree(facts, co, metric, by, window)


@pytest.mark.parametrize("metric", ["won.amount", "win_rate.closed.value", "open.count"])
def test_agrees_by_a_kept_column(metric: str) -> None:
    facts = random_facts(7)
    agree(facts, company(facts), metric, ("segment", "rep_id"), QUARTER)


@quick
@given(facts=seeds.map(with_credit_notes))
def test_a_share_of_value_lies_between_none_and_all_and_in_its_interval(facts: Facts) -> None:
    """A credit note among the losses gave a win rate of 142 % with an interval of 0 to 100 %."""
    for by in (None, "rep_id", "segment"):
        answer = measure(company(facts), "win_rate.closed.value", by=by)
        for row in answer.frame.drop_nulls("value").iter_rows(named=True):
            assert 0 <= row["value"] <= 1
            assert row["low"] is None or row["low"] <= row["value"] <= row["high"]
    closed = [d for d in deal_states(facts) if d["outcome"] in ("won", "lost")]
    credit = [d["amount"] for d in closed if d["amount"] is not None and d["amount"] < 0]
    aside = measure(company(facts), "win_rate.closed.value").receipt.set_aside
    told = [(part.rows, part.amount) for name, part in aside.items() if name == "negative amount"]
    assert told == ([(len(credit), 100 * sum(credit))] if credit else [])


@pytest.mark.parametrize("how", ["cohort", "period"])
@quick
@given(facts=seeds)
def test_the_funnel_agrees_with_a_walk_along_every_deal(how: str, facts: Facts) -> None:
    for window in (None, QUARTER, MONTHS[1]):
        frame = stage_conversion(company(facts), how=how, window=window)
        truth = funnel(facts, how=how, window=window)
        assert frame["stage"].to_list() == list(OPEN)
        for row in frame.iter_rows(named=True):
            counts = truth[row["stage"]]
            assert {name: row[name] for name in counts} == counts
            assert row["entered"] == row["advanced"] + row["lost"] + row["still_open"]
            share = counts["advanced"] / counts["entered"] if counts["entered"] else None
            assert row["value"] == pytest.approx(share)


@quick
@given(facts=seeds)
def test_what_advances_from_a_stage_enters_the_next(facts: Facts) -> None:
    rows = stage_conversion(company(facts)).to_dicts()
    for here, there in itertools.pairwise(rows):
        assert here["advanced"] == there["entered"]


@quick
@given(facts=seeds)
def test_lost_reasons_are_shares_of_all_lost_deals(facts: Facts) -> None:
    lost = [d["lost_reason"] for d in deal_states(facts) if d["outcome"] == "lost"]
    for row in lost_reasons(company(facts)).iter_rows(named=True):
        assert row["deals"] == lost.count(row["lost_reason"])
        assert row["n"] == len(lost)
        assert row["value"] == pytest.approx(row["deals"] / len(lost) if lost else None)


def attainment_by_hand(facts: Facts, rep: str | None, window: Window) -> tuple[int, int | None]:
    won = [
        d
        for d in deal_states(facts)
        if d["outcome"] == "won" and d["rep"] == rep and window[0] <= d["closed"] < window[1]
    ]
    targets = [
        t
        for t in facts.targets
        if t["metric"] == "won.amount"
        and t["rep"] == rep
        and window[0] <= t["start"]
        and t["end"] <= window[1]
    ]
    longest = [
        t
        for t in targets
        if not any(
            o["start"] <= t["start"]
            and t["end"] <= o["end"]
            and o["end"] - o["start"] > t["end"] - t["start"]
            for o in targets
        )
    ]
    target = sum(100 * t["value"] for t in longest) if longest else None
    return sum(100 * d["amount"] for d in won if d["amount"] is not None), target


def with_a_rep_without_deals(facts: Facts) -> Facts:
    """Add r9, who has targets for two months, a team of his own, and neither deals nor orders."""
    months = [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 3, 1), date(2026, 4, 1))]
    more = [
        {"rep": "r9", "start": start, "end": end, "metric": metric, "value": 700}
        for metric in ("won.amount", "orders.amount")
        for start, end in months
    ]
    team = {"rep": "r9", "team": "East", "manager": "m9", "from": None, "to": None}
    return replace(facts, targets=[*facts.targets, *more], memberships=[*facts.memberships, team])


@quick
@given(facts=seeds, engine=st.sampled_from(["polars", "duckdb"]))
def test_everybody_who_has_a_target_is_told_deals_or_none(facts: Facts, engine: str) -> None:
    co = company(with_a_rep_without_deals(facts), engine=engine)
    for name in ("attainment", "coverage", "attainment.orders"):
        for window in (QUARTER, MONTHS[0], MONTHS[1], None):
            total = measure(co, name, window=window).frame["target"].sum()
            for by in ("rep_id", "team", ["manager_id"], ["rep_id", "team"]):
                parts = measure(co, name, by=by, window=window)
                assert parts.frame["target"].sum() == total, (name, window, by)
        lazy = measure(co, name, by=["rep_id", "month"], window=QUARTER).frame
        lazy = lazy.filter(pl.col("rep_id") == "r9", pl.col("target").is_not_null())
        assert lazy.select("month", "value", "n", "used", "set_aside").rows() == [
            (date(2026, 1, 1), 0.0, 0, 0, 0),
            (date(2026, 3, 1), 0.0, 0, 0, 0),
        ]
    with pytest.raises(MetricError, match="set for reps and teams"):
        measure(co, "attainment", by="segment", window=QUARTER)


@quick
@given(facts=seeds)
def test_attainment_is_won_over_target_of_whole_periods(facts: Facts) -> None:
    facts = with_a_rep_without_deals(facts)
    for window in (QUARTER, MONTHS[1]):
        frame = measure(company(facts), "attainment", by="rep_id", window=window).frame
        owners = {d["rep"] for d in deal_states(facts)}
        told = {t["rep"]: attainment_by_hand(facts, t["rep"], window)[1] for t in facts.targets}
        aimed = {rep for rep, target in told.items() if target is not None}
        assert set(frame["rep_id"]) >= aimed
        assert set(frame["rep_id"]) - owners <= aimed
        for row in frame.iter_rows(named=True):
            actual, target = attainment_by_hand(facts, row["rep_id"], window)
            assert (row["actual"], row["target"]) == (actual, target)
            assert row["value"] == (pytest.approx(actual / target) if target else None)


@quick
@given(facts=seeds)
def test_coverage_is_open_due_over_what_is_missing(facts: Facts) -> None:
    for row in measure(company(facts), "coverage", by="rep_id", window=QUARTER).frame.to_dicts():
        due = [
            d
            for d in deal_states(facts)
            if d["outcome"] == "open"
            and d["rep"] == row["rep_id"]
            and d["expected"]
            and QUARTER[0] <= d["expected"] < QUARTER[1]
            and d["amount"] is not None
        ]
        won, target = attainment_by_hand(facts, row["rep_id"], QUARTER)
        missing = target - won if target is not None else 0
        assert row["open_due"] == sum(100 * d["amount"] for d in due)
        assert row["value"] == (pytest.approx(row["open_due"] / missing) if missing > 0 else None)


def test_a_month_equals_the_window_of_that_month_receipt_and_all() -> None:
    co = company(random_facts(11, deals=60))
    for metric in ("won.amount", "win_rate.closed.count", "cycle.won.median_days", "velocity"):
        months = measure(co, metric, by=["rep_id", "month"], window=QUARTER)
        start, end = MONTHS[1]
        alone = measure(co, metric, by="rep_id", window=(start, end))
        picked = [
            (row["rep_id"], row["value"], row["n"], row["low"], receipt)
            for row, receipt in zip(months.frame.to_dicts(), months.receipts, strict=True)
            if row["month"] == start
        ]
        whole = [
            (row["rep_id"], row["value"], row["n"], row["low"], receipt)
            for row, receipt in zip(alone.frame.to_dicts(), alone.receipts, strict=True)
        ]
        assert picked == whole


def test_mature_cohorts_are_older_than_the_p90_cycle() -> None:
    facts = random_facts(5, deals=80)
    states = deal_states(facts)
    cycles = sorted((d["closed"] - d["created"]).days for d in states if d["outcome"] == "won")
    place = 0.9 * (len(cycles) - 1)
    low, share = int(place), place - int(place)
    p90 = cycles[low] + share * (cycles[min(low + 1, len(cycles) - 1)] - cycles[low])
    frame = measure(company(facts), "win_rate.created", by="month").frame
    for row in frame.iter_rows(named=True):
        youngest = min(row["window_end"] - timedelta(1), facts.as_of)
        assert row["mature"] == ((facts.as_of - youngest).days >= p90)
    assert set(frame["mature"]) == {True, False}
