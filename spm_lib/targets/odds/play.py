"""Play the time to come through: one lookup per person, month and scenario, then the open deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from spm_lib.targets.odds.goals import Span
from spm_lib.targets.odds.leavers import Leavers
from spm_lib.targets.odds.luck import Luck
from spm_lib.targets.odds.open_wins import OpenWins
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Played:
    """Bookings of one block of scenarios, minor units.

    Attributes
    ----------
    people
        (people, spans, scenarios): of each person as long as on board, nobody leaving by chance.
    groups
        (teams, spans, scenarios): of each team; leavers, successors and hires included. The last
        one holds what belongs to no team.
    months
        (steps of the horizon, scenarios): of the company.
    """

    people: Floats
    groups: Floats
    months: Floats


@dataclass(eq=False)
class Kept:
    """What one answer leaves for the next."""

    open_wins: OpenWins = field(default_factory=OpenWins)
    leavers: Leavers | None = None


def play(
    today: Today,
    luck: Luck,
    setting: Setting,
    *,
    groups: np.ndarray,
    count: int,
    spans: Sequence[Span],
    kept: Kept,
) -> Played:
    """Play one block through.

    Parameters
    ----------
    today, luck, setting
        What is known, what chance brings, what the levers say.
    groups
        Place of the team of every row of the setting; the last place belongs to no team.
    count
        Number of these places.
    spans
        The periods, all within the horizon.
    kept
        What an earlier answer found, used again where the levers leave it as it is.
    """
    return _Playing(today, luck, setting, kept).played(groups, count, spans)


class _Playing:
    """One block being played: only the steps of the horizon, person by person."""

    def __init__(self, today: Today, luck: Luck, setting: Setting, kept: Kept) -> None:
        self.today, self.luck, self.setting, self.kept = today, luck, setting, kept
        self.inside = today.steps.inside
        self.months = luck.months[self.inside]
        rows = today.table.scale(setting.wins).astype(np.float32)
        self.rows = rows[:, self.inside]

    def played(self, groups: np.ndarray, count: int, spans: Sequence[Span]) -> Played:
        """Play everybody, then people to be hired, then those who leave."""
        setting, inside = self.setting, self.inside
        people, _, scenarios = self.luck.deals.shape
        opened = self.kept.open_wins.play(self.today, self.luck, setting)[:, inside]
        within = [slice(span.first - inside.start, span.last - inside.start) for span in spans]
        whole = np.all(setting.there[:, inside], axis=1)
        own = np.empty((people, len(spans), scenarios), dtype=np.float32)
        team = np.zeros((count, len(self.months), scenarios), dtype=np.float32)
        for unit in range(people):
            found = self._bookings(self.rows[unit], self.luck.flow[unit], self._deals(unit))
            found *= self.luck.size[unit] * np.float32(setting.size[unit])
            found += opened[unit]
            team[groups[unit]] += found
            if not whole[unit]:
                found *= setting.there[unit, inside][:, None]
            for number, span in enumerate(within):
                np.sum(found[span], axis=0, out=own[unit, number])
        team[-1] += opened[people]
        self._play_hires(team, groups)
        if setting.after is not None:
            self._leavers().play(team, self.today.table, setting, groups=groups)
        by_span = [team[:, span].sum(axis=1) for span in within]
        return Played(own, np.stack(by_span, 1), team.sum(axis=0))

    def _leavers(self) -> Leavers:
        """Return those who leave, found anew where luck or attrition are others than before."""
        known, hazard = self.kept.leavers, self.setting.hazard
        if known is None or known.luck is not self.luck or known.hazard != hazard:
            known = self.kept.leavers = Leavers.of(self.today, self.luck, hazard)
        return known

    def _deals(self, unit: int) -> np.ndarray:
        return self.luck.deals[unit, self.inside]

    def _bookings(self, rows: Floats, flow: Floats, deals: np.ndarray) -> Floats:
        """Look up bookings, in mean amounts: ``rows`` per step, ``flow`` per scenario."""
        place = flow + self.months
        place += rows[:, None]
        return self.today.table.bookings(place, deals)

    def _play_hires(self, team: Floats, groups: np.ndarray) -> None:
        """Add what people to be hired bring."""
        people = len(self.today.people.reps)
        for number, unit in enumerate(range(people, len(self.setting.wins))):
            flow, deals, size = self.luck.hired(number, self.today.people)
            found = self._bookings(self.rows[unit], flow, deals[self.inside])
            team[groups[unit]] += found * (size * np.float32(self.setting.hired_size))
