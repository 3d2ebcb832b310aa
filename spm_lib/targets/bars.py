"""Which bars a distribution of attainment is shown in: as wide as it spreads, and the target."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_OUTSIDE = 0.002  # of the scenarios on each side may be counted in the outermost bars
_STEPS = (0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)  # 100% is an edge of each
_MOST_BARS = 40


@dataclass(frozen=True)
class Bars:
    """Edges of bars of one width; the target, 100%, is one of them.

    Attributes
    ----------
    low, high
        The outermost edges, attainment as a ratio.
    step
        Width of a bar.
    """

    low: float
    high: float
    step: float

    @property
    def edges(self) -> np.ndarray:
        """All edges, ascending."""
        count = round((self.high - self.low) / self.step)
        return (self.low + self.step * np.arange(count + 1)).round(6)


def bars_over(*attainments: np.ndarray) -> Bars:
    """Return the bars for scenarios that are looked at one beside the other.

    Examples
    --------
    >>> bars_over(np.linspace(0.8, 1.2, 1001))
    Bars(low=0.8, high=1.2, step=0.02)
    >>> bars_over(np.linspace(0.8, 1.2, 1001), np.linspace(1.5, 2.5, 1001))
    Bars(low=0.8, high=2.5, step=0.05)
    """
    ends = [np.quantile(one, (_OUTSIDE, 1 - _OUTSIDE)) for one in attainments]
    low = min(1.0, *(float(end[0]) for end in ends))
    high = max(1.0, *(float(end[1]) for end in ends))
    step = next((s for s in _STEPS if (high - low) / s <= _MOST_BARS - 2), 0.0)
    step = step or float(math.ceil((high - low) / (_MOST_BARS - 2)))
    below, above = math.floor((1 - low) / step) + 1, math.floor((high - 1) / step) + 1
    return Bars(round(max(0.0, 1 - below * step), 6), round(1 + above * step, 6), step)
