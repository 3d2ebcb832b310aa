"""Targets over time: what each period of the year weighs for each person, and the split by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache, cached_property

import polars as pl

from spm_lib.core.calendar import Period, Window, WorkCalendar
from spm_lib.core.errors import DataError
from spm_lib.targets.over_time.day_weights import DayWeights
from spm_lib.targets.over_time.presence import Presence, presences
from spm_lib.targets.over_time.season import Season
from spm_lib.targets.ratio import Ratio, half_up
from spm_lib.targets.sharing.limits import whole_parts
from spm_lib.targets.sharing.rounding import split_in_steps

DEFAULT_METRIC = "won.amount"
_TARGETS = {
    "rep_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "metric": pl.String,
    "value": pl.Int64,
}
_WEIGHTS = {
    "rep_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "full": pl.Float64,
    "there": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class TimePlan:
    """What each period of a window weighs for each person.

    Attributes
    ----------
    window
        The days the plan is of, usually a year, ``[start, end)``.
    periods
        Its periods, in order, cut to the window.
    full
        Weight of each period for somebody who is there all of it; they sum to 1.
    there
        By rep_id: the same for what is there of the person (hire and leave dates, leave,
        part-time, ramp).
    """

    window: Window
    periods: tuple[Period, ...]
    full: tuple[Fraction, ...]
    there: dict[str, tuple[Fraction, ...]]
    _whole: dict[int, list[int]] = field(default_factory=dict, init=False, repr=False)

    @property
    def weights(self) -> pl.DataFrame:
        """Per person and period: ``rep_id, period_start, period_end, full, there`` (Float64)."""
        rows = [
            (who, period.start, period.end, float(full), float(there))
            for who, parts in self.there.items()
            for period, full, there in zip(self.periods, self.full, parts, strict=True)
        ]
        return pl.DataFrame(rows, schema=_WEIGHTS, orient="row")

    @cached_property
    def time_there(self) -> pl.DataFrame:
        """Per person the share of a full year that is there: ``rep_id, time_there`` (0 to 1).

        A basis to share out by: who comes in July gets half as much.
        """
        alike = {id(parts): parts for parts in self.there.values()}
        sums = {key: float(sum(parts)) for key, parts in alike.items()}
        rows = [(who, sums[id(parts)]) for who, parts in self.there.items()]
        schema = {"rep_id": pl.String, "time_there": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def prorated(self, targets: pl.DataFrame) -> pl.DataFrame:
        """Return what each carries of a full year's target: ``rep_id, value``, rounded half up.

        Parameters
        ----------
        targets
            ``rep_id``, ``value`` (Int64): targets of people who are there all of the window.

        Raises
        ------
        DataError
            If somebody is not in the plan.
        """
        rows = [
            (who, half_up(value * sum(self._of(who), Fraction(0))))
            for who, value in targets.select("rep_id", "value").iter_rows()
        ]
        return pl.DataFrame(rows, schema={"rep_id": pl.String, "value": pl.Int64}, orient="row")

    def spread(
        self, targets: pl.DataFrame, *, step: int = 1, metric: str = DEFAULT_METRIC
    ) -> pl.DataFrame:
        """Split each person's target over the periods; the parts add up to it exactly.

        Parameters
        ----------
        targets
            ``rep_id``, ``value`` (Int64, minor units): what each carries in the window.
        step
            Parts are multiples of it, but for one where the target is none.
        metric
            The metric the targets are of.

        Returns
        -------
        DataFrame
            One row per person and period, as in the table ``targets``: ``rep_id,
            period_start, period_end, metric, value``. Periods in which a person is not there have
            no row.

        Raises
        ------
        DataError
            If somebody is not in the plan, or has a target and is not there on any day.
        """
        rows = [
            row
            for who, value in targets.select("rep_id", "value").iter_rows()
            for row in self._split(who, value, step=step)
        ]
        columns = list(zip(*rows, strict=True)) or [()] * 4
        reps, starts, ends, values = columns
        told = {"rep_id": reps, "period_start": starts, "period_end": ends, "value": values}
        frame = pl.DataFrame(told, schema={name: _TARGETS[name] for name in told})
        return frame.with_columns(metric=pl.lit(metric)).select(list(_TARGETS))

    def _split(self, who: str, value: int, *, step: int) -> Iterator[tuple]:
        weights = self._whole_of(self._of(who))
        if not any(weights):
            if value:
                raise DataError(
                    "Somebody who is not there has a target.",
                    found=f"{who}: {value:,} minor units, nobody there from {self.window.label}",
                    do="Take the person out of the share-out, or mend hire and leave dates",
                )
            return
        given = split_in_steps(value, weights, keys=self._keys, step=step)
        for period, part, weight in zip(self.periods, given, weights, strict=True):
            if weight:
                yield who, period.start, period.end, part

    @cached_property
    def _keys(self) -> list[str]:
        return [period.start.isoformat() for period in self.periods]

    def _whole_of(self, parts: tuple[Fraction, ...]) -> list[int]:
        """Return weights as whole numbers; people who are there alike share them."""
        if id(parts) not in self._whole:
            self._whole[id(parts)] = whole_parts(parts)[0]
        return self._whole[id(parts)]

    def _of(self, who: str) -> tuple[Fraction, ...]:
        if who not in self.there:
            raise DataError(
                "A target is of somebody who is not in the plan.",
                found=who,
                do="Give plan_time everybody who has a target",
            )
        return self.there[who]


def plan_time(
    people: pl.DataFrame,
    *,
    window: Window,
    calendar: WorkCalendar,
    grain: str = "month",
    season: Season | None = None,
    intermediate: Ratio = 1,
    ramp: Sequence[Ratio] = (),
    absences: pl.DataFrame | None = None,
) -> TimePlan:
    """Weigh the periods of a year for each person.

    Parameters
    ----------
    people
        ``rep_id`` and, where known, ``hired_on, left_on, part_time`` (see ``presences``).
    window
        The days to plan, ``[start, end)``.
    calendar
        The client's: working days, public holidays, fiscal year.
    grain
        day, week, month, quarter or year.
    season
        Strength of the months; None: all working days weigh the same.
    intermediate
        What an intermediate day of Passover or Sukkot counts of a working day, 0 to 1.
    ramp
        Share of a full person in the first, second, ... month after the hire date: given, or
        learned from the company's own hires (``learn_ramp``).
    absences
        Leave and dated part-time: ``rep_id, start, end, away`` (see ``presences``).

    Raises
    ------
    DataError
        If no day of the window weighs anything, or an absence cannot be.
    ParameterError
        If a share is not from 0 to 1, or there is no such grain.

    Examples
    --------
    >>> from datetime import date
    >>> plan = plan_time(
    ...     pl.DataFrame({"rep_id": ["a"], "hired_on": [date(2019, 3, 1)]}),
    ...     window=Window(date(2019, 1, 1), date(2020, 1, 1)),
    ...     calendar=WorkCalendar(),
    ...     grain="quarter",
    ...     season=Season.of_quarters(["0.20", "0.20", "0.20", "0.40"]),
    ... )
    >>> carried = plan.prorated(pl.DataFrame({"rep_id": ["a"], "value": [10_000_000]}))
    >>> plan.spread(carried)["value"].to_list()
    [666667, 2000000, 2000000, 4000000]
    """
    days = DayWeights.of(
        window, calendar=calendar, season=season or Season(), intermediate=intermediate
    )
    whole = days.between(window.start, window.end)
    if not whole:
        raise DataError(
            "No day of the window has a weight.",
            found=window.label,
            do="Plan days on which people work, in months whose season is not 0",
        )
    periods = tuple(_cut(period, window) for period in calendar.periods(grain, window))
    full = tuple(days.between(period.start, period.end) / whole for period in periods)

    @cache  # most people are there all the time, whenever they came
    def weights(since: tuple[date, ...], share: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        presence = Presence(since, share)
        return tuple(_weight(days, presence, period) / whole for period in periods)

    present = presences(people, ramp=ramp, absences=absences)
    there = {who: weights(*presence.within(window)) for who, presence in present.items()}
    return TimePlan(window, periods, full, there)


def _cut(period: Period, window: Window) -> Period:
    start, end = max(period.start, window.start), min(period.end, window.end)
    return Period(period.grain, start, end, period.label)


def _weight(days: DayWeights, presence: Presence, period: Period) -> Fraction:
    pieces = presence.pieces(period.window)
    return sum((days.between(a, b) * share for a, b, share in pieces if share), Fraction(0))
