"""The bands of quota attainment: how far people got, told without a league table."""

from __future__ import annotations

from spm_lib.core.digits import settled

EDGES = (0.5, 0.8, 1.0, 1.2)
BANDS = ("under 50", "50-80", "80-100", "100-120", "over 120")


def band_place(attainment: float) -> int:
    """Return the place in ``BANDS`` of an attainment: a band's lower edge belongs to it.

    Examples
    --------
    >>> BANDS[band_place(1.2)], BANDS[band_place(0.1 + 0.7)]
    ('over 120', '80-100')
    """
    return sum(settled(attainment) >= edge for edge in EDGES)
