"""Shares of several units side by side: which of them cannot be told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np
from numpy.typing import ArrayLike

from spm_lib.stats.heterogeneity import heterogeneity
from spm_lib.stats.pooling import PartialPooling, beta_binomial
from spm_lib.stats.ranks import indistinguishable

DRAWS, SEED = 2000, 1
LEVEL = 0.05


@dataclass(frozen=True)
class LetteredShares:
    """Pooled shares with letters: two units that share one cannot be told apart.

    ``letters`` are "" for all units where nothing is ranked; ``p`` is the chance that luck alone
    spreads the shares so far, null with a single unit.
    """

    pooled: PartialPooling
    p: float | None
    letters: tuple[str, ...]

    @property
    def ranked(self) -> bool:
        """Whether the units may be put in an order."""
        return any(self.letters)


def lettered_shares(successes: ArrayLike, n: ArrayLike, *, looks: int = 1) -> LetteredShares:
    """Pool the shares of units and letter them, where they differ by more than luck.

    Parameters
    ----------
    looks
        How many such sets of units are looked at: the test of each is held to 5 % / looks.

    Raises
    ------
    DataError
        If there are no trials at all, or more successes than trials.

    Examples
    --------
    >>> lettered_shares([300, 500, 510], [1000, 1000, 1000]).letters
    ('b', 'a', 'a')
    >>> lettered_shares([50, 51, 49], [100, 100, 100]).letters
    ('', '', '')
    """
    pooled, p = beta_binomial(successes, n), heterogeneity(successes, n).p
    size = len(pooled.shrunk)
    told = [""] * size
    if p is not None and p * looks <= LEVEL and pooled.differs:
        draws = pooled.sample(DRAWS, np.random.default_rng(SEED))
        told = letters_of(indistinguishable(draws), size=size)
    return LetteredShares(pooled, p, tuple(told))


def letters_of(
    groups: Sequence[Sequence[int]], *, size: int, alphabet: str = ascii_lowercase
) -> list[str]:
    """Return, per unit, the letters of the groups it is in (the first is the highest group's).

    Where the alphabet ends, numbers in parentheses go on: no two groups have the same letter.

    Examples
    --------
    >>> letters_of([[2], [1, 0]], size=3), letters_of([[0, 1], [1, 2]], size=3)
    (['b', 'b', 'a'], ['a', 'ab', 'b'])
    >>> letters_of([[0], [1], [2]], size=3, alphabet="AB")
    ['A', 'B', '(3)']
    """
    found = [""] * size
    for place, group in enumerate(groups):
        letter = alphabet[place] if place < len(alphabet) else f"({place + 1})"
        for unit in group:
            found[unit] += letter
    return found


def told_apart(first: str, second: str) -> bool:
    """Say whether two units share none of their letters; without letters none is told apart.

    Examples
    --------
    >>> told_apart("ab", "c"), told_apart("ab", "bc"), told_apart("z(27)", "(28)")
    (True, False, True)
    >>> told_apart("", "")
    False
    """
    return bool(first) and not set(_LETTER.findall(first)) & set(_LETTER.findall(second))


_LETTER = re.compile(r"\(\d+\)|.")
