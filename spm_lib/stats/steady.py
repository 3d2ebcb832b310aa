"""Linear algebra that gives the same bits whatever the number of cores."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


def steady(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function with its linear algebra done in one thread.

    Several threads add up in another order, and a fit then stops at a value that differs in its
    ninth digit. For matrices of our size they only cost CPU.

    Examples
    --------
    >>> import numpy as np
    >>> steady(np.dot)(np.ones(3), np.ones(3)).item()
    3.0
    """

    @wraps(function)
    def done(*given: P.args, **named: P.kwargs) -> R:
        with _libraries(len(sys.modules)).limit(limits=1, user_api="blas"):
            return function(*given, **named)

    return done


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Return the libraries there are, looked for anew only where so many modules bring others."""
    del modules
    return ThreadpoolController()
