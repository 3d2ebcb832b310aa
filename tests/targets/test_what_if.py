"""The what-if against an analytic expectation, a naive loop over single deals, and its laws."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from functools import cache
from statistics import mean, median, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.errors import ParameterError
from spm_lib.targets import Bars, Baseline, WhatIf, bars_over
from spm_lib.targets.arrivals import DAYS
from tests.examples import examples

pytestmark = pytest.mark.slow


def loop(base: Baseline, *, years: int, heads: int, ramp: tuple, stretch: float, seed: int):
    """Play single deals: each is begun on a day, waits a cycle, is won or not. No arrays.

    Returns bookings added up by month, one list per year played.
    """
    rng = random.Random(seed)
    amounts, cycles = base.amounts.tolist(), base.cycles.tolist()
    decided = base.won + base.lost
    past = int(max(cycles) // DAYS) + 2
    told = []
    for _ in range(years):
        rate = rng.betavariate(base.won + 0.5, base.lost + 0.5)
        rate *= (base.won / decided) / ((base.won + 0.5) / (decided + 1))
        flow = rng.gammavariate(decided + 0.5, 1 / (decided + 0.5))
        booked = [0.0] * 12
        for month in range(-past, 12):
            people = base.heads
            if month >= 0 and heads > base.heads:
                full = ramp[month] if month < len(ramp) else 1.0
                people = base.heads + (heads - base.heads) * full
            elif month >= 0:
                people = heads
            expected = base.decided_per_rep_month * people * flow
            for _ in range(poisson(rng, expected)):
                begun = (month + rng.random()) * DAYS
                cycle = rng.choice(cycles)
                if begun < 0:
                    if begun + cycle <= 0:
                        continue
                    closes = (begun + cycle) * stretch
                else:
                    closes = begun + cycle * stretch
                if closes < 12 * DAYS and rng.random() < rate:
                    booked[int(closes / DAYS)] += rng.choice(amounts)
        told.append([sum(booked[: i + 1]) for i in range(12)])
    return told


def poisson(rng: random.Random, expected: float) -> int:
    n, left = -1, expected
    while left > 0:
        left -= rng.expovariate(1)
        n += 1
    return n


@cache
def played(base: Baseline, seed: int = 1) -> WhatIf:
    return WhatIf(base, scenarios=4_000, seed=seed)


@pytest.fixture(scope="module")
def base(request):
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    spec = spec_from_file_location("conf", Path(__file__).with_name("conftest.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.made()


def test_at_todays_rates_a_year_books_what_last_year_did(base):
    """Analytic: in a steady state the expected bookings are wins of a year times the mean deal."""
    answer = played(base).answer(base.levers)
    total = answer.cumulative[:, -1]
    expected = base.won * base.amounts.mean()
    error = total.std() / len(total) ** 0.5
    assert abs(total.mean() - expected) < 4 * error
    monthly = np.diff(answer.cumulative, axis=1, prepend=0).mean(axis=0)
    assert np.abs(monthly / (expected / 12) - 1).max() < 0.08


def test_spread_is_chance_plus_what_is_not_known_of_the_rates(base):
    """Analytic: compound Poisson variance, plus the variances of rate and flow (delta method)."""
    total = played(base).answer(base.levers).cumulative[:, -1]
    wins, decided, deal = base.won, base.won + base.lost, base.amounts.astype(float)
    chance = wins * (deal**2).mean()
    rate = wins / decided
    known = (1 - rate) / (rate * decided) + 1 / decided
    expected = chance + (wins * deal.mean()) ** 2 * known
    assert total.var() == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize(
    ("heads", "stretch"), [(5, 1.0), (8, 1.0), (3, 1.0), (5, 0.5), (5, 1.6), (7, 0.7)]
)
def test_agrees_with_a_loop_over_single_deals(base, heads, stretch):
    levers = replace(base.levers, heads=heads, cycle_days=base.levers.cycle_days * stretch)
    answer = played(base).answer(levers)
    told = loop(base, years=400, heads=heads, ramp=base.ramp, stretch=stretch, seed=3)
    for month in (0, 2, 5, 11):
        naive = [year[month] for year in told]
        error = stdev(naive) / len(naive) ** 0.5
        assert abs(answer.cumulative[:, month].mean() - mean(naive)) < 4.5 * error, month
    spread = stdev(year[-1] for year in told)
    assert answer.cumulative[:, -1].std() == pytest.approx(spread, rel=0.2)


def test_uneven_months_stay_as_uneven_as_seen(make):
    """Counts of a Polya-Aeppli process: variance over mean is the index asked for."""
    ones = np.ones(50, dtype=np.int64)
    base = make(won=400_000, lost=600_000, heads=100_000, dispersion=3.0, amounts=ones)
    base = replace(base, rep_months=100_000 * 12 * 1_000)  # 400 wins a year, rates known well
    answer = WhatIf(base, scenarios=4_000).answer(base.levers)
    monthly = np.diff(answer.cumulative, axis=1, prepend=0)
    assert monthly.var() / monthly.mean() == pytest.approx(3.0, rel=0.1)


def test_large_companies_played_in_blocks_keep_mean_and_spread(make):
    base = make(won=30_000, lost=60_000, heads=500, dispersion=2.0)
    what_if = WhatIf(base, scenarios=1_000)
    assert what_if._draws.block > 1
    total = what_if.answer(base.levers).cumulative[:, -1]
    assert total.mean() == pytest.approx(base.won * base.amounts.mean(), rel=0.01)
    deal, rate = base.amounts.astype(float), base.win_rate
    known = (1 - rate) / base.won + 1 / (base.won + base.lost)
    chance = base.won * (deal.var() + 2.0 * deal.mean() ** 2)
    expected = chance + (base.won * deal.mean()) ** 2 * known
    assert total.var() == pytest.approx(expected, rel=0.2)


SHARES = st.floats(0.5, 1.4)


@settings(max_examples=examples(15))
@given(SHARES, SHARES, SHARES, st.integers(3, 7), st.floats(1.0, 1.3), st.data())
def test_a_better_lever_never_gives_a_worse_year(base, rate, deal, cycle, heads, more, data):
    today = base.levers
    worse = replace(
        today, win_rate=min(today.win_rate * rate, 1), deal_amount=round(today.deal_amount * deal),
        cycle_days=today.cycle_days * cycle, heads=heads,
    )  # fmt: skip
    lever = data.draw(st.sampled_from(["win_rate", "deal_amount", "cycle_days", "heads"]))
    better = {
        "win_rate": {"win_rate": min(worse.win_rate * more, 1)},
        "deal_amount": {"deal_amount": round(worse.deal_amount * more)},
        "cycle_days": {"cycle_days": worse.cycle_days / more},
        "heads": {"heads": worse.heads + 1},
    }[lever]
    what_if = played(base)
    low, high = (what_if.answer(x) for x in (worse, replace(worse, **better)))
    assert (high.cumulative >= low.cumulative).all()
    assert high.reach >= low.reach


@settings(max_examples=examples(15))
@given(st.floats(1.0, 2.0))
def test_a_higher_target_is_never_easier(base, more):
    today = played(base).answer(base.levers)
    levers = replace(base.levers, target=round(base.levers.target * more))
    assert played(base).answer(levers).reach <= today.reach


@settings(max_examples=examples(15))
@given(SHARES, st.integers(3, 7))
def test_years_only_grow_and_bands_are_in_order(base, rate, heads):
    levers = replace(base.levers, win_rate=base.win_rate * rate, heads=heads)
    answer = played(base).answer(levers)
    assert (np.diff(answer.cumulative, axis=1) >= 0).all()
    path = answer.path()
    for low, high in zip(("p10", "p25", "p50", "p75"), ("p25", "p50", "p75", "p90"), strict=True):
        assert (path[low] <= path[high]).all()
    assert path["target"][-1] == levers.target


def test_the_distribution_holds_every_scenario_once(base):
    answer = played(base).answer(replace(base.levers, target=base.target // 3))
    shares = answer.distribution(Bars(0.0, 2.0, 0.05))
    assert shares["value"].sum() == pytest.approx(1)
    above = shares.filter(shares["low"] >= 0.999)["value"].sum()
    assert above == pytest.approx(answer.reach, abs=1e-9)
    assert shares["value"][-1] > 0.5  # beyond the end: counted in the last bar


@given(
    middle=st.floats(0.01, 20),
    spread=st.floats(0.0, 3),
    other=st.one_of(st.none(), st.floats(0.1, 9)),
)
def test_the_axis_is_as_wide_as_the_scenarios_and_holds_the_target(middle, spread, other):
    """Where all stand between 80 and 120%, it does not run from 0 to 200%."""
    luck = np.random.default_rng(1).normal(0, 1, 2_000)
    attained = [np.maximum(middle + spread * luck, 0)]
    if other is not None:
        attained.append(np.full(2_000, other))
    bars = bars_over(*attained)
    edges = bars.edges
    assert 1.0 in edges
    assert 2 <= len(edges) <= 42
    assert edges[0] >= 0
    for one in attained:
        assert ((one >= edges[0] - 1e-9) & (one <= edges[-1] + 1e-9)).mean() >= 0.99
    everyone = np.concatenate([*attained, [1.0]])
    room = 2.1 * bars.step + 1e-9
    assert edges[-1] - edges[0] <= everyone.max() - everyone.min() + room


def test_the_axis_stays_while_a_lever_moves_a_little(base):
    what_if = played(base)
    today = what_if.answer(base.levers).attainment
    little = what_if.answer(replace(base.levers, win_rate=base.win_rate * 1.01)).attainment
    wide = bars_over(today).edges
    moved = bars_over(today, little).edges
    assert abs(moved[0] - wide[0]) < 0.05
    assert abs(moved[-1] - wide[-1]) < 0.1


def test_same_seed_same_answer(base):
    one, same, other = (WhatIf(base, scenarios=300, seed=s) for s in (5, 5, 6))
    answers = [w.answer(base.levers).cumulative for w in (one, same, other)]
    assert (answers[0] == answers[1]).all()
    assert (answers[0] != answers[2]).any()


def test_amounts_stay_whole_minor_units(base):
    assert played(base).answer(base.levers).cumulative.dtype == np.int64


def test_levers_beyond_what_was_drawn_are_refused(base):
    levers = replace(base.levers, heads=base.heads * 4)
    with pytest.raises(ParameterError, match="times as far"):
        played(base).answer(levers)


@pytest.mark.parametrize(
    ("lever", "value"),
    [("win_rate", -0.1), ("win_rate", float("nan")), ("target", 0), ("heads", True),
     ("cycle_days", 0), ("deal_amount", -1)],
)  # fmt: skip
def test_levers_that_cannot_be_are_refused(base, lever, value):
    with pytest.raises(ParameterError, match=f"lever {lever}"):
        replace(base.levers, **{lever: value})


def test_an_answer_is_a_matter_of_milliseconds(make):
    base = make(won=450, lost=900, heads=25)
    what_if = WhatIf(base)
    spent = []
    for step in range(15):
        levers = replace(base.levers, win_rate=0.25 + step / 100)
        start = time.process_time()
        answer = what_if.answer(levers)
        answer.path(), answer.distribution()
        spent.append(time.process_time() - start)
    assert median(spent) < 0.05
