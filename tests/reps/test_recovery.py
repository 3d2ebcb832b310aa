"""Planted effects are told back: the small sister of the proof in docs/validation.md."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from benchmarks.rep_estimates import null_flags, recovered

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("preset", ["clean", "zombies", "case_mix_confounded"])
def test_planted_effects_are_told_back(preset: str) -> None:
    found = recovered(preset, 11)
    assert found.correlation > 0.92
    assert binomtest(found.inside, found.people, 0.8).pvalue > 0.01, found


def test_people_who_differ_in_nothing_are_hardly_ever_flagged() -> None:
    assert (null_flags(range(4))["flags"] > 0).sum() <= 1
