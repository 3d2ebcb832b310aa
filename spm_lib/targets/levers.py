"""What a what-if can turn: target, win rate, deal size, cycle, head count."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from spm_lib.core.errors import ParameterError


@dataclass(frozen=True)
class Levers:
    """One setting of the levers.

    Attributes
    ----------
    target
        Bookings to reach in the months played through, minor units.
    win_rate
        Share of decided deals that are won, 0 to 1.
    deal_amount
        Mean amount of a won deal, minor units.
    cycle_days
        Median days from created to won.
    heads
        People selling; those above today's number are hired on the first day and ramp up,
        those below leave on the first day.

    Examples
    --------
    >>> Levers(target=100, win_rate=1.2, deal_amount=10, cycle_days=30, heads=3)
    Traceback (most recent call last):
    ...
    spm_lib.core.errors.ParameterError: The lever win_rate is out of range. Found: 1.2. \
What to do: Choose a number from 0 to 1.
    """

    target: int
    win_rate: float
    deal_amount: int
    cycle_days: float
    heads: int

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for lever in fields(self):
            least, most = _RANGES[lever.name]
            check_lever(lever.name, getattr(self, lever.name), least=least, most=most)


_RANGES = {
    "target": (1, 10**15),
    "win_rate": (0, 1),
    "deal_amount": (0, 10**13),
    "cycle_days": (0.5, 3_660),
    "heads": (0, 100_000),
}


def check_lever(name: str, value: float, *, least: float, most: float) -> None:
    """Refuse a lever that is no number from ``least`` to ``most``.

    Raises
    ------
    ParameterError
        If it is no number, or one that the lever cannot take.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:
        raise ParameterError(
            f"The lever {name} is out of range.",
            found=repr(value),
            do=f"Choose a number from {least} to {most}",
        )
