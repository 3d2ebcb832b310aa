"""What is known today: people and their rates, open deals, the pace of new ones, past shocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.forecast.horizon import day_number
from spm_lib.forecast.methods.new_business import RECENT
from spm_lib.forecast.past.clocks import arrival_pace, winning_pace
from spm_lib.forecast.past.exposure import won_level
from spm_lib.forecast.past.history import History, history_of, reps_of
from spm_lib.model import Company
from spm_lib.targets.baseline import RAMP
from spm_lib.targets.odds.bookings_table import BookingsTable
from spm_lib.targets.odds.kept_arrays import Arrays, kept_arrays
from spm_lib.targets.odds.newcomers import Newcomers
from spm_lib.targets.odds.people import People
from spm_lib.targets.odds.pipeline import Pipeline
from spm_lib.targets.odds.ramp import ramped
from spm_lib.targets.odds.steps import Steps

Floats = np.ndarray
FAR = 4.0  # times as many wins a month as today's busiest: how far the table reaches
_QUARTERS = 12
_LEAST_SHOCK = 0.05
_YEAR, _MONTH, _LEAST_MONTHS, _MOST_MONTH = 365, 30, 12, 0.5


@dataclass(frozen=True, eq=False)
class Shocks:
    """Standard deviations (log scale) of what moves everybody beyond luck.

    Attributes
    ----------
    level
        Of the pace of new deals, from one quarter to the next, and of its estimate today.
    month
        Of the wins of one month.
    """

    level: float
    month: float


@dataclass(frozen=True, eq=False)
class Today:
    """All that the odds are played from.

    Attributes
    ----------
    steps
        The time to come.
    window
        The months the rates are taken from.
    people, pipeline, newcomers
        Who sells, what is open, what is to come.
    owner
        Place of the owner of each open deal among the people; their number: somebody else.
    quoted
        Amount of a deal when it is created over the amount of one that is won.
    shares
        What part of the company's new wins each person brings, once fully ramped.
    history, mine
        The deals, and the place of each of their owners among the people.
    kept
        Folder of all that is known of just this day, window and horizon; null: nothing is kept.
    """

    currency: str
    as_of: date
    steps: Steps
    window: Window
    people: People
    pipeline: Pipeline
    owner: np.ndarray
    newcomers: Newcomers
    shocks: Shocks
    history: History
    mine: np.ndarray
    table: BookingsTable
    shares: Floats
    quoted: float
    kept: Path | None

    @classmethod
    def of(
        cls,
        company: Company,
        *,
        start: date,
        end: date,
        window: Window | None,
        kept: Path | None = None,
    ) -> Today:
        """Learn from what the company knows at its date.

        Parameters
        ----------
        company
            In its scope.
        start, end, window
            As of ``Odds.of``.
        kept
            Folder of these rows where what takes long to learn is kept; null: it is not.

        Raises
        ------
        DataError
            If nothing was won by people on board, so that there is nothing to play through.
        ParameterError
            If the horizon cannot be played through.
        """
        window = window or company.default_window()
        steps = Steps.of(company.as_of, start, end)
        history = history_of(company, reps=reps_of(company))
        people = People.of(company, window)
        if people is None or not history.has_created:
            raise DataError(
                "There is nothing to play through: no deal with owner, amount and dates was won "
                "by somebody on board.",
                found=f"{len(history.won.day)} won deals, {window.label}",
                do="Map rep_id, amount, created_at and closed_at, or open at a later as_of",
            )
        place = {rep: i for i, rep in enumerate(people.reps)}
        mine = np.array([place.get(rep, len(place)) for rep in history.reps])
        able = people.conversion.value / people.conversion.value.mean()
        skill = np.append(able, 1.0)[mine]
        if kept is not None:
            kept = kept / f"{company.as_of}-{window.start}-{window.end}"
        known = kept_arrays(kept and kept / "pipeline", lambda: vars(Pipeline.of(history, skill)))
        pipeline = Pipeline(**known)
        if kept is not None:  # chances of open deals are those of any horizon, the rest are not
            kept = kept / f"{start}-{end}"
        newcomers = Newcomers.of(history, steps, kept=kept and kept / "newcomers")
        most = max(FAR * float(newcomers.wins().sum(axis=0).max()), 1.0)
        shape = people.shape
        table = kept_arrays(
            kept and kept / "table",
            lambda: vars(BookingsTable.of(shape, dispersion=1.0, most=most)),
        )
        return cls(
            currency=company.currency,
            as_of=company.as_of,
            steps=steps,
            window=window,
            people=people,
            pipeline=pipeline,
            owner=np.where(pipeline.rep >= 0, mine[np.maximum(pipeline.rep, 0)], len(place)),
            newcomers=newcomers,
            shocks=_shocks(history, kept and kept / "shocks"),
            shares=_shares(people, steps),
            quoted=_quoted(history),
            history=history,
            mine=mine,
            table=BookingsTable(**table),
            kept=kept,
        )

    def booked_since(self, day: date) -> Floats:
        """Return what was won from a day to today, per person and for all others; minor units."""
        value = self.history.won_value(day_number(day), self.history.origin + 1)
        return np.bincount(self.mine, value, minlength=len(self.people.reps) + 1)


def _shares(people: People, steps: Steps) -> Floats:
    value = people.arrivals.value * people.conversion.value
    now = ramped(steps, people.hired, RAMP)[:, 0]
    return value / max(float(value @ now), 1e-12)


def _quoted(history: History) -> float:
    """Return the mean amount of deals when first told over that of the deals won; 1: untold."""
    lives, spans = history.lives, history.lives.stretches
    told = np.flatnonzero(spans.amount > 0)
    _, first = np.unique(spans.deal[told], return_index=True)
    worth = lives.won_amount[lives.won_amount > 0]
    if not len(first) or not len(worth):
        return 1.0
    return float(spans.amount[told[first]].mean() / worth.mean())


def _shocks(history: History, kept: Path | None) -> Shocks:
    """Estimate how unsteady the pace of new deals is, and that of winning, beyond chance."""

    def learned() -> Arrays:
        variances = _level_variance(history), month_variance(history)
        return {"spreads": np.sqrt(np.array(variances))}

    level, month = kept_arrays(kept, learned)["spreads"].tolist()
    return Shocks(level, month)


def _level_variance(history: History) -> float:
    """Return the variance of the log of the next quarter's pace of new deals against the last.

    Beyond chance: mean squared log ratio of neighbouring stretches of 91 days, the calendar's pace
    allowed for, less what Poisson counts alone would give; and what the last one alone leaves open.
    """
    pace, created = arrival_pace(history), history.lives.created
    first = max(history.since, int(created[created > 0].min(initial=history.origin)))
    ends = np.arange(history.origin + 1, first + RECENT, -RECENT)[: _QUARTERS + 1][::-1]
    if len(ends) < 3:
        return 0.3**2
    counts = np.array([((created >= e - RECENT) & (created < e)).sum() for e in ends], float)
    usual = np.array([pace.between(e - RECENT, e) for e in ends])
    rate = np.maximum(counts, 0.5) / np.maximum(usual, 1e-9)
    excess = (
        np.diff(np.log(rate)) ** 2 - 1 / np.maximum(counts[1:], 1) - 1 / np.maximum(counts[:-1], 1)
    )
    return max(float(excess.mean()), _LEAST_SHOCK**2) + 1 / max(float(counts[-1]), 1.0)


def month_variance(history: History) -> float:
    """Return the variance of months' wins about what open deals and the calendar let expect.

    Beyond chance, relative: ``sum((O - E)^2 - O) / sum E^2`` over stretches of 30 days of the last
    two years; 0 where fewer than 12 are known.
    """
    since, end = max(history.since, history.origin + 1 - 2 * _YEAR), history.origin + 1
    count = (end - since) // _MONTH
    if count < _LEAST_MONTHS or not history.lives.stretches.deal.size:
        return 0.0
    start = end - count * _MONTH
    level = won_level(history.lives, since=start, origin=history.origin)
    speed = np.diff(winning_pace(history).until(np.arange(start, end + 1)))
    expected = (level * speed).reshape(count, _MONTH).sum(axis=1)
    days = history.won.day[(history.won.day >= start) & (history.won.day < end)]
    won = np.bincount((days - start) // _MONTH, minlength=count)
    expected *= won.sum() / max(float(expected.sum()), 1e-9)
    excess = float(((won - expected) ** 2 - won).sum()) / max(float((expected**2).sum()), 1e-9)
    return float(np.clip(excess, 0.0, _MOST_MONTH**2))
