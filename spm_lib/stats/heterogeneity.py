"""Whether shares differ between units by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spm_lib.core import special


@dataclass(frozen=True)
class Heterogeneity:
    """How far shares lie apart: ``q`` against chi-square on ``df``, and its ratio ``phi``.

    ``p`` is the chance of a spread at least this wide if all units were equal; ``p`` and ``phi``
    are None with fewer than two units.
    """

    q: float
    df: int
    p: float | None
    phi: float | None


def heterogeneity(successes: ArrayLike, n: ArrayLike) -> Heterogeneity:
    """Compare the shares of several units with one common share.

    Units without trials are left out. Source: Spiegelhalter (2005), Statistics in Medicine
    24:1185; Q is Pearson's chi-square of the units x outcome table.

    Examples
    --------
    >>> found = heterogeneity([10, 20], [40, 40])
    >>> round(found.q, 4), found.df, round(found.p, 4)
    (5.3333, 1, 0.0209)
    """
    trials = np.asarray(n, float)
    wins = np.asarray(successes, float)[trials > 0]
    trials = trials[trials > 0]
    df = max(len(trials) - 1, 0)
    if df == 0:
        return Heterogeneity(0.0, df, None, None)
    share = wins.sum() / trials.sum()
    spread = share * (1 - share)
    q = float(np.sum((wins - trials * share) ** 2 / trials) / spread) if spread > 0 else 0.0
    return Heterogeneity(q, df, float(special.chdtrc(df, q)), q / df)


def heterogeneity_of_counts(counts: ArrayLike, expected: ArrayLike) -> Heterogeneity:
    """Compare counts of several units with what a common rate expects of each.

    ``expected`` need not sum to the counts: it is scaled. Units of which nothing is expected are
    left out. Source: Fisher (1950), Biometrics 6:17 (index of dispersion).

    Examples
    --------
    >>> found = heterogeneity_of_counts([10, 20], [15, 15])
    >>> round(found.q, 4), found.df, round(found.p, 4)
    (3.3333, 1, 0.0679)
    """
    k, e = np.asarray(counts, float), np.asarray(expected, float)
    k, e = k[e > 0], e[e > 0]
    df = max(len(k) - 1, 0)
    if df == 0 or k.sum() <= 0:
        return Heterogeneity(0.0, df, None, None)
    e = e * k.sum() / e.sum()
    q = float(((k - e) ** 2 / e).sum())
    return Heterogeneity(q, df, float(special.chdtrc(df, q)), q / df)
