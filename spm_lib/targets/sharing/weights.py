"""The weight of each person: one basis, or a blend of several."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.ratio import Ratio, exact_ratio
from spm_lib.targets.sharing.limits import whole_parts

EVEN = "even"


def blended(people: pl.DataFrame, by: str | Mapping[str, Ratio]) -> list[Fraction]:
    """Return each person's share of the whole, summing to 1.

    Parameters
    ----------
    people
        One row per person, with a column for each basis. Null: not known, and the mean of those
        known is taken. 0 is a number: nothing comes of that basis.
    by
        A basis, or how much each basis counts; only the proportions matter. ``even`` is the same
        for all and needs no column.

    Raises
    ------
    ParameterError
        If no basis counts, or one counts less than nothing.
    DataError
        If a basis has no column, is known of nobody, is 0 for all, or is negative for one.
    """
    parts = {by: Fraction(1)} if isinstance(by, str) else {k: exact_ratio(w) for k, w in by.items()}
    whole = sum(parts.values())
    if not whole or min(parts.values()) < 0:
        raise ParameterError(
            "A blend is made of weights that are not negative and not all 0.",
            found=str(dict(by) if isinstance(by, Mapping) else by),
            do='Write for example by={"history": 0.7, "even": 0.3}',
        )
    found, common = [0] * people.height, 1
    for name in sorted(name for name, weight in parts.items() if weight):
        shares, of = _shares(people, name)
        weight = parts[name] / whole
        here = of * weight.denominator
        found = [
            a * here + weight.numerator * b * common for a, b in zip(found, shares, strict=True)
        ]
        common *= here
    return [Fraction(part, common) for part in found]


def _shares(people: pl.DataFrame, name: str) -> tuple[list[int], int]:
    """Return each person's share as a whole number of parts, and how many parts make all."""
    if name == EVEN:
        return [1] * people.height, people.height
    if name not in people.columns:
        raise DataError(
            f"There is no basis '{name}' to share out by.",
            found=", ".join(people.columns),
            do="Add the column, or choose even or one of those there are",
        )
    values = [_exact(value, name) for value in people[name].to_list()]
    known = [value for value in values if value is not None]
    total = _sum(known)
    if not total:
        raise DataError(
            f"The basis '{name}' is 0 or unknown for everybody.",
            found=f"{len(known)} known values",
            do="Choose another basis, or widen the window it is taken from",
        )
    mean = Fraction(total, len(known))
    filled, _ = whole_parts([mean if value is None else value for value in values])
    return filled, sum(filled)


def _sum(values: list[Fraction]) -> Fraction:
    parts, common = whole_parts(values)
    return Fraction(sum(parts), common)


def _exact(value: Any, name: str) -> Fraction | None:
    if value is None:
        return None
    try:
        exact = Fraction(value if isinstance(value, int | float | Decimal | Fraction) else "?")
    except (ValueError, OverflowError):
        exact = Fraction(-1)
    if exact < 0:
        raise DataError(
            f"The basis '{name}' has a value that nobody can be given a share by.",
            found=repr(value),
            do="Give numbers from 0 up, and null where it is not known",
        )
    return exact
