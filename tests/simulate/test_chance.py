"""Counter-based chance: uniform, unrelated between entities, draws and streams, and stable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spm_lib.simulate.chance import Chance

pytestmark = pytest.mark.slow

MANY = np.arange(200_000)


def test_draws_are_uniform() -> None:
    for stream in ("a", "b"):
        level = Chance(3, stream).uniform(MANY, draw=7)
        assert stats.kstest(level, "uniform").pvalue > 0.001
        assert level.min() > 0
        assert level.max() < 1


def test_draws_are_unrelated() -> None:
    one = Chance(3, "a").uniform(MANY, draw=0)
    others = {
        "next draw": Chance(3, "a").uniform(MANY, draw=1),
        "next entity": Chance(3, "a").uniform(MANY + 1, draw=0),
        "far entity": Chance(3, "a").uniform(MANY + 2**40, draw=0),
        "other seed": Chance(4, "a").uniform(MANY, draw=0),
        "other stream": Chance(3, "b").uniform(MANY, draw=0),
    }
    for name, other in others.items():
        assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(len(MANY)), name
        table = np.histogram2d(one, other, bins=16, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(table.ravel()).pvalue > 0.0005, name


@given(st.integers(0, 2**40), st.integers(0, 2**20), st.integers(-(2**31), 2**31))
def test_a_draw_does_not_depend_on_its_neighbours(entity: int, draw: int, seed: int) -> None:
    chance = Chance(seed, "x")
    alone = chance.uniform(np.array([entity]), draw=draw)[0]
    among = chance.uniform(np.array([5, entity, entity + 1]), draw=np.array([draw, draw, 3]))[1]
    assert alone == among


def test_the_key_is_the_hash_of_seed_and_stream() -> None:
    # an independent plain-integer computation of the same mixer
    from hashlib import sha256

    mask = 2**64 - 1

    def mix(z: int) -> int:
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
        return z ^ (z >> 31)

    key = int.from_bytes(sha256(b"12/deals").digest()[:8], "little")
    for entity, draw in ((0, 0), (1, 5), (123_456_789, 77)):
        first = mix((entity * 0x9E3779B97F4A7C15 + key) & mask)
        bits = mix((first + (draw + 1) * 0xD1B54A32D192ED03) & mask)
        expected = ((bits >> 11) + 0.5) * 2.0**-53
        assert Chance(12, "deals").uniform(np.array([entity]), draw=draw)[0] == expected


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 38.0])
def test_counts_are_poisson(mean: float) -> None:
    few = np.arange(50_000)
    level = Chance(1, "n").uniform(few, draw=0)
    found = Chance(1, "n").count(few, draw=0, mean=np.full(len(few), mean))
    assert (found == stats.poisson.ppf(level, mean).clip(0)).all()


def test_choices_have_their_shares() -> None:
    shares = np.array([2.0, 0.0, 5.0, 3.0])
    seen = np.bincount(Chance(1, "c").choice(MANY, draw=0, shares=shares), minlength=4)
    assert seen[1] == 0
    assert stats.chisquare(seen[[0, 2, 3]], shares[[0, 2, 3]] / 10 * len(MANY)).pvalue > 0.001


def test_normal_and_exponential_draws() -> None:
    assert stats.kstest(Chance(1, "z").normal(MANY, draw=0), "norm").pvalue > 0.001
    assert stats.kstest(Chance(1, "e").exponential(MANY, draw=0), "expon").pvalue > 0.001
