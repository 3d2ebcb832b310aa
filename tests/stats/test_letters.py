"""Letters of groups: no two groups are given the same one, however many there are."""

from __future__ import annotations

import itertools

import numpy as np

from spm_lib.stats import lettered_shares
from spm_lib.stats.letters import told_apart


def test_thirty_shares_far_apart_have_thirty_letters() -> None:
    trials = 40_000
    won = np.linspace(0.2, 0.8, 30) * trials  # ten standard errors between neighbours
    letters = lettered_shares(won.round(), np.full(30, trials)).letters
    assert len(set(letters)) == 30
    assert all(told_apart(one, other) for one, other in itertools.combinations(letters, 2))
    assert letters[-1] == "a"


def test_only_whole_letters_are_shared() -> None:
    assert told_apart("(27)", "(28)")
    assert not told_apart("z(27)", "(27)(28)")
    assert not told_apart("", "a")
