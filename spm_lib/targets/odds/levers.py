"""What can be turned when odds are asked for: for the company, and for one person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from spm_lib.core.errors import ParameterError
from spm_lib.targets.baseline import RAMP
from spm_lib.targets.levers import check_lever

_RANGES = {
    "over_assignment": (0.0, 1.0),
    "attrition": (0.0, 0.95),
    "growth": (-0.9, 3.0),
    "win_rate": (0.0, 3.0),
    "deal_size": (0.0, 10.0),
    "cycle": (0.25, 4.0),
    "activity": (0.0, 5.0),
    "backfill": (0, 24),
    "count": (1, 1_000),
}


@dataclass(frozen=True)
class PersonLevers:
    """What is turned for one person, on top of the company's setting.

    Attributes
    ----------
    win_rate, deal_size, cycle, activity
        As multiples of today's, 1: as it is.
    growth
        Of new deals per year, on top of the company's.
    starts, leaves
        First day on board and first day no longer on board; null: as the data say.
    """

    win_rate: float = 1.0
    deal_size: float = 1.0
    cycle: float = 1.0
    activity: float = 1.0
    growth: float = 0.0
    starts: date | None = None
    leaves: date | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("win_rate", "deal_size", "cycle", "activity", "growth"):
            check_range(name, getattr(self, name))


@dataclass(frozen=True)
class Hire:
    """People hired on one day, who begin with an empty pipeline and ramp up.

    Attributes
    ----------
    starts
        First day on board.
    count
        How many.
    team
        The team they join; null: none in particular.

    Examples
    --------
    >>> Hire(date(2027, 2, 1), count=2, team="North").count
    2
    """

    starts: date
    count: int = 1
    team: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        check_range("count", self.count)


@dataclass(frozen=True)
class OddsLevers:
    """One setting of the levers; the default is the company as it is.

    Attributes
    ----------
    over_assignment
        By how much people's targets add up to more than the company's: 0.15 is 15 %.
    hires
        People to come.
    ramp
        Share of a full person's new deals in the 1st, 2nd, ... month on board.
    attrition
        Share of people who leave within a year, by chance.
    backfill
        Months until a leaver's successor starts (and ramps up); null: nobody follows.
    win_rate, deal_size, cycle, activity
        As multiples of today's. Activity moves the number of new deals in proportion (an
        assumption); a cycle of 1.2 takes 20 % longer.
    growth
        Of new deals per year.
    people
        What differs for single people, by ``rep_id``.

    Examples
    --------
    >>> OddsLevers(win_rate=1.1).win_rate
    1.1
    >>> OddsLevers(cycle=0)
    Traceback (most recent call last):
    ...
    spm_lib.core.errors.ParameterError: The lever cycle is out of range. Found: 0. \
What to do: Choose a number from 0.25 to 4.0.
    """

    over_assignment: float = 0.0
    hires: tuple[Hire, ...] = ()
    ramp: tuple[float, ...] = RAMP
    attrition: float = 0.0
    backfill: int | None = None
    win_rate: float = 1.0
    deal_size: float = 1.0
    cycle: float = 1.0
    activity: float = 1.0
    growth: float = 0.0
    people: Mapping[str, PersonLevers] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in _RANGES:
            if name != "count" and getattr(self, name) is not None:
                check_range(name, getattr(self, name))
        if not all(math.isfinite(share) and 0 <= share <= 2 for share in self.ramp):
            raise ParameterError(
                "The ramp holds a share that cannot be.",
                found=repr(self.ramp),
                do="Give shares of a full person's new deals per month on board, 0 to 2",
            )


def check_range(name: str, value: float) -> None:
    """Refuse a lever out of its range.

    Raises
    ------
    ParameterError
        If it is no number, or one that the lever cannot take.
    """
    least, most = _RANGES[name]
    check_lever(name, value, least=least, most=most)


AS_IS = PersonLevers()
