"""What was said of open deals against what came of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from spm_lib.forecast import run_backtest
from spm_lib.forecast.horizon import date_of
from spm_lib.forecast.methods.calibration import Calibration, calibrate
from spm_lib.forecast.methods.offered import method_named
from spm_lib.forecast.track_record.reliability import PastChances, calibration_error, reliability_of
from spm_lib.model import Company
from spm_lib.stats import wilson


def test_classes_by_hand() -> None:
    chance = np.array([0.01, 0.015, 0.25, 0.25, 0.99, 1.0])
    won = np.array([False, False, True, False, True, True])
    halves = [PastChances("m", k, chance[k::2], won[k::2]) for k in range(2)]
    rows = reliability_of(halves).to_dicts()
    assert [(r["low"], r["high"], r["deals"], r["won"]) for r in rows] == [
        (0.0, 0.02, 2, 0),
        (0.2, 0.3, 2, 1),
        (0.7, 1.0, 2, 2),
    ]
    assert rows[1]["said"] == 0.25
    assert (rows[1]["came_low"], rows[1]["came_high"]) == pytest.approx(wilson(1, 2))
    error = calibration_error(reliability_of(halves), method="m")
    assert error == pytest.approx((0.0125 * 2 + 0.25 * 2 + 0.005 * 2) / 6)
    assert calibration_error(reliability_of([]), method="m") is None


def test_the_backtest_says_what_came_of_its_chances(tiny: Company) -> None:
    done = run_backtest(tiny, origins=6, draws=20, methods=[method_named("snapshot_conversion")])
    rows = done.reliability
    origins = [date_of(o) for o in done.scores["origin"].unique().sort()]
    deals, won = 0, 0
    for at, day in enumerate(origins):
        until = origins[at + 1] if at + 1 < len(origins) else date(2026, 9, 30)
        known = tiny.at(day).table("opportunities").filter(pl.col("outcome") == "open")
        deals += known.height
        later = tiny.table("opportunities").filter(
            pl.col("opportunity_id").is_in(known["opportunity_id"].implode())
            & (pl.col("outcome") == "won")
            & (pl.col("closed_on") <= until)
        )
        won += later.height
    assert rows["deals"].sum() == deals
    assert rows["won"].sum() == won


def test_a_curve_mends_what_was_said_wrongly() -> None:
    rng = np.random.default_rng(1)
    said = rng.uniform(0, 1, 20_000) ** 2
    true = 0.8 * said**0.7
    won = rng.random(20_000) < true
    curve = calibrate(said, won, weight=np.ones(20_000))
    assert np.abs(curve.corrected(said) - true).mean() < 0.02
    assert (np.diff(curve.corrected(np.linspace(0, 1, 101))) >= 0).all()


def test_a_curve_of_few_wins_changes_little() -> None:
    said = np.full(40, 0.2)
    won = np.arange(40) < 16
    curve = calibrate(said, won, weight=np.full(40, 0.5))
    assert curve.corrected(np.array([0.2])) == pytest.approx(0.2)
    more = calibrate(np.repeat(said, 10), np.repeat(won, 10), weight=np.ones(400))
    assert 0.2 < more.corrected(np.array([0.2]))[0] < 0.4


def test_points_are_joined_by_straight_lines() -> None:
    curve = Calibration(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.6, 0.8]))
    assert curve.corrected(np.array([0.25, 0.75])) == pytest.approx([0.3, 0.7])
