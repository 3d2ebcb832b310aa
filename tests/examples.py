"""How many examples a property is tried on: a few in each run, many in ``make validate``."""

from __future__ import annotations

import os

TIMES = "SPM_EXAMPLES"  # the environment's name for how many times as many


def examples(few: int) -> int:
    """Return how many examples to try where an ordinary run tries a few."""
    return few * int(os.environ.get(TIMES, "1"))
