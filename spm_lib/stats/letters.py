"""Shares of several units side by side: which of them cannot be told apart."""

from __future__ import annotations

from dataclasses import dataclass

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
    letters = [""] * len(pooled.shrunk)
    if p is not None and p * looks <= LEVEL and pooled.differs:
        draws = pooled.sample(DRAWS, np.random.default_rng(SEED))
        for place, group in enumerate(indistinguishable(draws)):
            for unit in group:
                letters[unit] += chr(ord("a") + place % 26)
    return LetteredShares(pooled, p, tuple(letters))
