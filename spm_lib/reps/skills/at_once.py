"""Several pieces of work side by side, one on each core: numbers are the same in any order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_MOST = 4


def at_once(work: Iterable[Callable[[], T]]) -> list[T]:
    """Return what each piece of work makes, in the order given; the first fault is raised.

    Pieces must not wait for one another. Most of their time is spent in libraries that let other
    threads run.

    Examples
    --------
    >>> at_once([lambda: 1, lambda: 2])
    [1, 2]
    """
    pieces = list(work)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST, max(len(pieces), 1))) as pool:
        return [made.result() for made in [pool.submit(piece) for piece in pieces]]
