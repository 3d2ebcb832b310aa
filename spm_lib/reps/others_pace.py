"""The pace of one person's others, rounded before anything is set beside it.

Whoever undoes the decomposition of a gap finds rounded factors, and no exact number of anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spm_lib.reps.coarse import FEWEST, may_be_told, round_count, two_digits, whole_percent
from spm_lib.reps.gap_factors import Factors


@dataclass(frozen=True, eq=False)
class Pace:
    """The rounded sums of each person's others, and which share of them the own days make.

    ``told``: who may be told (five or more won, nobody has most of the deals or of the money, and
    the rates are neither 0 nor 1); of the rest the sums mean nothing.
    """

    group: Factors
    scale: np.ndarray
    told: np.ndarray


def pace_of_others(
    now: Factors,
    days: np.ndarray,
    *,
    reps: Sequence[str],
    others: Mapping[str, Sequence[str]],
) -> Pace:
    """Return the rounded pace of each person's others.

    Parameters
    ----------
    now
        What each of ``reps`` brought.
    days
        Their days on board; volume is that of the person's own days.
    others
        Who each person's others are.
    """
    place = {rep: number for number, rep in enumerate(reps)}
    sums = np.ones((len(reps), 4))  # worked, closed, won, amount
    scale, told = np.ones(len(reps)), np.zeros(len(reps), dtype=bool)
    for rep, group in others.items():
        rows = [place[other] for other in group if other in place]
        if rep not in place or len(rows) < len(group):
            continue
        found = _rounded(now.take(np.array(rows, dtype=np.int64)))
        if found is None:
            continue
        own, each = place[rep], float(days[rows].mean())
        share = (float(days[own]) / each if each > 0 else 1.0) / len(rows)
        whole = found[0] if "speed" in now.names else found[1]
        sums[own], scale[own], told[own] = found, two_digits(whole * share) / whole, True
    worked, closed, won, amount = sums.T
    return Pace(Factors(now.names, worked, closed, won, amount, now.scatter), scale, told)


def _rounded(group: Factors) -> tuple[float, float, float, float] | None:
    """Return sums whose count, rates and mean won deal are rounded; none: withheld."""
    if "win_rate" not in group.names or int((group.won > 0).sum()) < FEWEST:
        return None
    if not (may_be_told(group.closed) and may_be_told(group.amount)):
        return None
    worked, closed, won, amount = group.summed()
    rate, size = whole_percent(won, closed), two_digits(amount / won)
    if rate is None:
        return None
    if "speed" not in group.names:
        n = float(round_count(closed))
        return n, n, n * rate, n * rate * size
    share = whole_percent(closed, worked)
    if share is None or not may_be_told(group.worked):
        return None
    n = float(round_count(worked))
    return n, n * share, n * share * rate, n * share * rate * size
