"""Lives: every deal from its creation to its close, with what was known of it on each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

NEVER = 10**7


@dataclass(frozen=True, eq=False)
class Stretches:
    """Stretches ``[since, until)`` (epoch days) in which nothing known of an open deal changed.

    ``entered`` is the day its stage was entered, ``amount`` (NaN: never told) and ``expected``
    (NEVER: none) what was known then, ``pushes`` how often the planned close had been moved later,
    ``touched`` the day of the last change.
    """

    deal: np.ndarray
    since: np.ndarray
    until: np.ndarray
    stage: np.ndarray
    entered: np.ndarray
    amount: np.ndarray
    expected: np.ndarray
    pushes: np.ndarray

    def take(self, rows: np.ndarray) -> Stretches:
        """Return some of the stretches, in that order (a row may come more than once)."""
        return Stretches(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Lives:
    """Deals known at the origin, by code: creation, close (NEVER: open), outcome, owner.

    ``won_amount`` is 0 unless won. ``traits`` are small codes per deal of what was known of it from
    its creation (-1: not told). ``staged`` says that the stretches come from a dated history;
    without one a deal is one stretch from creation to close.
    """

    created: np.ndarray
    closed: np.ndarray
    won: np.ndarray
    rep: np.ndarray
    won_amount: np.ndarray
    traits: Mapping[str, np.ndarray]
    stretches: Stretches
    staged: bool

    def open_on(self, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (stretch, day) of every deal open at the end of each of some days.

        ``days`` are epoch days, ascending. A deal that closes on a day is no longer open at its
        end.
        """
        spans = self.stretches
        return days_within(spans.since, np.minimum(spans.until, self.closed[spans.deal]), days)


def days_within(
    since: np.ndarray, until: np.ndarray, days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (row, day) of every one of some ascending days that lies in a row's stretch.

    Examples
    --------
    >>> rows, days = days_within(np.array([1, 5]), np.array([4, 6]), np.array([0, 3, 5]))
    >>> rows.tolist(), days.tolist()
    ([0, 1], [3, 5])
    """
    first = np.searchsorted(days, since, side="left")
    last = np.maximum(np.searchsorted(days, until, side="left"), first)
    count = last - first
    rows = np.repeat(np.arange(len(count)), count)
    position = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return rows, days[np.repeat(first, count) + position]
