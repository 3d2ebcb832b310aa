"""Planted effects are told back: the small sister of the proof in docs/validation.md."""

from __future__ import annotations

import pytest

from benchmarks.rep_estimates import null_flags, recovered

pytestmark = pytest.mark.slow


def test_planted_effects_are_told_back() -> None:
    presets = ("clean", "zombies", "case_mix_confounded")
    found = [recovered(preset, 11) for preset in presets]
    assert min(one.correlation for one in found) >= 0.95, found
    inside = sum(one.inside for one in found) / sum(one.people for one in found)
    assert 0.75 <= inside <= 0.85, found


def test_people_who_differ_in_nothing_are_hardly_ever_flagged() -> None:
    assert (null_flags(range(4))["flags"] > 0).sum() <= 1
