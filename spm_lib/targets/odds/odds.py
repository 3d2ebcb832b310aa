"""Odds of targets: learnt and drawn once, then answered for any setting of the levers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import ParameterError
from spm_lib.model import Company
from spm_lib.stats import steady
from spm_lib.targets.odds.answer import COMPANY, PEOPLE, TEAMS, OddsAnswer, fan, frame_of
from spm_lib.targets.odds.goals import Goals, Span
from spm_lib.targets.odds.kept_arrays import read_arrays, write_arrays
from spm_lib.targets.odds.levers import OddsLevers
from spm_lib.targets.odds.luck import BLOCK, Luck, draw_luck, luck_from_arrays, luck_to_arrays
from spm_lib.targets.odds.play import Kept, play
from spm_lib.targets.odds.setting import Setting
from spm_lib.targets.odds.today import Today

Floats = np.ndarray
SEED = 20_260
DRAWS, SETTLED = 2_000, 10_000
MOST_DRAWS = 50_000
_BESIDE = 1  # of the last settings played with other numbers of draws, kept beside the newest


@dataclass(frozen=True, eq=False)
class Bookings:
    """All scenarios of one setting, with what is booked already, minor units.

    Attributes
    ----------
    levers, spans
        The setting, and the periods.
    names
        The teams.
    people, teams
        (people or teams and one more of no team, spans, scenarios).
    months
        (steps of the horizon, scenarios): of the company, what is booked already left out.
    """

    levers: OddsLevers
    spans: tuple[Span, ...]
    names: list[str]
    people: Floats
    teams: Floats
    months: Floats


class Odds:
    """The odds of a company's targets, ready to be asked with any setting of the levers.

    Deals to come are played as arrivals x conversion x amount, closing after a cycle as long as
    those seen; the deals open today each with a chance of its own. Rates are each person's own,
    pooled with the others', and drawn anew in every scenario from what is known of them. Luck is
    drawn once (common random numbers: Glasserman & Yao 1992), so that a lever moves the answer
    evenly and two settings differ by the levers alone.

    Parameters
    ----------
    today
        What is known; see ``of``.
    seed
        The same seed gives the same answers.
    """

    def __init__(self, today: Today, *, seed: int = SEED) -> None:
        self.today = today
        self.seed = seed
        self._folder = today.kept and today.kept / f"luck-{seed}"
        self._blocks: dict[int, Luck] = {}
        self._kept = Kept()
        self._last: dict[int, Bookings] = {}

    @classmethod
    @steady
    def of(
        cls,
        company: Company,
        *,
        start: date,
        end: date,
        window: Window | None = None,
        seed: int = SEED,
        kept: Path | None = None,
    ) -> Odds:
        """Learn from a company, as known at its ``as_of`` and in its scope.

        Parameters
        ----------
        company
            ``company.at(day)`` for an earlier day.
        start, end
            The horizon ``[start, end)``, whole months; it ends 15 months from today at most. A
            start before today counts what was won since.
        window
            Months the rates of people are taken from; null: the last twelve whole ones.
        kept
            Folder of these very rows where what takes long to learn is kept; null: it is not.

        Raises
        ------
        DataError
            If nothing was won by people on board, so that there is nothing to play through.
        ParameterError
            If the horizon cannot be played through.
        """
        return cls(Today.of(company, start=start, end=end, window=window, kept=kept), seed=seed)

    @property
    def reps(self) -> tuple[str, ...]:
        """Who sells today, by team."""
        return self.today.people.reps

    @steady
    def prepare(self, draws: int = DRAWS) -> None:
        """Draw the luck of so many scenarios now, so that the first answer does not wait."""
        for number in range(_blocks_of(draws)):
            self._luck(number)

    def keep(self) -> None:
        """Lay the luck of the first scenarios where odds of the same rows find it.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if self._folder is not None:
            write_arrays(luck_to_arrays(self._luck(0)), self._folder)

    @steady
    def answer(
        self, targets: pl.DataFrame, levers: OddsLevers | None = None, *, draws: int = DRAWS
    ) -> OddsAnswer:
        """Play the horizon through with one setting of the levers.

        Parameters
        ----------
        targets
            ``rep_id, period_start, period_end, value`` (Int64 minor units) and, where wanted,
            ``team`` and ``metric``; see ``Goals.of``.
        levers
            Null: as it is.
        draws
            Scenarios, in blocks of 2,000: 2,000 while a slider moves, 10,000 once it rests. The
            first 2,000 are among the 10,000.

        Raises
        ------
        DataError
            If targets cannot be read.
        ParameterError
            If there are too many draws.
        """
        levers = levers or OddsLevers()
        today = self.today
        goals = Goals.of(targets, today.steps, today.people, over=levers.over_assignment)
        return self._told(goals, self._played(levers, goals.spans, draws))

    def _luck(self, number: int) -> Luck:
        if number not in self._blocks:
            kept = self._kept_luck() if number == 0 else None
            self._blocks[number] = kept or draw_luck(self.today, seed=self.seed, block=number)
        return self._blocks[number]

    def _kept_luck(self) -> Luck | None:
        """Return the luck of the first scenarios as ``keep`` has laid it; null: it has not."""
        found = read_arrays(self._folder) if self._folder else None
        return None if found is None else luck_from_arrays(found, seed=self.seed, block=0)

    def _played(self, levers: OddsLevers, spans: tuple[Span, ...], draws: int) -> Bookings:
        """Return the bookings of a setting; those of the last one where only targets have moved."""
        known = self._last.get(draws)
        if known is None or (known.levers, known.spans) != (levers, spans):
            known = self._play(levers, spans, draws)
            others = {count: one for count, one in self._last.items() if count != draws}
            self._last = {**dict(list(others.items())[-_BESIDE:]), draws: known}
        return known

    def _play(self, levers: OddsLevers, spans: tuple[Span, ...], draws: int) -> Bookings:
        setting = Setting.of(self.today, levers)
        teams = sorted({team for team in setting.teams if team is not None})
        place = {team: i for i, team in enumerate(teams)}
        groups = np.array([place.get(team, len(teams)) for team in setting.teams])  # type: ignore[arg-type]
        more = {"groups": groups, "count": len(teams) + 1, "spans": spans, "kept": self._kept}
        played = [
            play(self.today, self._luck(number), setting, **more)
            for number in range(_blocks_of(draws))
        ]
        parts = zip(*((one.people, one.groups, one.months) for one in played), strict=True)
        people, team, months = (np.concatenate(part, axis=-1) for part in parts)
        booked = np.stack([self.today.booked_since(span.start) for span in spans], 1)
        people += booked[:-1, :, None].astype(np.float32)
        owner = [place.get(t, len(teams)) for t in self.today.people.teams]  # type: ignore[arg-type]
        np.add.at(team, np.array([*owner, len(teams)]), booked[:, :, None].astype(np.float32))
        return Bookings(levers, spans, teams, people, team, months)

    def _told(self, goals: Goals, played: Bookings) -> OddsAnswer:
        today, spans, people, teams = self.today, goals.spans, played.people, played.names
        company = played.teams.sum(axis=0)
        numbers = range(len(spans))
        names = list(zip(today.people.reps, today.people.teams, strict=True))
        own = [goals.people.get((rep, n)) for rep, _ in names for n in numbers]
        frame = frame_of(names, spans, people, own, PEOPLE)
        of_teams = [goals.teams.get((name, n)) for name in teams for n in numbers]
        all_ = [goals.company.get(n) for n in numbers]
        since = float(today.booked_since(today.steps.start).sum())
        return OddsAnswer(
            levers=played.levers,
            draws=people.shape[-1],
            reps=today.people.reps,
            people=pl.concat([frame, _absent(goals)]),
            teams=frame_of([(name,) for name in teams], spans, played.teams[:-1], of_teams, TEAMS),
            company=frame_of([()], spans, company[None], all_, COMPANY),
            months=fan(played.months, since, today.steps, goals),
            spans=spans,
            bookings=people,
            company_bookings=company,
        )


def _absent(goals: Goals) -> pl.DataFrame:
    """Return the targets of people of whom nothing can be told."""
    rows = [
        {"rep_id": rep, "period_start": span.start, "period_end": span.end, "target": target}
        for rep in goals.absent
        for number, span in enumerate(goals.spans)
        if (target := goals.people.get((rep, number))) is not None
    ]
    return pl.DataFrame(rows, schema=PEOPLE)


def _blocks_of(draws: int) -> int:
    if not 0 < draws <= MOST_DRAWS:
        raise ParameterError(
            "So many draws cannot be made.",
            found=repr(draws),
            do=f"Choose 1 to {MOST_DRAWS}; they come in blocks of {BLOCK}",
        )
    return -(-draws // BLOCK)
