"""Play the time to come through: one lookup per person, month and scenario, then the open deals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.targets.odds.luck import BANDS, Luck
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray
_FURTHEST = 2_000  # days after today at which an open deal may be won, by slow cycles


@dataclass(frozen=True, eq=False)
class Played:
    """Bookings of one block of scenarios, minor units.

    Attributes
    ----------
    people
        (people, steps, scenarios): of each person as long as on board, nobody leaving by chance.
    groups
        (teams, steps, scenarios): of each team; leavers, successors and hires included. The last
        one holds what belongs to no team.
    """

    people: Floats
    groups: Floats


def play(today: Today, luck: Luck, setting: Setting, *, groups: np.ndarray, count: int) -> Played:
    """Play one block through.

    Parameters
    ----------
    today, luck, setting
        What is known, what chance brings, what the levers say.
    groups
        Place of the team of every row of the setting; the last place belongs to no team.
    count
        Number of these places.
    """
    people, steps, scenarios = luck.deals.shape
    cells = np.zeros((people + 1, steps + 1, scenarios), dtype=np.float32)
    _play_open(cells, today, luck, setting)
    cells = cells[:, :steps]
    rows = today.table.scale(setting.wins).astype(np.float32)
    for unit in range(people):
        found = _bookings(today, rows[unit], luck.flow[unit] + luck.months, luck.deals[unit])
        found *= luck.size[unit] * np.float32(setting.size[unit])
        cells[unit] += found
    team = np.zeros((count, steps, scenarios), dtype=np.float32)
    for unit, group in enumerate(groups[:people]):
        team[group] += cells[unit]
    team[-1] += cells[people]
    _play_hires(team, today, luck, setting, rows, groups)
    if setting.after is not None:
        _play_leavers(team, today, luck, setting, rows, groups)
    for unit in np.flatnonzero(~setting.there[:people].all(axis=1)):
        cells[unit] *= setting.there[unit][:, None]
    return Played(cells[:people], team)


def _bookings(today: Today, rows: Floats, flow: Floats, deals: np.ndarray) -> Floats:
    """Look up bookings, in mean amounts: ``rows`` per step, the others (steps, scenarios)."""
    values = today.table.values
    place = flow + rows[:, None]
    np.clip(place, 0, len(values) - 1, out=place)
    index = place.astype(np.int32)
    index *= values.shape[1]
    index += deals
    return values.reshape(-1).take(index, mode="clip")


def _play_open(cells: Floats, today: Today, luck: Luck, setting: Setting) -> None:
    """Add the open deals that are won, each in its step; the last place is after the horizon."""
    open_, win = luck.open, setting.win_rate
    sure = int(open_.bands[np.searchsorted(BANDS, win.min(), side="right") - 1])
    bound = int(open_.bands[np.searchsorted(BANDS, win.max(), side="left")])
    doubtful = slice(sure, bound)
    won = sure + np.flatnonzero(open_.needs[doubtful] < _each(win, open_.unit[doubtful]))
    edges = np.array(today.steps.edges) - today.steps.edges[0]
    step = np.searchsorted(edges, np.arange(_FURTHEST), side="right") - 1
    place = (np.minimum(step, today.steps.count) * cells.shape[2]).astype(np.int32)
    for rows in (slice(0, sure), won):
        unit = open_.unit[rows]
        day = open_.day[rows] * _each(setting.cycle, unit)
        index = place.take(day.astype(np.int32), mode="clip")
        index += open_.cell[rows]
        np.add.at(cells.reshape(-1), index, open_.amount[rows] * _each(setting.size, unit))


def _each(levers: Floats, unit: np.ndarray) -> Floats | np.float32:
    """Return the lever of each row's person; one number where all are alike."""
    if (levers == levers[0]).all():
        return np.float32(levers[0])
    return levers.astype(np.float32)[unit]


def _play_hires(
    team: Floats, today: Today, luck: Luck, setting: Setting, rows: Floats, groups: np.ndarray
) -> None:
    """Add what people to be hired bring."""
    people = len(today.people.reps)
    for number, unit in enumerate(range(people, len(setting.wins))):
        flow, deals, size = luck.hired(number, today.people)
        found = _bookings(today, rows[unit], flow + luck.months, deals)
        team[groups[unit]] += found * (size * np.float32(setting.hired_size))


def _play_leavers(
    team: Floats, today: Today, luck: Luck, setting: Setting, rows: Floats, groups: np.ndarray
) -> None:
    """Put in place of a leaver's new deals those that others finish, and the successor's."""
    assert setting.after is not None
    after = today.table.scale(setting.after).astype(np.float32)
    middle = today.steps.middle
    for unit, waits in enumerate(luck.leaving):
        leave = np.searchsorted(middle, waits / setting.hazard)
        who = np.flatnonzero(leave < today.steps.count)
        flow, deals = luck.flow[unit, who] + luck.months[:, who], luck.deals[unit][:, who]
        stayed = _bookings(today, rows[unit], flow, deals)
        left = _bookings(today, np.float32(0) * rows[unit], flow + after[unit, leave[who]].T, deals)
        team[groups[unit]][:, who] += (left - stayed) * (
            luck.size[unit, who] * np.float32(setting.size[unit])
        )
