"""Those who leave by chance: what of their deals goes, and what others and successors bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.targets.odds.bookings_table import BookingsTable
from spm_lib.targets.odds.luck import Luck
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Leavers:
    """Who leaves in which scenario: an entry for each step from the leaving on, person by person.

    Attributes
    ----------
    luck, hazard
        What chance brings, and the rate of leaving per year.
    unit
        The person of each entry.
    work, after
        Place of the entry among (people, steps), and of what follows on the leaving among (people,
        step of the leaving, steps).
    cell
        Place of the entry among (steps of the horizon, scenarios).
    flow, deals, size
        As ``Luck`` has them, of each entry; ``flow`` with what moves everybody.
    """

    luck: Luck
    hazard: float
    unit: np.ndarray
    work: np.ndarray
    after: np.ndarray
    cell: np.ndarray
    flow: Floats
    deals: np.ndarray
    size: Floats

    @classmethod
    def of(cls, today: Today, luck: Luck, hazard: float) -> Leavers:
        """Find them in one block of scenarios."""
        middle, inside = today.steps.middle, today.steps.inside
        _, count, scenarios = luck.deals.shape
        unit, scenario = np.nonzero(luck.leaving <= middle[-1] * hazard * (1 + 1e-9))
        leave = np.searchsorted(middle, luck.leaving[unit, scenario] / hazard)
        first = np.maximum(leave, inside.start)
        lasts = np.maximum(count - first, 0)  # steps; none where the person leaves too late

        def each(values: np.ndarray, kind: type = np.int32) -> np.ndarray:
            return np.repeat(values.astype(kind), lasts)

        begun = np.cumsum(lasts) - lasts
        step = np.arange(int(lasts.sum()), dtype=np.int32) + each(first - begun)
        unit_, scenario_ = each(unit), each(scenario)
        work = unit_ * np.int32(count) + step
        months = luck.months.reshape(-1).take(step * np.int32(scenarios) + scenario_)
        flow = each(luck.flow[unit, scenario], np.float32)
        return cls(
            luck=luck,
            hazard=hazard,
            unit=unit_,
            work=work,
            after=each((unit * count + leave) * count) + step,
            cell=(step - np.int32(inside.start)) * np.int32(scenarios) + scenario_,
            flow=flow + months,
            deals=luck.deals.reshape(-1).take(work * np.int32(scenarios) + scenario_),
            size=each(luck.size[unit, scenario], np.float32),
        )

    def play(
        self, team: Floats, table: BookingsTable, setting: Setting, *, groups: np.ndarray
    ) -> None:
        """Put in place of a leaver's new deals those that others finish, and the successor's.

        Parameters
        ----------
        team
            (teams, steps of the horizon, scenarios): bookings of each team, changed in place.
        table
            Bookings by expected wins.
        setting
            With attrition.
        groups
            Place of the team of every person.
        """
        assert setting.after is not None
        rows = table.scale(setting.wins).astype(np.float32).reshape(-1)
        after = table.scale(setting.after).astype(np.float32).reshape(-1)
        change = table.bookings(self.flow + after.take(self.after), self.deals)
        change -= table.bookings(self.flow + rows.take(self.work), self.deals)
        change *= self.size * setting.size.astype(np.float32).take(self.unit)
        of_team = (groups * (team.shape[1] * team.shape[2])).astype(np.int32)
        np.add.at(team.reshape(-1), of_team.take(self.unit) + self.cell, change)
