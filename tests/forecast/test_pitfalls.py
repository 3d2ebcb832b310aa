"""Pitfalls seen in forecasts: each has a test that fails if it comes back.

Elsewhere: later amounts and owners (test_backtest), columns filled at close (test_fill_rate),
newcomers from the first stage (test_multi_state), windows not yet closed (test_shock,
test_champion), a season seen once and days off (test_calendar_pace), coverage by old pipelines'
own conversion (test_pace), deals by expected value and not by chance (test_bookings), cohorts too
young to be told (tests/metrics/test_maturity), calibration beside the scores (test_reliability).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.forecast import METHODS, Horizon, history_of, method_named, months_ahead, reps_of
from spm_lib.forecast.methods import hazard_rates as rates_module
from spm_lib.forecast.methods.hazard import HazardFitted
from spm_lib.forecast.methods.hazard_rates import landmark_days, learn_rates
from spm_lib.forecast.track_record.scoring import SCORES, pooled, score_window
from spm_lib.forecast.track_record.shock import Shock, apply_shock
from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import preset_of
from tests.forecast.conftest import company_of, settings, simulated

ORIGIN = date(2026, 6, 30)


@pytest.fixture(scope="module")
def known(middle: Company):
    history = history_of(middle.at(ORIGIN), reps=reps_of(middle))
    return history, months_ahead(middle.calendar, ORIGIN, months=3)


@pytest.mark.slow
def test_deals_that_fell_asleep_are_given_next_to_nothing() -> None:
    """Zombies: a deal silent for a year must not count as a fresh one of its stage does."""
    company = company_of(replace(preset_of("zombies"), opportunities=2000), 5)
    history = history_of(company, reps=reps_of(company))
    horizon = months_ahead(company.calendar, company.as_of, months=3)
    chance = HazardFitted(history).chances(horizon)
    sat = history.origin - history.open.entered
    asleep, fresh = chance[sat > 300], chance[(sat < 60) & (history.open.stage >= 2)]
    assert len(asleep) > 20
    assert asleep.mean() < 0.2 * fresh.mean()


def test_before_the_first_known_close_nothing_is_learnt() -> None:
    """Left truncation: deals were open, but that none of them closed is not known."""
    company = company_of(replace(preset_of("left_truncation"), opportunities=1500), 2)
    history = history_of(company, reps=reps_of(company))
    assert history.lives.created.min() < history.since - 100
    horizon = months_ahead(company.calendar, company.as_of, months=1)
    assert landmark_days(history, horizon).min() >= history.since


def test_overlapping_landmarks_are_not_counted_as_new_deals(known, monkeypatch) -> None:
    """Half as many landmarks must not halve what is believed."""
    history, _ = known
    horizon = Horizon(history.origin, (history.origin + 1, history.origin + 31))
    often = learn_rates(history, horizon)
    monkeypatch.setattr(rates_module, "STEP", 14)
    history.made.pop("landmark step")
    seldom = learn_rates(history, horizon)
    history.made.pop("landmark step")
    spread = [np.abs(rates.winning[0][1:]).mean() for rates in (often, seldom)]
    assert spread[0] == pytest.approx(spread[1], rel=0.2)


def test_recent_landmarks_whose_window_is_open_are_not_losses(known) -> None:
    """Right-censored: deals of the last weeks, not won yet, must not lower the rates."""
    history, horizon = known
    lives = history.lives
    before = learn_rates(history, horizon)
    cut = history.origin - 20
    late = (lives.closed > cut) & (lives.closed <= history.origin)
    assert late.sum() > 5
    closed = np.where(late, 10**7, lives.closed)
    blind = replace(
        history,
        lives=replace(lives, closed=closed, won=lives.won & ~late),
        won=replace(
            history.won,
            **{n: v[history.won.day <= cut] for n, v in vars(history.won).items()},
        ),
        made={},
    )
    earlier = replace(blind, origin=cut)
    shifted = Horizon(cut, tuple(edge - 20 for edge in horizon.edges))
    found = learn_rates(earlier, shifted)
    assert np.exp(found.winning[0][0]) == pytest.approx(np.exp(before.winning[0][0]), rel=0.25)


@pytest.mark.slow
def test_bounds_of_months_are_not_added_up(middle: Company) -> None:
    history = history_of(middle.at(ORIGIN), reps=reps_of(middle))
    horizon = months_ahead(middle.calendar, ORIGIN, months=3)
    fitted = method_named("hybrid").fit(history)
    sample = fitted.sample(horizon, draws=1500, rng=np.random.default_rng(1))
    total = (sample["open"] + sample["new"]).sum(axis=0)
    whole = np.quantile(total.sum(axis=0), 0.9)
    assert whole < np.quantile(total, 0.9, axis=1).sum()


def test_people_miss_together() -> None:
    """Independent misses of people would make the company's range far too narrow."""
    sample = {"open": np.full((40, 1, 4000), 10**6)}
    shock = Shock(common=0.2, window=0.0, rep=0.1, windows=30, assumed=False)
    found = apply_shock(sample, shock, rng=np.random.default_rng(1))["open"][:, 0].astype(float)
    company = found.sum(axis=0)
    alone = np.sqrt(found.var(axis=1).sum())
    assert company.std() > 3 * alone


def test_people_who_win_nothing_do_not_break_the_scores() -> None:
    """MAPE with zeros."""
    row = score_window(np.zeros((2, 50)), np.array([5.0, 0.0]), np.array([0.0, 0.0]))
    assert row["forecasts"] == 1
    head = {"method": "m", "level": "rep", "origin": 1, "end": 2, "shock_windows": 0}
    frame = pl.DataFrame([{**head, **row}], schema=SCORES)
    assert pooled(frame)["wape"].to_list() == [None]


def test_methods_without_time_cannot_be_used() -> None:
    """A horizon as long as the cycle makes stage weights look good."""
    assert {m.id for m in METHODS if not m.eligible} == {"stage_weighted", "close_date"}


def test_without_amounts_known_then_nothing_later_is_used() -> None:
    """An export without history: open deals of the past are worth the mean won then."""
    frames = {k: v for k, v in simulated("tiny", 1).items() if k != "stage_events"}
    company = company_from_frames(frames, settings(), as_of=date(2026, 9, 30))
    history = history_of(company.at(date(2026, 3, 31)), reps=reps_of(company))
    assert len(set(history.open.amount)) == 1
    assert history.open.amount[0] == pytest.approx(
        history.won.amount[history.won.amount > 0].mean()
    )
    assert np.isnan(history.lives.stretches.amount).all()
