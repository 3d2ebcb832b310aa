"""Ranges of people hold what they promise: more than 80 %, for winning nothing is likely."""

from __future__ import annotations

import importlib
from datetime import date

import numpy as np
import pytest

from spm_lib.forecast import method_named, run_backtest
from spm_lib.stats import wilson
from tests.forecast.conftest import MIDDLE, company_of

SEEDS = (101, 102)


def test_people_s_ranges_hold_as_much_as_their_own_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """P10 of somebody who may win nothing is 0, and 0 lies in the range.

    So a range promises more than 80 %: as much of its draws as lies in it. Results are compared
    with that, and their places among the draws (a tie is broken at random) with the even spread.
    """
    module = importlib.import_module("spm_lib.forecast.track_record.backtest")
    rng, real = np.random.default_rng(1), module.score_window
    held: list[np.ndarray] = []
    promised: list[np.ndarray] = []
    place: list[np.ndarray] = []

    def watched(samples: np.ndarray, expected: np.ndarray, actual: np.ndarray) -> dict[str, float]:
        some = (expected != 0) | (actual != 0) | samples.any(axis=-1)
        draws, came = samples[some], actual[some]
        if len(came) > 1:  # people, not the company
            low, high = np.quantile(draws, (0.1, 0.9), axis=-1)
            held.append((came >= low) & (came <= high))
            promised.append(((draws >= low[:, None]) & (draws <= high[:, None])).mean(axis=1))
            below, same = (
                (draws < came[:, None]).mean(axis=1),
                (draws == came[:, None]).mean(axis=1),
            )
            place.append(below + rng.random(len(came)) * same)
        return real(samples, expected, actual)

    monkeypatch.setattr(module, "score_window", watched)
    for seed in SEEDS:
        company = company_of(MIDDLE, seed, as_of=date(2026, 9, 30))
        run_backtest(company, origins=8, methods=[method_named("snapshot_conversion")], draws=400)
    inside, said, at = (np.concatenate(parts) for parts in (held, promised, place))
    assert len(inside) > 250
    assert said.mean() > 0.85, "winning nothing is likely for many"
    low, high = wilson(int(inside.sum()), len(inside))
    assert low <= said.mean() <= high
    low, high = wilson(int(((at >= 0.1) & (at <= 0.9)).sum()), len(at))
    assert low <= 0.8 <= high
