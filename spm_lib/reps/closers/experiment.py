"""The experiment planner: how many deals it takes to show that a behaviour wins more."""

from __future__ import annotations

from collections.abc import Sequence

from spm_lib.core.errors import ParameterError
from spm_lib.stats import trials_per_arm

POINTS = (3, 5, 10)


def deals_per_arm(
    base: float, *, points: Sequence[int] = POINTS, power: float = 0.8
) -> dict[int, int | None]:
    """Return for each rise in percentage points how many deals each arm needs; None: impossible.

    Examples
    --------
    >>> deals_per_arm(0.47)
    {3: 4356, 5: 1569, 10: 391}
    """
    found: dict[int, int | None] = {}
    for rise in points:
        try:
            found[rise] = trials_per_arm(base, rise / 100, power=power)
        except ParameterError:
            found[rise] = None
    return found
