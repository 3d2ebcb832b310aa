"""A setting of the levers, worked out: expected wins of every person and month, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from spm_lib.targets.odds.levers import AS_IS, OddsLevers, PersonLevers
from spm_lib.targets.odds.ramp import LONG_AGO, MONTH, days_of, ramped
from spm_lib.targets.odds.steps import Steps
from spm_lib.targets.odds.today import Today

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Setting:
    """What a setting of the levers means.

    Attributes
    ----------
    wins
        Expected wins of deals to come, before uncertainty: a row per person, then per hire.
    after
        The same where a person leaves at the beginning of a step, (people, steps, steps): those of
        the leaver's deals that others finish, and the successor's. Null without attrition.
    teams
        Team per row of ``wins``.
    win_rate, cycle, size
        Multiples of today's per person; the last ones are of deals that belong to nobody.
    hired_size
        Multiple of the deal size of people hired.
    there
        Whether a person is on board in a step, (people, steps).
    hazard
        Rate of leaving per year.
    """

    wins: Floats
    after: Floats | None
    teams: tuple[str | None, ...]
    win_rate: Floats
    cycle: Floats
    size: Floats
    hired_size: float
    there: np.ndarray
    hazard: float

    @classmethod
    def of(cls, today: Today, levers: OddsLevers) -> Setting:
        """Work out a setting."""
        own = [levers.people.get(rep, AS_IS) for rep in today.people.reps]
        people = len(own)
        heads = _Heads.of(today, levers, own)
        win_rate = np.array([levers.win_rate * one.win_rate for one in (*own, AS_IS)])
        cycle = np.array([levers.cycle * one.cycle for one in (*own, AS_IS)])
        share = today.shares * _capped(today, win_rate[:people])
        hired = today.shares.mean() * _capped(today, win_rate[people:]).mean()
        flows = {c: today.newcomers.wins(c) for c in set(cycle.tolist())}
        wins = np.stack([work @ flows[c] for work, c in zip(heads.work, cycle, strict=False)])
        new = heads.hires @ flows[levers.cycle] * hired
        after = None
        if levers.attrition > 0:
            left = heads.after_leaving(today.steps, levers)
            after = np.stack([left[i] @ flows[cycle[i]] for i in range(people)])
            after *= share[:, None, None]
        return cls(
            wins=np.concatenate([wins * share[:, None], new]),
            after=after,
            teams=(*today.people.teams, *heads.teams),
            win_rate=win_rate,
            cycle=cycle,
            size=np.array([levers.deal_size * one.deal_size for one in (*own, AS_IS)]),
            hired_size=levers.deal_size,
            there=heads.there,
            hazard=-float(np.log1p(-levers.attrition)),
        )


def _capped(today: Today, win_rate: Floats) -> Floats:
    """Return the win rate levers, so far that no more than all new deals are won."""
    usual = today.people.conversion.value
    converted = today.newcomers.converted * usual / usual.mean()
    most = 1 / np.maximum(converted, 1e-9)
    return np.minimum(win_rate, np.maximum(most if len(win_rate) == len(most) else most.mean(), 1))


@dataclass(frozen=True, eq=False)
class _Heads:
    """New deals per step as a share of a full person's today: of people, and of hires."""

    work: Floats
    there: np.ndarray
    hires: Floats
    teams: tuple[str | None, ...]

    @classmethod
    def of(cls, today: Today, levers: OddsLevers, own: Sequence[PersonLevers]) -> _Heads:
        people, steps = today.people, today.steps
        common = levers.activity * (1 + levers.growth) ** steps.middle
        starts = [one.starts or day for one, day in zip(own, people.hired, strict=True)]
        leaves = [one.leaves or day for one, day in zip(own, people.leaves, strict=True)]
        stays = steps.share_after(days_of(starts, LONG_AGO))
        stays = stays * (1 - steps.share_after(days_of(leaves, -LONG_AGO)))
        growth = np.array([1 + one.growth for one in own])[:, None] ** steps.middle
        lift = np.array([one.activity for one in own])[:, None] * growth
        work = common * lift * stays * ramped(steps, starts, levers.ramp)
        hires = [hire.starts for hire in levers.hires for _ in range(hire.count)]
        new = common * steps.share_after(days_of(hires, 0)) * ramped(steps, hires, levers.ramp)
        teams = tuple(hire.team for hire in levers.hires for _ in range(hire.count))
        return cls(work, stays > 0, new, teams)

    def after_leaving(self, steps: Steps, levers: OddsLevers) -> Floats:
        """Return the work of each person and successor who leaves at each step's beginning."""
        work = np.repeat(self.work[:, None, :], steps.count, axis=1)
        common = levers.activity * (1 + levers.growth) ** steps.middle
        for leave in range(steps.count):
            work[:, leave, leave:] = 0.0
            if levers.backfill is not None:
                starts = steps.dates[leave] + timedelta(days=round(levers.backfill * MONTH))
                line = steps.share_after(days_of([starts], 0)) * common
                line = (line * ramped(steps, [starts], levers.ramp))[0]
                work[:, leave, leave:] += line[leave:]
        return work
