"""Planted effects are told back: the small sister of the proof in docs/validation.md."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.rep_estimates import highest_possible, null_flags, recovered


@pytest.mark.slow
def test_planted_effects_are_told_back() -> None:
    presets = ("clean", "zombies", "case_mix_confounded")
    found = [recovered(preset, 11) for preset in presets]
    assert min(one.correlation for one in found) >= 0.95, found
    inside = sum(one.inside for one in found) / sum(one.people for one in found)
    assert 0.75 <= inside <= 0.85, found


@pytest.mark.slow
def test_people_who_differ_in_nothing_are_hardly_ever_flagged() -> None:
    assert (null_flags(range(4))["flags"] > 0).sum() <= 1


def test_the_highest_possible_correlation_is_the_root_of_the_mean_reliability() -> None:
    """Var / (var + 1 / steps) is the reliability of a log pace; its mean's root the correlation."""
    rng = np.random.default_rng(4)
    effect = rng.normal(0, 0.25, 400)
    steps = rng.gamma(2, 100, 400)
    reliability = effect.var() / (effect.var() + 1 / steps)
    found = highest_possible(steps, effect, seed=1)
    assert found == pytest.approx(np.sqrt(reliability.mean()), abs=0.01)
