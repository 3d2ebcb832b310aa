"""How many examples a property is tried on: a few in each run, many in ``make validate``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

TIMES = "SPM_EXAMPLES"  # the environment's name for how many times as many


def examples(few: int, *, tenfold: int | None = None) -> int:
    """Return how many examples to try where an ordinary run tries a few.

    ``tenfold``: how many ten times as many are, where that is more than ten times the few.
    """
    times = int(os.environ.get(TIMES, "1"))
    return few if times == 1 else (tenfold or few * 10) * times // 10


def rest_as_proofs(cases: Iterable[Any], *, each_run: int = 1) -> list[Any]:
    """Return the cases of a test, of which but the first few are left to ``make validate``."""
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=() if place < each_run else pytest.mark.proof,
        )
        for place, case in enumerate(cases)
    ]
