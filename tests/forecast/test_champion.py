"""The champion is chosen on closed windows only, and only if it is clearly better."""

from __future__ import annotations

import polars as pl
import pytest

from spm_lib.forecast import METHODS, Backtest, choose_champion, method_named
from spm_lib.forecast.track_record.backtest import CHAMPIONS
from spm_lib.forecast.track_record.choosing import used_before
from spm_lib.forecast.track_record.reliability import reliability_of
from spm_lib.forecast.track_record.scoring import SCORES


def scores(**crps: list[float]) -> pl.DataFrame:
    rows = [
        dict.fromkeys(SCORES, 0)
        | {"method": m, "level": "company", "origin": k, "end": k + 1, "actual": 1.0, "crps": value}
        for m, values in crps.items()
        for k, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=SCORES)


CALM = [1.0, 1.1, 0.9, 1.0, 1.0, 1.1]


def test_the_clearly_better_method_wins_and_says_by_how_much() -> None:
    found = choose_champion(
        scores(run_rate=CALM, snapshot_conversion=[c / 2 for c in CALM]), methods=METHODS
    )
    assert (found.method, found.beats_naive, found.windows) == ("snapshot_conversion", True, 6)
    assert found.reason.values["gain"].value == pytest.approx(0.5)


def test_a_lead_within_one_standard_error_is_no_lead() -> None:
    nearly = [0.8, 1.3, 0.7, 1.2, 0.8, 1.2]
    found = choose_champion(scores(run_rate=CALM, snapshot_conversion=nearly), methods=METHODS)
    assert (found.method, found.beats_naive) == ("run_rate", False)
    assert "No method was clearly better" in found.reason.text


def test_when_nothing_beats_the_naive_methods_it_says_so() -> None:
    found = choose_champion(
        scores(run_rate=CALM, snapshot_conversion=[2 * c for c in CALM]), methods=METHODS
    )
    assert found.method == "run_rate"
    assert found.reason.text.startswith("Nothing beat the naive methods")
    assert found.reason.kind == "happened"


def test_methods_shown_for_their_bias_never_win() -> None:
    found = choose_champion(
        scores(run_rate=CALM, stage_weighted=[0.0] * 6, close_date=[0.0] * 6), methods=METHODS
    )
    assert found.method == "run_rate"


def test_windows_that_close_later_are_not_looked_at() -> None:
    turned = scores(run_rate=[1.0] * 4 + [9.0] * 4, last_period=[2.0] * 4 + [0.1] * 4)
    assert choose_champion(turned, methods=METHODS, origin=4).method == "run_rate"
    assert choose_champion(turned, methods=METHODS).method == "last_period"


def test_too_few_windows_leave_the_simplest_method_unproven() -> None:
    found = choose_champion(scores(run_rate=[9.0, 9.0], last_period=[0.0, 0.0]), methods=METHODS)
    assert (found.method, found.windows) == ("run_rate", 2)
    assert "unproven" in found.reason.text


def test_only_offered_methods_are_chosen() -> None:
    methods = [method_named("run_rate"), method_named("last_period")]
    better = scores(run_rate=CALM, snapshot_conversion=[0.1] * 6, last_period=CALM)
    assert choose_champion(better, methods=methods).method == "run_rate"


def test_changes_of_champion_are_told() -> None:
    frame = scores(run_rate=CALM, snapshot_conversion=[c / 2 for c in CALM])
    used = ["run_rate", "run_rate", "last_period", "run_rate"]
    rows = [{"level": "company", "origin": k, "method": method} for k, method in enumerate(used)]
    champions = pl.DataFrame([*rows, {**rows[0], "level": "rep"}], schema=CHAMPIONS)
    done = Backtest("month", METHODS, frame, {}, {}, champions, reliability_of(()))
    assert done.changes() == [(0, "run_rate"), (2, "last_period"), (3, "run_rate")]
    champion = done.champion()
    assert champion.method == "snapshot_conversion"
    assert used_before({"month": done, "quarter": done}, champion) == "run_rate"
    steady = Backtest("month", METHODS, frame, {}, {}, champions.clear(), reliability_of(()))
    assert used_before({"month": steady, "quarter": steady}, champion) is None
