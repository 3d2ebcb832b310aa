"""Alerts: counted by a loop, raised for a real change, silent for luck and for quarter ends."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.model import Company, company_from_frames, metric_id
from spm_lib.reps.alerts.changed_rates import WEEKS, Alerts, changed_rates, compared
from spm_lib.reps.alerts.check import check_alerts
from spm_lib.stats import change_against_others
from spm_lib.workspace import Scope
from tests.forecast.conftest import settings

START, AS_OF = date(2025, 1, 1), date(2026, 9, 30)
PEOPLE = [f"r{i}" for i in range(8)]
FALL = date(2026, 1, 1)


def made(people: list[str], *, seed: int = 3) -> Company:
    """Eight people who close two deals a week; r0 falls from two thirds to one in ten."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in range((AS_OF - START).days):
        closed = START + timedelta(day)
        for rep in people:
            if rng.random() < 0.3:
                rate = 0.4 if rep != "r0" else 0.66 if closed < FALL else 0.1
                stage = "Closed Won" if rng.random() < rate else "Closed Lost"
                told = {"created_at": closed - timedelta(30), "closed_at": closed, "stage": stage}
                rows.append({"opportunity_id": f"d{len(rows)}", "rep_id": rep, **told})
    deals = pl.DataFrame(rows)
    members = pl.DataFrame(
        {
            "rep_id": people,
            "team": "North",
            "manager_id": "m1",
            "valid_from": [date(2024, 1, 1)] * len(people),
            "valid_to": pl.Series([None] * len(people), dtype=pl.Date),
        }
    )
    names = pl.DataFrame({"rep_id": people, "name": [f"Name {p}" for p in people]})
    frames = {"opportunities": deals, "memberships": members, "reps": names}
    return company_from_frames(frames, settings(), as_of=AS_OF)


@pytest.fixture(scope="module")
def company() -> Company:
    return made(PEOPLE)


@pytest.fixture(scope="module")
def alerts(company: Company) -> Alerts:
    return changed_rates(company)


def test_a_real_fall_is_named_dated_and_told(alerts: Alerts) -> None:
    assert alerts.raised["rep_id"].to_list() == ["r0"]
    row = alerts.raised.row(0, named=True)
    assert row["direction"] == "down"
    assert abs((row["since"] - FALL).days) <= 35
    assert FALL < row["raised_on"] <= AS_OF
    assert row["manager_id"] == "m1"
    english = alerts.statements[0].tell(language("en"))
    assert "Name r0's win rate has really fallen" in english
    assert "5%" in alerts.statements[-1].tell(language("en"))


def test_both_sides_are_counted_by_a_loop(company: Company, alerts: Alerts) -> None:
    row = alerts.watched.row(0, named=True)
    sides: dict[bool, list[int]] = {True: [], False: []}
    others: dict[bool, list[int]] = {True: [], False: []}
    for deal in company.table("opportunities").to_dicts():
        if not START <= deal["closed_on"] < alerts.watch.end:
            continue
        kept = sides if deal["rep_id"] == "r0" else others
        kept[deal["closed_on"] < row["since"]].append(int(deal["outcome"] == "won"))
    for name, early in (("before", True), ("after", False)):
        assert row[name] == pytest.approx(np.mean(sides[early]))
        assert row[f"n_{name}"] == len(sides[early])
        assert row[f"others_{name}"] == pytest.approx(np.mean(others[early]))


def test_the_day_of_the_alarm_is_the_day_on_which_it_was_first_seen(
    company: Company, alerts: Alerts
) -> None:
    raised = alerts.raised["raised_on"][0]
    assert changed_rates(company.at(raised)).raised["rep_id"].to_list() == ["r0"]
    assert changed_rates(company.at(raised)).raised["new"].to_list() == [True]
    assert not changed_rates(company.at(raised - timedelta(7))).raised.height


def test_with_few_others_the_own_past_is_asked_and_no_rate_of_others_is_told() -> None:
    found = changed_rates(made(PEOPLE[:4]))
    assert not found.against_others
    assert found.watched["others_before"].null_count() == found.watched.height
    assert found.raised["rep_id"].to_list() == ["r0"]


def test_a_scope_sees_its_own_people_only(company: Company) -> None:
    mine = changed_rates(company.within(Scope.rep("r0")))
    assert mine.watched["rep_id"].to_list() == ["r0"]
    assert mine.watched["others_after"].to_list() == [None]


def test_nobody_to_watch_is_said(company: Company) -> None:
    early = changed_rates(company.at(date(2025, 1, 20)))
    assert not early.watched.height
    assert "Nobody has decided" in early.statements[0].tell(language("en"))


def test_the_registry_gives_the_same_figures(company: Company, alerts: Alerts) -> None:
    compute = metric_id("alert.after").compute
    assert compute is not None
    told = {f.by["rep_id"]: f.value for f in compute(company, "rep_id", None)}
    row = alerts.watched.row(0, named=True)
    assert told["r0"] == f"{row['after']:.6f}"
    assert {f.metric for f in alerts.figures()} >= {"alert.evidence", "alert.people"}


@pytest.mark.parametrize("rate", [0.12, 0.45, 0.8])
def test_luck_alone_seldom_raises_an_alarm_in_two_years_of_weekly_looks(rate: float) -> None:
    """The bound is 5 % per watch; of 100 watches 11 or more would be a surprise of 1 in 100."""
    assert check_alerts(rate=rate, watches=100, seed=5).false_alarms <= 10


def test_a_large_change_is_found_and_how_soon() -> None:
    found = check_alerts(rate=0.5, after=0.15, watches=40, seed=2)
    assert found.found >= 32
    assert found.delay is not None
    assert 5 <= found.delay <= 30


def test_a_quarters_end_that_moves_everybody_is_no_alarm_but_looks_like_one_alone() -> None:
    weeks = np.arange(WEEKS)
    good = weeks >= 60
    n, peers = np.full(WEEKS, 4), np.full(WEEKS, 40)
    won, their = np.where(good, 3, 1), np.where(good, 30, 10)
    assert change_against_others(won, n, their, peers).alarm(0.05) is None
    assert change_against_others(won, n, np.full(WEEKS, 20), peers).alarm(0.05) is not None


@pytest.mark.parametrize("paces", [(20, 2, 2, 2, 2, 2), (4, 2, 2, 2, 2, 2)])
def test_one_heavy_peer_who_changes_is_nobody_elses_alarm(paces: tuple[int, ...]) -> None:
    """The first wins half instead of a third of the deals from week 50 on; the others as ever.

    With the first among the others 10-17 % of them raised an alarm. Of 100 watches 11 or more
    would be a surprise of 1 in 100.
    """
    alarms, late = 0, np.arange(92) >= 50
    for seed in range(20):
        rng = np.random.default_rng(seed)
        n = np.array([rng.poisson(pace, 92) for pace in paces])
        rates = np.where(late & (np.arange(len(paces)) == 0)[:, None], 0.5, 0.3)
        won = rng.binomial(n, rates)
        for at in range(1, len(paces)):
            kept = compared(n.sum(axis=1), at)
            peers = won[kept].sum(axis=0), n[kept].sum(axis=0)
            found = change_against_others(won[at], n[at], *peers, planned=WEEKS)
            alarms += found.alarm(0.05) is not None
    assert alarms <= 10


def test_who_has_nobody_to_compare_with_is_not_watched_and_it_is_said() -> None:
    rows = [
        {
            "opportunity_id": f"{rep}-{i}",
            "rep_id": rep,
            "stage": "Closed Won" if i % 3 else "Closed Lost",
            "created_at": START,
            "closed_at": START + timedelta(i % 600),
        }
        for rep, many in zip("abcdef", (30, 810, 270, 90, 30, 10), strict=True)
        for i in range(many)
    ]
    company = company_from_frames({"opportunities": pl.DataFrame(rows)}, settings(), as_of=AS_OF)
    found = changed_rates(company)
    assert found.watched.is_empty()
    assert found.unwatched == ("a", "b", "c", "d", "e")
    assert "5 people are not watched" in found.statements[0].tell(language("en"))
    assert found.figures()[0].value == "0"


def falling(rep: str, *, seed: int) -> Company:
    """Eight people; one of them stops calling early and moves on from Lead less often from FALL."""
    rng = np.random.default_rng(seed)
    deals, events, calls = [], [], []
    for number in range(4800):
        who = PEOPLE[number % 8]
        begun = START + timedelta(int(rng.integers(0, 560)))
        late = who == rep and begun >= FALL
        left = begun + timedelta(int(rng.integers(8, 30)))
        name = f"d{number}"
        goes = rng.random() < (0.15 if late else 0.6)
        stage = "Qualified" if goes else "Closed Lost"
        deal = {"opportunity_id": name, "rep_id": who, "created_at": begun, "stage": stage}
        deals.append({**deal, "closed_at": None if goes else left})
        events += [
            {"opportunity_id": name, "stage": at, "entered_at": day, "rep_id": who}
            for at, day in (("Lead", begun), (stage, left))
        ]
        if rng.random() < (0.1 if late else 0.6):
            happened = begun + timedelta(int(rng.integers(0, 7)))
            act = {"activity_id": f"a{number}", "rep_id": who, "kind": "call"}
            calls.append({**act, "happened_at": happened, "opportunity_id": name})
    frames = {"opportunities": deals, "stage_events": events, "activities": calls}
    schema = {"opportunities": {"closed_at": pl.Date}}
    made = {n: pl.DataFrame(rows, schema_overrides=schema.get(n)) for n, rows in frames.items()}
    return company_from_frames(made, settings(), as_of=AS_OF)


@pytest.fixture(scope="module")
def several() -> Alerts:
    return changed_rates(falling("r2", seed=1))


def test_stage_conversions_and_early_activity_are_watched_beside_the_win_rate(
    several: Alerts,
) -> None:
    assert several.ratios == 3
    raised = set(several.raised.select("ratio", "rep_id").iter_rows())
    assert raised == {("stage:Lead", "r2"), ("early:call", "r2")}  # r5 beside r2's fall: no alarm
    row = several.raised.filter(pl.col("ratio") == "stage:Lead").row(0, named=True)
    assert row["direction"] == "down"
    told = "\n".join(one.tell(language("en")) for one in several.statements)
    assert "Of r2's deals fewer go forward from Lead" in told
    assert "first seven days: call" in told
    assert "all 3 ratios" in told
    hebrew = "\n".join(one.tell(language("he")) for one in several.statements)
    assert "שיחות" in hebrew
    assert "call" not in hebrew
    assert {f.by["ratio"] for f in several.figures() if f.by} >= {"stage:Lead", "early:call"}
    counted = [f for f in several.figures() if f.metric == "alert.evidence"]
    assert [f.receipt.used for f in counted] == [f.n for f in counted], "its own cases"


def test_both_sides_of_every_ratio_are_counted_by_a_loop(several: Alerts) -> None:
    tables = {n: several.company.table(n).to_dicts() for n in ("opportunities", "activities")}
    called = {a["opportunity_id"]: a["happened_on"] for a in tables["activities"]}
    cases: dict[str, list[tuple[date, int]]] = {"stage:Lead": [], "early:call": []}
    for deal in tables["opportunities"]:
        if deal["rep_id"] != "r2":
            continue
        name, mark = deal["opportunity_id"], deal["created_on"] + timedelta(7)
        soon = name in called and called[name] <= mark
        cases["early:call"].append((mark, int(soon)))
    events = several.company.table("stage_events").sort("entered_on").to_dicts()
    for event in events:
        if event["rep_id"] == "r2" and event["stage"] != "Lead":
            cases["stage:Lead"].append((event["entered_on"], int(event["stage"] == "Qualified")))
    for row in several.watched.filter(pl.col("rep_id") == "r2").to_dicts():
        if row["ratio"] not in cases:
            continue
        inside = [c for c in cases[row["ratio"]] if START <= c[0] < several.watch.end]
        before = [hit for day, hit in inside if day < row["since"]]
        assert row["n"] == len(inside)
        assert (row["n_before"], row["before"]) == (len(before), pytest.approx(np.mean(before)))


def test_the_more_ratios_are_watched_the_surer_an_alarm_must_be(several: Alerts) -> None:
    assert several.threshold == pytest.approx(3 / 0.05)
    assert several.raised["evidence"].min() >= 60
    quiet = several.watched.filter(pl.col("raised_on").is_null())
    assert quiet["evidence"].max() < 60
