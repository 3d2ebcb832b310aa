"""Play the time to come through: one lookup per person, month and scenario, then the open deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from spm_lib.targets.odds.goals import Span
from spm_lib.targets.odds.leavers import Leavers
from spm_lib.targets.odds.luck import Luck
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.staying import Staying
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

    staying: Staying = field(default_factory=Staying)
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
    """Play one block through: everybody, then people to be hired, then those who leave.

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
    own, hired = np.split(groups, [len(today.people.reps)])
    stayed = kept.staying.play(today, luck, setting, groups=own, count=count, spans=spans)
    team = stayed.teams.copy()
    for number, place in enumerate(hired):
        team[place] += _hire(today, luck, setting, number)
    if setting.after is not None:
        leavers = _leavers(kept, today, luck, setting.hazard)
        leavers.play(team, today.table, setting, groups=groups)
    within = [today.steps.within(span.first, span.last) for span in spans]
    by_span = [team[:, steps].sum(axis=1) for steps in within]
    return Played(stayed.people, np.stack(by_span, 1), team.sum(axis=0))


def _hire(today: Today, luck: Luck, setting: Setting, number: int) -> Floats:
    """Return what the so-many-th person to be hired brings, (steps of the horizon, scenarios)."""
    inside = today.steps.inside
    wins = setting.wins[len(today.people.reps) + number, inside]
    rows = today.table.scale(wins).astype(np.float32)
    flow, deals, size = luck.hired(number, today.people)
    found = today.table.drawn(rows, flow, luck.months[inside], deals[inside])
    return found * (size * np.float32(setting.hired_size))


def _leavers(kept: Kept, today: Today, luck: Luck, hazard: float) -> Leavers:
    """Return those who leave, found anew where luck or attrition are others than before."""
    known = kept.leavers
    if known is None or known.luck is not luck or known.hazard != hazard:
        known = kept.leavers = Leavers.of(today, luck, hazard)
    return known
