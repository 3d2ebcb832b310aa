"""The oracle against exact probabilities, against what happened, and against its own parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import ParameterError
from spm_lib.simulate import PRESETS, consult_oracle, expected_bookings, make_world
from spm_lib.simulate import hazards as h
from spm_lib.simulate.clocks import day_number, make_clocks
from spm_lib.simulate.oracle import standing_at
from spm_lib.simulate.records import make_records

pytestmark = pytest.mark.slow

DAY, UNTIL = date(2026, 3, 31), date(2026, 7, 1)


def exact_odds(
    world, records, row: int, stage: int, since: float, owner: int, start: int, days: int
) -> float:
    """P(won at the end) by propagating probability day by day; at most one event per day.

    State: mass by (stage, day of entry). An independent computation: no engine code is used, only
    the published rates. Owners stay (the world has no churn).
    """
    clocks = make_clocks(world.preset, world.seed, shocks_until=DAY)
    deal = {name: values[row] for name, values in vars(records.origin.deals).items()}
    u, v = world.staff.forward_effect[owner], world.staff.lose_effect[owner]
    mass = np.zeros((4, days + 2))
    entry = np.concatenate([[since], start + np.arange(days + 1) + 0.5])
    mass[stage, 0] = 1.0
    won, returning = 0.0, np.zeros((4, days + 120))
    pace = 0.02 if deal["sleeps"] else 1.0
    for k in range(days):
        day = start + k
        mass[:, k + 1] += returning[:, k]
        w, c = clocks.work.pace[day - clocks.origin], clocks.closing.pace[day - clocks.origin]
        if w == 0:
            returning[:, k + 1] += returning[:, k] * 0  # reopened on days off wait below
        landed = day + 0.5 >= deal["created"] + 7
        forward = np.exp(deal["forward"] + u + landed * deal["behaviour"])
        lose = np.exp(deal["lose"] + v)
        age = np.clip(day + 0.5 - entry, 0, None)
        bucket = np.select([age < 7, age < 21, age < 60], [0, 1, 2], 3)
        new = np.zeros(4)
        for s in range(4):
            slow = pace if s >= 1 else 1.0
            ahead = forward * slow * h.FORWARD_BY_TIME[s][bucket]
            rate = np.stack(
                [
                    h.BASE_RATES[s][0] * ahead * w,
                    h.BASE_RATES[s][1] * ahead * w,
                    np.full(len(entry), h.BASE_RATES[s][2] * slow * w),
                    h.BASE_RATES[s][3] * ahead * c,
                    h.BASE_RATES[s][4] * lose * slow * h.LOSE_BY_TIME[s][bucket] * w,
                ]
            )
            total = rate.sum(axis=0)
            gone = mass[s] * -np.expm1(-total)
            flow = (gone * rate / np.where(total > 0, total, 1)).sum(axis=1)
            mass[s] -= gone
            for cause, to in ((0, s + 1), (1, s + 2), (2, s - 1)):
                if 0 <= to <= 3 and flow[cause]:
                    new[to] += flow[cause]
            won += flow[3]
            later = slice(k + 10, k + 100)
            returning[max(s, 1), later] += flow[4] * h.REOPEN_LOST / 90
        mass[:, k + 2] += new
    return won


def test_odds_are_those_of_an_exact_computation() -> None:
    world = make_world(replace(PRESETS["zombies"], churn=0.0, opportunities=1500), 21)
    oracle = consult_oracle(world, day=DAY, until=UNTIL, draws=2500)
    records = make_records(world, np.arange(1500))
    start = day_number(DAY) + 1
    standing = standing_at(records.changes, float(start))
    picked = np.linspace(0, len(standing.row) - 1, 8).astype(int)
    found = oracle.deals["p_win"].to_numpy()[picked]
    state = standing.state
    exact = np.array(
        [
            exact_odds(
                world,
                records,
                standing.row[k],
                state.stage[k],
                state.since[k],
                state.owner[k],
                start,
                480,
            )
            for k in picked
        ]
    )
    assert exact.max() - exact.min() > 0.3
    assert np.abs(found - exact).max() < 0.035
    assert abs((found - exact).mean()) < 0.012


@pytest.fixture(scope="module")
def big():
    """A company of 20,000 deals, its oracle at a day, and what came of it."""
    world = make_world(replace(PRESETS["clean"], opportunities=20_000, shock_sd=0.0), 8)
    oracle = consult_oracle(world, day=DAY, until=UNTIL, draws=60)
    return world, oracle, make_records(world, np.arange(20_000))


def test_odds_come_true_as_often_as_they_say(big) -> None:
    _, oracle, records = big
    final = records.opportunities.with_columns(
        won=(pl.col("stage") == "Closed Won") & (pl.col("closed_at") < UNTIL),
    )
    both = oracle.deals.join(final, on="opportunity_id").sort("p_win_by_until")
    assert both.height == oracle.deals.height > 700
    p, won = both["p_win_by_until"].to_numpy(), both["won"].to_numpy()
    for part in np.array_split(np.arange(len(p)), 5):
        spread = np.sqrt((p[part] * (1 - p[part])).sum() + len(part) * 0.25 / 60)
        assert abs(won[part].sum() - p[part].sum()) < 4 * spread


def test_bookings_fall_around_what_the_oracle_expects(big) -> None:
    _, oracle, records = big
    won = pl.col("stage") == "Closed Won"
    actual = records.opportunities.filter(
        won & pl.col("closed_at").is_between(DAY, UNTIL, closed="none")
    )
    totals = oracle.totals()
    assert abs(actual["amount"].sum() - totals.mean()) < 4 * totals.std() + 0.03 * totals.mean()
    assert np.isclose(oracle.expected()["amount"].sum(), totals.mean())
    months = {date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)}
    assert set(oracle.bookings["month"]) == months


def test_value_of_open_deals_is_the_open_part_of_the_bookings(big) -> None:
    _, oracle, _ = big
    part = oracle.bookings.filter(~pl.col("new"))["amount"].sum() / oracle.draws
    assert abs(oracle.deals["expected_amount"].sum() - part) <= oracle.deals.height


def test_who_is_open_is_what_the_history_says(big) -> None:
    _, oracle, records = big
    last = (
        records.stage_events.filter(
            pl.col("entered_at") < pl.datetime(2026, 3, 31, 21, time_zone="UTC")
        )
        .group_by("opportunity_id")
        .agg(pl.col("stage").sort_by("seq").last(), pl.col("rep_id").sort_by("seq").last())
    )
    open_then = last.filter(~pl.col("stage").str.starts_with("Closed")).sort("opportunity_id")
    told = oracle.deals.select("opportunity_id", "stage", "rep_id").sort("opportunity_id")
    assert told.equals(open_then)


def test_expected_bookings_over_many_companies_are_met() -> None:
    ratios = []
    for seed in range(12):
        world = make_world(replace(PRESETS["clean"], opportunities=2500), seed)
        actual = make_records(world, np.arange(2500)).opportunities.filter(
            pl.col("stage") == "Closed Won"
        )
        ratios.append(actual["amount"].sum() / expected_bookings(world, draws=20)["expected"].sum())
    assert abs(np.mean(ratios) - 1) < 4 * np.std(ratios) / np.sqrt(len(ratios))
    assert np.std(ratios) < 0.12


def test_the_company_goes_on_after_the_export() -> None:
    world = make_world("clean", 3)
    after = world.created(np.arange(6500, 7000))
    assert after.min() >= world.until
    assert (np.diff(after) >= 0).all()
    oracle = consult_oracle(world, day=date(2026, 9, 30), until=date(2027, 1, 1), draws=20)
    assert oracle.bookings.filter(pl.col("new"))["month"].min() >= date(2026, 10, 1)
    assert oracle.bookings.filter(pl.col("new"))["amount"].sum() > 0


def test_the_oracle_looks_ahead_only() -> None:
    world = make_world("tiny", 3)
    for until in (DAY, date(2028, 1, 1)):
        with pytest.raises(ParameterError, match="1 to 500 days ahead"):
            consult_oracle(world, day=DAY, until=until)
