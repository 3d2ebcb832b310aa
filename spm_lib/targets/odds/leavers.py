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
    unit, scenario, leave, step
        Person, scenario, the step that the person leaves at the beginning of, and the step that
        the entry is of, counted from today.
    flow, deals, size
        As ``Luck`` has them, of each entry; ``flow`` with what moves everybody.
    """

    luck: Luck
    hazard: float
    unit: np.ndarray
    scenario: np.ndarray
    leave: np.ndarray
    step: np.ndarray
    flow: Floats
    deals: np.ndarray
    size: Floats

    @classmethod
    def of(cls, today: Today, luck: Luck, hazard: float) -> Leavers:
        """Find them in one block of scenarios."""
        middle, inside = today.steps.middle, today.steps.inside
        unit, scenario = np.nonzero(luck.leaving <= middle[-1] * hazard * (1 + 1e-9))
        leave = np.searchsorted(middle, luck.leaving[unit, scenario] / hazard)
        steps = np.arange(inside.start, inside.stop)
        row, number = np.nonzero(steps >= leave[:, None])
        unit, scenario, leave, step = unit[row], scenario[row], leave[row], steps[number]
        return cls(
            luck=luck,
            hazard=hazard,
            unit=unit,
            scenario=scenario,
            leave=leave,
            step=step,
            flow=luck.flow[unit, scenario] + luck.months[step, scenario],
            deals=luck.deals[unit, step, scenario],
            size=luck.size[unit, scenario],
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
        rows = table.scale(setting.wins).astype(np.float32)
        after = table.scale(setting.after).astype(np.float32)
        change = table.bookings(self.flow + after[self.unit, self.leave, self.step], self.deals)
        change -= table.bookings(self.flow + rows[self.unit, self.step], self.deals)
        change *= self.size * setting.size.astype(np.float32)[self.unit]
        _, steps, scenarios = team.shape
        begin = self.luck.deals.shape[1] - steps
        place = groups[self.unit] * steps + (self.step - begin)
        np.add.at(team.reshape(-1), place * scenarios + self.scenario, change)
