"""The change waterfall against loops, and what it says where the data cannot tell."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

import spm_lib
from benchmarks.waterfall_histories import (
    Question,
    State,
    by_hand,
    differences,
    random_history,
    random_question,
)
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.core.language import language
from spm_lib.forecast import Waterfall, change_waterfall
from spm_lib.forecast.waterfall.between_days import waterfalls
from spm_lib.forecast.waterfall.figures import people_groups
from spm_lib.metrics import measure
from spm_lib.model import Company, company_from_frames
from spm_lib.model.sealed import seal
from spm_lib.workspace import Scope
from tests.examples import rest_as_proofs
from tests.metrics.companies import (
    OUTCOME,
    REPS,
    SETTINGS,
    Facts,
    company,
    frames,
    random_facts,
    state_at,
)

pytestmark = pytest.mark.slow

EPOCH = date(1970, 1, 1)
SINCE, UNTIL = date(2026, 1, 10), date(2026, 3, 5)
DUE = (date(2026, 1, 1), date(2026, 4, 1))


def number(day: date) -> int:
    return (day - EPOCH).days


def told(made: Waterfall) -> dict[str, int]:
    """All that a waterfall tells, without empty bars, as the loop tells it."""
    found = {b: a for b, a in made.bars.select("bar", "amount").iter_rows() if a}
    ends = {"start": made.start.amount, "end": made.end.amount}
    return found | {name: amount for name, amount in ends.items() if amount}


def walked(facts: Facts) -> dict[str, list[State]]:
    """The states of every deal, carried on and, before the first one told, taken back."""
    return {
        deal["id"]: [
            State(number(e["day"]), OUTCOME[e["stage"]], *values)
            for e, values in zip(deal["events"], _values(deal), strict=True)
        ]
        for deal in facts.deals
    }


def _values(deal: dict) -> list[tuple]:
    columns = []
    for name in ("amount", "expected", "rep"):
        values = [e[name] for e in deal["events"]]
        first = next((v for v in values if v is not None), None)
        now, carried = None, []
        for value in values:
            now = value if value is not None else now
            carried.append(first if now is None else now)
        columns.append([_plain(v) for v in carried])
    return list(zip(*columns, strict=True))


def _plain(value: object) -> object:
    """Days as numbers, money in minor units."""
    if isinstance(value, date):
        return number(value)
    return value * 100 if isinstance(value, int) else value


def consistent(facts: Facts) -> Facts:
    """The deals whose rows tell nothing that the history does not: nothing follows their close."""
    return replace(facts, deals=[d for d in facts.deals if _ends_with_its_close(d)])


def _ends_with_its_close(deal: dict) -> bool:
    outcomes = [OUTCOME[e["stage"]] for e in deal["events"]]
    return outcomes[-1] == "open" or outcomes[:-1].count(outcomes[-1]) == 0


def test_random_histories_agree_with_a_loop_and_every_bar_is_met() -> None:
    assert not differences(400, seed=7)
    met: Counter[str] = Counter()
    for n in range(400):
        rng = random.Random(f"7/{n}")
        met.update(by_hand(random_history(rng), random_question(rng)).keys())
    assert min(met.values()) > 5, met
    assert len(met) == 15


@pytest.mark.parametrize("seed", rest_as_proofs(range(8), each_run=3))
@pytest.mark.parametrize("due", [None, DUE], ids=["all", "due"])
def test_a_company_agrees_with_a_walk_along_its_deals(seed: int, due: tuple | None) -> None:
    facts = consistent(random_facts(seed, deals=60))
    co = company(facts)
    period = (number(due[0]), number(due[1])) if due else None
    ask = Question(number(SINCE), number(UNTIL), period, None)
    window = co.calendar.parse_window("2026-Q1") if due else None
    made = change_waterfall(co, since=SINCE, until=UNTIL, due=window)
    assert told(made) == by_hand(walked(facts), ask)
    for rep in REPS:
        mine = ask._replace(people=frozenset({rep}))
        groups = people_groups(co, ("rep_id",))
        (one,) = [
            w
            for w in waterfalls(co, since=SINCE, until=UNTIL, due=window, groups=groups)
            if w.by == {"rep_id": rep}
        ]
        assert told(one) == by_hand(walked(facts), mine)


@pytest.mark.parametrize("seed", rest_as_proofs(range(4), each_run=2))
@pytest.mark.parametrize("due", [None, "2026-Q1"])
def test_a_rep_sees_of_deals_that_come_and_go_what_the_breakdown_tells(
    seed: int, due: str | None
) -> None:
    facts = random_facts(seed, deals=60)
    for deal in facts.deals:  # what only a later owner told, an earlier one does not see
        first = deal["events"][0]
        first["amount"] = first["amount"] or 100
        first["expected"] = first["expected"] or date(2026, 3, 1)
    co = company(facts)
    groups = people_groups(co, ("rep_id",))
    whole = {
        w.by["rep_id"]: w for w in waterfalls(co, since=SINCE, until=UNTIL, due=due, groups=groups)
    }
    for rep in REPS:
        scoped = co.within(Scope.rep(rep))
        own = change_waterfall(scoped, since=SINCE, until=UNTIL, due=due)
        assert told(own) == told(whole[rep])
        assert set(scoped.changes.frame["rep_id"].drop_nulls()) == {rep}
        moved = own.bars.filter(pl.col("bar").is_in(["owner_in", "owner_out"]))
        assert moved.height == 2


@pytest.mark.parametrize("seed", range(3))
def test_a_sealed_company_tells_the_same(seed: int) -> None:
    co = company(random_facts(seed, deals=60)).within(Scope.rep("r1"))
    for due in (None, "2026-Q1"):
        open_view = change_waterfall(co, since=SINCE, until=UNTIL, due=due)
        sealed = change_waterfall(seal(co), since=SINCE, until=UNTIL, due=due)
        assert told(sealed) == told(open_view)


def test_end_and_won_are_what_the_other_metrics_tell() -> None:
    facts = consistent(random_facts(3, deals=80))
    co = company(facts)
    made = change_waterfall(co, since=date(2025, 12, 31), until=date(2026, 3, 31))
    end = measure(co, "pipeline.amount").frame["value"].item()
    assert made.end.amount is not None
    # stints know amounts on entering a stage; the waterfall also knows those changed since
    changed = sum(d["events"][-1]["amount"] is not None and _same_stage(d) for d in facts.deals)
    assert changed or made.end.amount == end
    once = [d for d in facts.deals if all(OUTCOME[e["stage"]] == "open" for e in d["events"][:-1])]
    co = company(replace(facts, deals=once))
    made = change_waterfall(co, since=date(2025, 12, 31), until=date(2026, 3, 31))
    won = measure(co, "won.amount", window="2026-Q1").frame["value"].item()
    assert made.amount("won") == -won


def test_the_end_of_the_sample_is_its_open_pipeline(sample_workspace) -> None:
    sample = spm_lib.open(sample_workspace)
    made = change_waterfall(sample, since=date(2026, 6, 30))
    asked = [measure(sample, f"pipeline.{of}").frame["value"].item() for of in ("amount", "count")]
    assert [made.end.amount, made.end.deals] == asked
    assert {notice.kind for notice in sample.notices} >= {"amount_from_history"}


def _same_stage(deal: dict) -> bool:
    stages = [e["stage"] for e in deal["events"]]
    return len(stages) > 1 and stages[-1] == stages[-2]


def test_every_bar_opens_to_its_deals() -> None:
    made = change_waterfall(company(random_facts(5, deals=60)), since=SINCE, due="2026-Q1")
    for bar, amount in made.bars.select("bar", "amount").iter_rows():
        deals = made.deals(bar)
        assert deals["amount"].sum() == (amount or 0)
        assert deals["on"].is_between(SINCE + timedelta(1), date(2026, 3, 31)).all()
        sizes = deals["amount"].abs().drop_nulls().to_list()
        assert sizes == sorted(sizes, reverse=True)
    figures = {f.by.get("bar"): 0 for f in made.figures()}
    for f in made.figures():
        if f.metric == "waterfall.deal":
            figures[f.by["bar"]] += round(float(f.value or 0) * 100)
    assert {b: v for b, v in figures.items() if b and v} == {
        b: a for b, a in told(made).items() if b not in ("start", "end")
    }


def test_a_deal_that_came_and_went_in_between_is_in_both_bars() -> None:
    """Pulled into the quarter and pushed out again: by its two ends nothing happened."""
    plans = [date(2026, 5, 1), date(2026, 2, 1), date(2026, 6, 1)]
    days = [date(2026, 1, 5), date(2026, 1, 15), date(2026, 2, 1)]
    events = [
        {"day": d, "stage": "Lead", "rep": "r1", "amount": 100, "expected": p, "seq": i}
        for i, (d, p) in enumerate(zip(days, plans, strict=True))
    ]
    made = change_waterfall(company(facts_of(events)), since=SINCE, until=UNTIL, due="2026-Q1")
    assert told(made) == {"pulled_in": 10_000, "pushed": -10_000}


def test_a_win_in_the_period_that_was_not_planned_for_it_is_pulled_in_and_won() -> None:
    plan = date(2026, 7, 1)
    events = [
        {"day": date(2026, 1, 5), "stage": "Lead", "rep": "r1", "amount": 100, "expected": plan},
        {"day": date(2026, 2, 5), "stage": "Won", "rep": "r1", "amount": 90, "expected": None},
    ]
    made = change_waterfall(company(facts_of(events)), since=SINCE, until=UNTIL, due="2026-Q1")
    assert told(made) == {"pulled_in": 9_000, "won": -9_000}
    whole = change_waterfall(company(facts_of(events)), since=SINCE, until=UNTIL)
    assert told(whole) == {"start": 10_000, "down": -1_000, "won": -9_000}


def test_what_is_lost_is_the_last_amount_before_it() -> None:
    events = [
        {"day": date(2026, 1, 5), "stage": "Lead", "rep": "r1", "amount": 100, "expected": None},
        {"day": date(2026, 2, 5), "stage": "Lost", "rep": "r1", "amount": 0, "expected": None},
    ]
    made = change_waterfall(company(facts_of(events)), since=SINCE, until=UNTIL)
    assert told(made) == {"start": 10_000, "lost": -10_000}


def facts_of(events: list[dict]) -> Facts:
    """A company of one deal."""
    for seq, event in enumerate(events):
        event["seq"] = seq
    known = {"account": None, "segment": None, "lost_reason": None, "result": None}
    return Facts(deals=[{"id": "d", "created": events[0]["day"], "events": events, **known}])


def test_without_a_history_what_it_would_tell_is_null_and_never_0() -> None:
    facts = random_facts(9, deals=60, history=False, undated=False)
    made = change_waterfall(company(facts), since=SINCE)
    bars = dict(made.bars.select("bar", "amount").iter_rows())
    unknown = {bar for bar, amount in bars.items() if amount is None}
    assert unknown == {"reopened", "up", "down", "deleted"} == set(made.lacks)
    assert bars["new"]
    assert bars["won"]
    states = [state_at(d, date.max) for d in facts.deals]
    new = sum((s["amount"] or 0) for s in states if s["created"] > SINCE)
    assert bars["new"] == 100 * new
    gap = sum(v for v in bars.values() if v)
    assert (made.start.amount or 0) + gap == made.end.amount
    text = " ".join(s.tell(language("en")) for s in made.statements)
    assert "no dated history of stages" in text
    with pytest.raises(DataError, match="planned before"):
        change_waterfall(company(facts), since=SINCE, due="2026-Q1")


def test_before_the_export_nobody_knows_what_open_deals_were_worth() -> None:
    facts = random_facts(9, deals=60, history=False, undated=False)
    made = change_waterfall(company(facts).at(UNTIL), since=SINCE)
    assert made.start.amount is None
    assert made.end.amount is None
    assert made.end.deals > 5
    assert made.amount("new") is None
    assert "not known" in made.statements[0].tell(language("en"))


def test_without_dates_of_creation_there_is_no_waterfall() -> None:
    facts = random_facts(9, deals=20, history=False)
    for deal in facts.deals:
        deal["created"] = None
    with pytest.raises(DataError, match="came to be"):
        change_waterfall(company(facts), since=SINCE)


def test_days_that_are_not_in_order_are_refused() -> None:
    co = company(random_facts(1))
    for since, until in ((UNTIL, SINCE), (SINCE, SINCE), (SINCE, date(2026, 4, 1))):
        with pytest.raises(ParameterError, match="later one"):
            change_waterfall(co, since=since, until=until)


def kept_states(facts: Facts, days: list[date], *, missing: dict[str, date]) -> Company:
    """A company whose history is made of kept states; some deals are missing from a day on."""
    rows = []
    for day in days:
        for deal in facts.deals:
            gone = missing.get(deal["id"], date.max)
            if deal["created"] <= day < gone:
                state = state_at(deal, day)
                rows.append({"opportunity_id": deal["id"], "entered_at": day,
                             "stage": state["stage"], "amount": state["amount"],
                             "expected_close": state["expected"],
                             "rep_id": state["rep"]})  # fmt: skip
    made = frames(facts)
    events = pl.DataFrame(rows, schema_overrides={"amount": pl.Int64, "expected_close": pl.Date})
    deals = made["opportunities"].filter(~pl.col("opportunity_id").is_in(list(missing)))
    tables = {"opportunities": deals, "stage_events": events}
    return company_from_frames(tables, SETTINGS, as_of=facts.as_of)


def test_kept_states_tell_deleted_deals() -> None:
    days = [date(2025, 11, 30) + timedelta(7 * n) for n in range(18)]
    facts = random_facts(11, deals=60)
    gone_on = date(2026, 2, 1)
    victims = {
        d["id"]: gone_on
        for d in facts.deals
        if (s := state_at(d, date(2026, 1, 25)))["outcome"] == "open" and s["amount"]
    }
    victims = dict(list(victims.items())[:3])
    co = kept_states(facts, days, missing=victims)
    made = change_waterfall(co, since=SINCE, until=UNTIL)
    by_id = {d["id"]: d for d in facts.deals}
    worth = sum(state_at(by_id[v], date(2026, 1, 25))["amount"] for v in victims)
    assert made.amount("deleted") == -100 * worth
    assert set(made.deals("deleted")["opportunity_id"]) == set(victims)
    assert set(made.deals("deleted")["on"]) == {gone_on}
    assert not made.lacks
    whole = change_waterfall(company(facts), since=SINCE, until=UNTIL)
    assert whole.amount("deleted") is None


def test_two_kept_states_tell_what_changed_between_their_days() -> None:
    facts = random_facts(12, deals=60)
    days = [date(2026, 1, 10), date(2026, 3, 5)]
    co = kept_states(facts, days, missing={})
    made = change_waterfall(co, since=days[0], until=days[1])
    then = {d["id"]: state_at(d, days[0]) for d in facts.deals if d["created"] <= days[0]}
    now = {d["id"]: state_at(d, days[1]) for d in facts.deals if d["created"] <= days[1]}

    def worth(states: dict) -> int:
        return 100 * sum(s["amount"] or 0 for s in states.values() if s["outcome"] == "open")

    assert (made.start.amount, made.end.amount) == (worth(then), worth(now))
    gap = made.bars["amount"].fill_null(0).sum()
    assert gap == worth(now) - worth(then)


@pytest.mark.parametrize("code", ["en", "he"])
def test_findings_are_told_in_both_languages(code: str) -> None:
    co = company(random_facts(5, deals=60))
    for due in (None, "2026-Q1"):
        for statement in change_waterfall(co, since=SINCE, due=due).statements:
            text = statement.tell(language(code))
            assert "{" not in text
            hebrew = any("א" <= c <= "ת" for c in text)
            assert hebrew is (code == "he")


def test_deals_without_an_amount_are_counted_and_their_bar_is_null() -> None:
    """A CRM that empties the amount of lost deals: what was lost is not 0."""
    facts = random_facts(9, deals=60, history=False, undated=False)
    for deal in facts.deals:
        if state_at(deal, date.max)["outcome"] == "lost":
            for event in deal["events"]:
                event["amount"] = None
    made = change_waterfall(company(facts), since=SINCE)
    lost = made.bars.filter(pl.col("bar") == "lost").row(0, named=True)
    assert lost["deals"] > 3
    assert lost["amount"] is None


def test_without_a_table_of_deals_it_is_said() -> None:
    tables = {"orders": frames(random_facts(2))["orders"]}
    co = company_from_frames(tables, SETTINGS, as_of=date(2026, 3, 31))
    with pytest.raises(DataError, match="came to be"):
        change_waterfall(co)
