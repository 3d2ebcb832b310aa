"""Those who leave by chance: what of their deals goes, and what others and successors bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.targets.odds.bookings_table import BookingsTable
from spm_lib.targets.odds.luck import Luck
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray
_PEOPLE = 16  # looked at together: what a processor has at hand


@dataclass(frozen=True, eq=False)
class Leavers:
    """Who leaves in which scenario: an entry for each step from the leaving on, person by person.

    Attributes
    ----------
    luck, hazard
        What chance brings, and the rate of leaving per year.
    parts
        The entries of some people after the other, so that each part fits a processor's cache.
    """

    luck: Luck
    hazard: float
    parts: list[Entries]

    @classmethod
    def of(cls, today: Today, luck: Luck, hazard: float) -> Leavers:
        """Find them in one block of scenarios."""
        people = len(luck.leaving)
        some = [range(first, min(first + _PEOPLE, people)) for first in range(0, people, _PEOPLE)]
        return cls(luck, hazard, [Entries.of(today, luck, hazard, units) for units in some])

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
        sizes = setting.size.astype(np.float32)
        of_team = (groups * (team.shape[1] * team.shape[2])).astype(np.int32)
        for one in self.parts:
            change = table.bookings(one.flow + after.take(one.after), one.deals)
            change -= table.bookings(one.flow + rows.take(one.work), one.deals)
            change *= one.size * sizes.take(one.unit)
            np.add.at(team.reshape(-1), of_team.take(one.unit) + one.cell, change)


@dataclass(frozen=True, eq=False)
class Entries:
    """Steps of some people after they have left.

    Attributes
    ----------
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

    unit: np.ndarray
    work: np.ndarray
    after: np.ndarray
    cell: np.ndarray
    flow: Floats
    deals: np.ndarray
    size: Floats

    @classmethod
    def of(cls, today: Today, luck: Luck, hazard: float, units: range) -> Entries:
        """Find the entries of some people."""
        middle, inside = today.steps.middle, today.steps.inside
        _, count, scenarios = luck.deals.shape
        waits = luck.leaving[units.start : units.stop]
        unit, scenario = np.nonzero(waits <= middle[-1] * hazard * (1 + 1e-9))
        leave = np.searchsorted(middle, waits[unit, scenario] / hazard)
        unit += units.start
        first = np.maximum(leave, inside.start)
        lasts = np.maximum(count - first, 0)  # steps; none where the person leaves too late

        def each(values: np.ndarray, kind: type = np.int32) -> np.ndarray:
            return np.repeat(values.astype(kind), lasts)

        step = np.arange(int(lasts.sum()), dtype=np.int32)
        step += each(first - (np.cumsum(lasts) - lasts))
        of_scenario, of_unit = each(scenario), each(unit)
        work = of_unit * np.int32(count) + step
        months = luck.months.reshape(-1).take(step * np.int32(scenarios) + of_scenario)
        return cls(
            unit=of_unit,
            work=work,
            after=each((unit * count + leave) * count) + step,
            cell=(step - np.int32(inside.start)) * np.int32(scenarios) + of_scenario,
            flow=each(luck.flow[unit, scenario], np.float32) + months,
            deals=luck.deals.reshape(-1).take(work * np.int32(scenarios) + of_scenario),
            size=each(luck.size[unit, scenario], np.float32),
        )
