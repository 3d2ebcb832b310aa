"""The open deals that are won: each in its step, by person and scenario."""

from __future__ import annotations

import numpy as np

from spm_lib.targets.odds.luck import BANDS, MOST, Luck
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray
_FURTHEST = 2_000  # days after today at which an open deal may be won, by slow cycles


class OpenWins:
    """Bookings of the deals open today, in one place that every answer uses again.

    ``cells`` is (people + 1, steps + 1, scenarios), minor units: the last row is of deals that
    belong to nobody known, the last step is after the horizon.
    """

    def __init__(self) -> None:
        self.cells: Floats = np.zeros((0, 0, 0), dtype=np.float32)
        self._filled: list[np.ndarray] = []
        self._of: tuple[object, ...] = ()

    def play(self, today: Today, luck: Luck, setting: Setting) -> Floats:
        """Return the bookings of one block of scenarios; they hold until the next call."""
        levers = (setting.win_rate, setting.cycle, setting.size)
        parts = (today, luck, *(lever.tobytes() for lever in levers))
        same = zip(self._of, parts, strict=False)
        if len(self._of) == len(parts) and all(a is b or a == b for a, b in same):
            return self.cells
        self._of = ()  # till all is in place: what fails halfway is never taken for an answer
        self._empty(luck)
        self._fill(today, luck, setting)
        self._of = parts
        return self.cells

    def _empty(self, luck: Luck) -> None:
        people, steps, scenarios = luck.deals.shape
        shape = people + 1, steps + 1, scenarios
        if self.cells.shape != shape:
            self.cells = np.zeros(shape, dtype=np.float32)
        flat = self.cells.reshape(-1)
        for places in self._filled:
            flat[places] = 0
        self._filled = []

    def _fill(self, today: Today, luck: Luck, setting: Setting) -> None:
        open_, win = luck.open, np.minimum(setting.win_rate, MOST)
        sure = int(open_.bands[np.searchsorted(BANDS, win.min(), side="right") - 1])
        bound = int(open_.bands[np.searchsorted(BANDS, win.max(), side="left")])
        doubtful = slice(sure, bound)
        won = sure + np.flatnonzero(open_.needs[doubtful] < _each(win, open_.unit[doubtful]))
        edges = np.array(today.steps.edges) - today.steps.edges[0]
        step = np.searchsorted(edges, np.arange(_FURTHEST), side="right") - 1
        place = np.minimum(step, today.steps.count) * self.cells.shape[2]
        place = place.astype(np.int32)
        for rows in (slice(0, sure), won):
            unit = open_.unit[rows]
            day = open_.day[rows] * _each(setting.cycle, unit)
            index = place.take(day.astype(np.int32), mode="clip")
            index += open_.cell[rows]
            amount = open_.amount[rows] * _each(setting.size, unit)
            self._filled.append(index)
            np.add.at(self.cells.reshape(-1), index, amount)


def _each(levers: Floats, unit: np.ndarray) -> Floats | np.float32:
    """Return the lever of each row's person; one number where all are alike."""
    if (levers == levers[0]).all():
        return np.float32(levers[0])
    return levers.astype(np.float32)[unit]
