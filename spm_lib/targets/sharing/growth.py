"""Limits of growth: nobody's target moves further from last year than is allowed."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from spm_lib.core.errors import DataError, ParameterError
from spm_lib.targets.ratio import Ratio, exact_ratio


def growth_limits(
    people: pl.DataFrame,
    *,
    low: Ratio = -0.1,
    high: Ratio = 0.3,
    base: str = "history_full",
    step: int = 1,
) -> pl.DataFrame:
    """Return the people with ``floor`` and ``ceiling`` (Int64): so much below and above a base.

    Parameters
    ----------
    people
        One row per person, with the base as whole numbers. Null or 0: not limited. Floors and
        ceilings that are there already are replaced.
    low, high
        Least and greatest growth, as ratios: -0.1 and 0.3 are -10 % and +30 %.
    base
        What growth is measured from: last year's result, or the last target.
    step
        Limits are multiples of it, rounded inwards, so that who is held at one has a round number
        too; exact for those between whose limits there is none.

    Raises
    ------
    ParameterError
        If ``low`` is above ``high`` or below -1.
    DataError
        If there is no such base.

    Examples
    --------
    >>> people = pl.DataFrame({"rep_id": ["a", "b"], "last": [1000, 0]})
    >>> growth_limits(people, base="last").select("floor", "ceiling").rows()
    [(900, 1300), (None, None)]
    """
    least, most = exact_ratio(low), exact_ratio(high)
    if not -1 <= least <= most:
        raise ParameterError(
            "Limits of growth run from a lower to a higher ratio.",
            found=f"{low} to {high}",
            do="Write -10 % to +30 % as low=-0.1, high=0.3",
        )
    if base not in people.columns or not people[base].dtype.is_integer():
        raise DataError(
            f"There is no base '{base}' of whole numbers to limit growth from.",
            found=", ".join(people.columns),
            do="Name a column of Int64 minor units",
        )
    limits = [_between(v, 1 + least, 1 + most, step) for v in people[base].to_list()]
    return people.with_columns(
        floor=pl.Series([low for low, _ in limits], dtype=pl.Int64),
        ceiling=pl.Series([high for _, high in limits], dtype=pl.Int64),
    )


def _between(
    value: int | None, low: Fraction, high: Fraction, step: int
) -> tuple[int | None, int | None]:
    if not value or value < 0:
        return None, None
    floor, top = (value * low / step).__ceil__() * step, (value * high / step).__floor__() * step
    return (
        (floor, top)
        if floor <= top
        else _between(value, low, high, 1)
        if step > 1
        else (value, value)
    )
