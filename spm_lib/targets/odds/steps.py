"""The steps in which the time to come is played through: months, from tomorrow to the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from spm_lib.core.errors import ParameterError
from spm_lib.forecast.horizon import Horizon, date_of, day_number
from spm_lib.forecast.past.calendar_pace import AHEAD

Ints = np.ndarray


@dataclass(frozen=True)
class Steps:
    """Consecutive stretches of days from the day after ``as_of`` to the end of the horizon.

    Attributes
    ----------
    start, end
        The horizon ``[start, end)``; ``start`` may lie before or after ``as_of``.
    edges
        Epoch days: the day after ``as_of``, the first days of the months, ``start``, ``end``.
    """

    start: date
    end: date
    edges: tuple[int, ...]

    @classmethod
    def of(cls, as_of: date, start: date, end: date) -> Steps:
        """Cut the time to come.

        Raises
        ------
        ParameterError
            If the horizon is over, empty, or reaches further than can be played through.

        Examples
        --------
        >>> Steps.of(date(2026, 9, 20), date(2026, 10, 1), date(2027, 1, 1)).dates[:2]
        (datetime.date(2026, 9, 21), datetime.date(2026, 10, 1))
        """
        first, last = day_number(as_of) + 1, day_number(end)
        if not (first < last <= first + AHEAD) or start >= end:
            raise ParameterError(
                "This horizon cannot be played through.",
                found=f"[{start}, {end}) as of {as_of}",
                do=f"End it between tomorrow and {as_of + timedelta(days=AHEAD)}, after its start",
            )
        edges = {first, last, *([day_number(start)] if day_number(start) > first else [])}
        month = date_of(first).replace(day=1)
        while day_number(month) < last:
            month = (month + timedelta(days=32)).replace(day=1)
            edges |= {day_number(month)} if day_number(month) < last else set()
        return cls(start, end, tuple(sorted(edges)))

    @property
    def count(self) -> int:
        """Number of steps."""
        return len(self.edges) - 1

    @property
    def origin(self) -> int:
        """Epoch day that is today."""
        return self.edges[0] - 1

    @property
    def dates(self) -> tuple[date, ...]:
        """First day of every step."""
        return tuple(date_of(edge) for edge in self.edges[:-1])

    @property
    def begin(self) -> int:
        """The first step that lies in the horizon."""
        return int(np.searchsorted(self.edges, day_number(self.start)))

    @property
    def inside(self) -> slice:
        """The steps that lie in the horizon."""
        return slice(self.begin if self.begin < self.count else 0, self.count)

    def within(self, first: int, last: int) -> slice:
        """Return the steps ``[first, last)`` by their place in the horizon."""
        return slice(first - self.inside.start, last - self.inside.start)

    @property
    def middle(self) -> np.ndarray:
        """Years from today to the middle of every step."""
        edges = np.array(self.edges, float)
        return ((edges[:-1] + edges[1:]) / 2 - self.edges[0]) / 365.25

    @property
    def horizon(self) -> Horizon:
        """The steps as the windows of a forecast."""
        return Horizon(self.origin, self.edges)

    def place(self, day: date) -> int | None:
        """Return the step that begins on a day (or the number of steps: the end); null: none.

        A day before tomorrow is the beginning.
        """
        number = max(day_number(day), self.edges[0])
        return self.edges.index(number) if number in self.edges else None

    def share_after(self, days: np.ndarray) -> np.ndarray:
        """Return the share of each step's days that lie on or after epoch days, (days, steps)."""
        edges = np.array(self.edges, float)
        left = edges[1:] - np.maximum(edges[:-1], np.asarray(days, float)[:, None])
        return np.clip(left / np.diff(edges), 0.0, 1.0)
