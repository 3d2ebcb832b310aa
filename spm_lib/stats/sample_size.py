"""How many trials an experiment needs before it can show a difference of two shares."""

from __future__ import annotations

import math

from spm_lib.core import special
from spm_lib.core.errors import ParameterError


def trials_per_arm(base: float, gain: float, *, power: float = 0.8, level: float = 0.95) -> int:
    """Return how many trials each of two arms needs to show that a share rose by ``gain``.

    Two arms of equal size, two-sided test at ``1 - level``, found with a chance of ``power`` if the
    share really is ``base`` in one arm and ``base + gain`` in the other. Source: Fleiss, Levin &
    Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., section 4.2, without the
    correction for continuity.

    Raises
    ------
    ParameterError
        If a share would lie outside 0 to 1, or there is no difference to find.

    Examples
    --------
    >>> trials_per_arm(0.47, 0.05)
    1569
    """
    other = base + gain
    if not (0 < base < 1 and 0 < other < 1 and gain and 0 < power < 1):
        raise ParameterError(
            "An experiment needs two different shares between 0 and 1.",
            found=f"{base:g} and {other:g}",
            do="Take a smaller gain, or another base",
        )
    mean = (base + other) / 2
    sure = float(special.ndtri((1 + level) / 2)) * math.sqrt(2 * mean * (1 - mean))
    found = float(special.ndtri(power)) * math.sqrt(base * (1 - base) + other * (1 - other))
    return math.ceil(((sure + found) / gain) ** 2)
