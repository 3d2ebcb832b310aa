"""How attainment spreads over people: bands, standard deviation, and who is near the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spm_lib.metrics.attainment_bands import BANDS, band_place

_NEAR = 0.2


@dataclass(frozen=True)
class Spread:
    """A distribution of attainment.

    Attributes
    ----------
    n
        People with a target above 0.
    mean, deviation
        Mean and standard deviation of attainment; None under one and under two people.
    near
        Share of people within 20 points of 100 %.
    bands
        People under 50 %, from 50 to 80, 80 to 100, 100 to 120, and from 120 % on.
    """

    n: int
    mean: float | None
    deviation: float | None
    near: float | None
    bands: tuple[int, ...]


def spread_of(attainment: Sequence[float | None]) -> Spread:
    """Return how attainment spreads; nulls (people without a target) are left out.

    Examples
    --------
    >>> spread_of([0.4, 0.9, 1.0, 1.3, None]).bands
    (1, 0, 1, 1, 1)
    """
    known = np.array([value for value in attainment if value is not None], float)
    if not known.size:
        return Spread(0, None, None, None, (0,) * len(BANDS))
    places = [band_place(float(value)) for value in known]
    return Spread(
        n=known.size,
        mean=float(known.mean()),
        deviation=float(known.std(ddof=1)) if known.size > 1 else None,
        near=float(np.mean(np.abs(known - 1) <= _NEAR + 1e-12)),
        bands=tuple(int(n) for n in np.bincount(places, minlength=len(BANDS))),
    )
