"""The hazard against loops over rows, and against the odds that made the simulated company."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from spm_lib.forecast import Horizon, history_of, method_named, months_ahead, reps_of
from spm_lib.forecast.horizon import date_of, day_number
from spm_lib.forecast.methods.hazard import HazardFitted
from spm_lib.forecast.methods.hazard_rates import landmark_days, recent_level, rep_multiples
from spm_lib.forecast.methods.new_business import mean_new_business, new_business, rep_shares
from spm_lib.forecast.past.lives import NEVER
from spm_lib.model import Company
from spm_lib.simulate import make_world
from spm_lib.simulate.oracle import consult_oracle
from tests.forecast.conftest import MIDDLE
from tests.forecast.oracles import histories, state_on, won_rows

ORIGIN = date(2026, 6, 30)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def known(middle: Company):
    company = middle.at(ORIGIN)
    return history_of(company, reps=reps_of(middle)), months_ahead(
        company.calendar, ORIGIN, months=3
    )


def test_open_deals_on_past_days_are_those_of_the_rows(tiny: Company) -> None:
    company = tiny.at(date(2025, 12, 31))
    history = history_of(company, reps=reps_of(tiny))
    days = np.array([day_number(date(2025, m, 15)) for m in (2, 6, 10)])
    rows, at = history.lives.open_on(days)
    spans = history.lives.stretches
    closed = {
        d["opportunity_id"]: d["closed_on"] for d in company.table("opportunities").to_dicts()
    }
    told = histories(company)
    for day in days:
        mine = rows[at == day]
        found = {
            history.deal_ids[spans.deal[row]]: (
                spans.stage[row],
                date_of(spans.entered[row]),
                spans.amount[row],
                spans.expected[row],
            )
            for row in mine
        }
        states = {d: state_on(events, date_of(day)) for d, events in told.items() if d in closed}
        expected = {
            d: (s["rank"], s["entered"], s["amount"])
            for d, s in states.items()
            if s and 0 <= s["rank"] < 4 and not (closed[d] and closed[d] <= date_of(day))
        }
        assert {d: v[:3] for d, v in found.items()} == expected
        assert len(mine) == len(found)


def test_chances_are_as_the_true_odds(middle: Company, known) -> None:
    """The simulator lives every deal again, 150 times, with its true hazards."""
    history, horizon = known
    fitted = method_named("hybrid").fit(history)
    found = fitted.chances(horizon)
    assert found is not None
    chance = dict(zip([history.deal_ids[d] for d in history.open.deal], found, strict=True))
    oracle = consult_oracle(
        make_world(MIDDLE, 7), day=ORIGIN, until=date_of(horizon.end), draws=150
    ).deals
    pairs = [
        (chance[d], p)
        for d, p in oracle.select("opportunity_id", "p_win_by_until").iter_rows()
        if d in chance
    ]
    mine, true = np.array(pairs).T
    assert len(mine) > 100
    assert np.corrcoef(mine, true)[0, 1] > 0.8, "what no row tells (skill, sleep) is true too"
    slope = np.polyfit(mine, true, 1)[0]
    assert 0.85 < slope < 1.15
    assert mine.sum() == pytest.approx(true.sum(), rel=0.1)


def test_what_was_expected_of_past_landmarks_is_what_came(known) -> None:
    """Canonical link: over the landmarks learnt from, expected wins are the wins, nearly."""
    history, horizon = known
    rates = HazardFitted(history).rates(horizon)
    assert rates.level == pytest.approx(1.0, abs=0.25)
    assert rates.paid == pytest.approx(0.93, abs=0.06)  # discounts of 0 to 20 %
    days = landmark_days(history, horizon)
    assert days[-1] == horizon.origin - (horizon.edges[1] - horizon.edges[0])
    assert (np.diff(days) == 7).all()


def test_two_windows_share_the_whole(known) -> None:
    """P(won within both) of split windows is about that of the window they make up."""
    history, horizon = known
    fitted = HazardFitted(history)
    whole = Horizon(horizon.origin, (horizon.edges[0], horizon.end))
    split = fitted.by_deal(horizon)
    assert (split >= 0).all()
    assert (split.sum(axis=1) <= 1).all()
    assert split.sum() == pytest.approx(fitted.by_deal(whole).sum(), rel=0.12)


def test_mean_new_business_is_that_of_past_windows(middle: Company, known) -> None:
    history, horizon = known
    won = won_rows(middle.at(ORIGIN))
    days, day = [], ORIGIN - horizon.days * DAY
    first = max(history.since, day_number(day) - 365)
    while day_number(day) >= first:
        days.append(day)
        day -= 14 * DAY
    total = dict.fromkeys(range(horizon.count), 0.0)
    for day in days:
        for j, (start, end) in enumerate(horizon.windows):
            low, high = (day + (edge - horizon.origin) * DAY for edge in (start, end))
            total[j] += sum(
                d["amount"] for d in won if d["created_on"] > day and low <= d["closed_on"] < high
            )
    found = mean_new_business(history, horizon).sum(axis=0)
    assert found == pytest.approx([value / len(days) for value in total.values()])


def test_newcomers_bring_what_they_brought(known) -> None:
    """In a world where nothing changes both ways of counting agree."""
    history, horizon = known
    by_age, plain = new_business(history, horizon).sum(), mean_new_business(history, horizon).sum()
    assert by_age == pytest.approx(plain, rel=0.35)
    twice = new_business(history, horizon, level=2.0).sum()
    assert twice == pytest.approx(2 * by_age)
    shares = rep_shares(
        history.lives,
        reps=len(history.reps),
        origin=history.origin,
        since=history.since,
        days=horizon.days,
    )
    assert shares.sum() == pytest.approx(1.0)
    gone = [i for i in range(len(shares)) if not (history.open.rep == i).any()]
    assert shares[gone].sum() < 0.05


def test_reps_who_differ_by_chance_only_are_alike() -> None:
    rng = np.random.default_rng(2)
    expected = np.full(30, 40.0)
    assert np.ptp(rep_multiples(rng.poisson(expected), expected)) < 0.35
    truth = rng.gamma(4, 1 / 4, 30)
    found = rep_multiples(rng.poisson(expected * truth), expected)
    assert np.corrcoef(found, truth)[0, 1] > 0.9


def test_a_level_that_lasts_is_followed_and_a_shock_is_not() -> None:
    expected = np.full(20, 100.0)
    broken = np.array([110.0] * 14 + [70.0] * 6)
    assert recent_level(broken, expected) == pytest.approx(0.7, abs=0.05)
    shaken = np.tile([120.0, 80.0], 10)
    assert recent_level(shaken, expected) == 1.0
    assert recent_level(broken[:7], expected[:7]) == 1.0


def test_without_a_stage_history_deals_are_known_by_age_only() -> None:
    import polars as pl

    from spm_lib.model import company_from_frames
    from tests.forecast.conftest import settings, simulated

    frames = {k: v for k, v in simulated(MIDDLE, 7).items() if k != "stage_events"}
    company = company_from_frames(frames, settings(), as_of=date(2026, 9, 30))
    past = company.at(ORIGIN)
    history = history_of(past, reps=reps_of(company))
    assert not history.lives.staged
    assert (history.open.rep < 0).all(), "who owned an open deal then is not known"
    horizon = months_ahead(company.calendar, ORIGIN, months=3)
    expected = method_named("hybrid").fit(history).expect(horizon)
    actual = company.table("opportunities").filter(
        (pl.col("outcome") == "won")
        & (pl.col("closed_on") > ORIGIN)
        & (pl.col("created_on") <= ORIGIN)
    )
    assert expected["open"].sum() == pytest.approx(actual["amount"].sum(), rel=0.4)
    assert (expected["open"].sum(axis=1) >= 0).all()
    sample = (
        method_named("hybrid")
        .fit(history)
        .sample(horizon, draws=2000, rng=np.random.default_rng(1))
    )
    assert sample["open"].sum(axis=(0, 1)).mean() == pytest.approx(expected["open"].sum(), rel=0.05)


def test_a_deal_that_is_open_has_no_close(known) -> None:
    history, _ = known
    lives = history.lives
    assert (lives.closed[history.open.deal] == NEVER).all()
    assert (lives.closed[history.won.deal] == history.won.day).all()
