"""How much of a full person's work somebody new does, month by month on board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from spm_lib.forecast.horizon import day_number
from spm_lib.targets.odds.steps import Steps

Floats = np.ndarray
MONTH = 365.25 / 12
LONG_AGO = -(10**6)  # epoch day of who was always there


def days_of(days: Sequence[date | None], untold: int) -> Floats:
    """Return epoch days; ``untold`` where null."""
    return np.array([untold if day is None else day_number(day) for day in days], float)


def ramped(steps: Steps, starts: Sequence[date | None], ramp: Sequence[float]) -> Floats:
    """Return the ramp's share in the middle of each step, (people, steps); 1 for who is not new.

    Examples
    --------
    >>> steps = Steps.of(date(2026, 9, 30), date(2026, 10, 1), date(2027, 1, 1))
    >>> ramped(steps, [None, date(2026, 11, 1)], (0.25, 0.5)).tolist()
    [[1.0, 1.0, 1.0], [0.25, 0.25, 0.5]]
    """
    edges, first = np.array(steps.edges, float), days_of(starts, LONG_AGO)[:, None]
    months = ((np.maximum(edges[:-1], first) + edges[1:]) / 2 - first) / MONTH
    place = np.clip(np.floor(months), 0, len(ramp)).astype(int)
    return np.append(np.array(ramp, float), 1.0)[place]
