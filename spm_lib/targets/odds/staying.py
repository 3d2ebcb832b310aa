"""What people bring as long as everybody stays: kept, as hires and leavers leave it as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spm_lib.targets.odds.goals import Span
from spm_lib.targets.odds.luck import Luck
from spm_lib.targets.odds.open_wins import OpenWins
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray
_MOST = 40_000_000  # numbers that are kept, of all blocks together


@dataclass(frozen=True, eq=False)
class Stayed:
    """Bookings of one block while nobody leaves by chance and nobody is hired, minor units.

    Attributes
    ----------
    people
        (people, spans, scenarios): of each person as long as on board.
    teams
        (teams, steps of the horizon, scenarios); the last one holds what belongs to no team.
    """

    people: Floats
    teams: Floats


class Staying:
    """Plays those on board, and only the teams again of which a lever has moved somebody."""

    def __init__(self) -> None:
        self._open = OpenWins()
        self._known: dict[tuple[int, int], tuple[tuple[object, ...], Floats, Stayed]] = {}

    def play(
        self,
        today: Today,
        luck: Luck,
        setting: Setting,
        *,
        groups: np.ndarray,
        count: int,
        spans: Sequence[Span],
    ) -> Stayed:
        """Return the bookings of one block; they hold until the next call.

        Parameters
        ----------
        groups
            Place of the team of every person; the last place belongs to no team.
        count, spans
            Number of these places, and the periods.
        """
        people, _, scenarios = luck.deals.shape
        parts = (today, luck, count, tuple(spans), groups.tobytes())
        levers = _levers(setting, people)
        known = self._known.pop(luck.seed, None)  # till all is in place: see ``OpenWins``
        if known is not None and _alike(known[0], parts):
            stayed = known[2]
            moved = (known[1] != levers).any(axis=1)
        else:
            steps = len(luck.months[today.steps.inside])
            stayed = Stayed(
                np.empty((people, len(spans), scenarios), dtype=np.float32),
                np.zeros((count, steps, scenarios), dtype=np.float32),
            )
            moved = np.ones(people + 1, dtype=bool)
        if moved.any():
            self._play(today, luck, setting, stayed, groups=groups, moved=moved, spans=spans)
        self._keep(luck, parts, levers, stayed)
        return stayed

    def _play(
        self,
        today: Today,
        luck: Luck,
        setting: Setting,
        stayed: Stayed,
        *,
        groups: np.ndarray,
        moved: np.ndarray,
        spans: Sequence[Span],
    ) -> None:
        """Play teams again, the last one too if deals of nobody have moved."""
        inside, people = today.steps.inside, len(groups)
        opened = self._open.play(today, luck, setting)[:, inside]
        rows = today.table.scale(setting.wins[:people]).astype(np.float32)[:, inside]
        within = [today.steps.within(span.first, span.last) for span in spans]
        whole = np.all(setting.there[:, inside], axis=1)
        months, last = luck.months[inside], len(stayed.teams) - 1
        again = np.zeros(last + 1, dtype=bool)
        again[np.append(groups, last)[moved]] = True
        stayed.teams[again] = 0
        for unit in np.flatnonzero(again[groups]):
            found = today.table.drawn(rows[unit], luck.flow[unit], months, luck.deals[unit, inside])
            found *= luck.size[unit] * np.float32(setting.size[unit])
            found += opened[unit]
            stayed.teams[groups[unit]] += found
            if not whole[unit]:
                found *= setting.there[unit, inside][:, None]
            for number, steps in enumerate(within):
                np.sum(found[steps], axis=0, out=stayed.people[unit, number])
        if again[last]:
            stayed.teams[last] += opened[people]

    def _keep(self, luck: Luck, parts: tuple, levers: Floats, stayed: Stayed) -> None:
        """Keep a block, the first ones rather than all if they are large."""
        kept = sum(one.people.size + one.teams.size for _, _, one in self._known.values())
        if not self._known or kept + stayed.people.size + stayed.teams.size <= _MOST:
            self._known[luck.seed] = (parts, levers, stayed)


def _levers(setting: Setting, people: int) -> Floats:
    """Return what moves each person's bookings, and those of deals that belong to nobody."""
    wins = np.vstack([setting.wins[:people], np.zeros_like(setting.wins[:1])])
    there = np.vstack([setting.there, np.zeros_like(setting.there[:1])])
    return np.column_stack([wins, there, setting.win_rate, setting.cycle, setting.size])


def _alike(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(a is b or a == b for a, b in zip(one, other, strict=True))
