"""Floats cut to the digits that mean something, so that no order of summing shows in a file."""

from __future__ import annotations

from typing import Any

DIGITS = 12


def settled(value: Any) -> Any:
    """Return a value with every float in it rounded to 12 significant digits.

    Lists, tuples and mappings are gone through; everything else is given back as it is. Sums of
    the same numbers in another order, or on another engine, differ after 15 or more digits.

    Examples
    --------
    >>> settled([0.1 + 0.2, {"x": 1 / 3}, "0.30000000000000004"])
    [0.3, {'x': 0.333333333333}, '0.30000000000000004']
    """
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: settled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [settled(inner) for inner in value]
    return tuple(settled(inner) for inner in value) if isinstance(value, tuple) else value
