"""Back-solve: how much activity and pipeline a person needs to reach a target at given odds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.model import Company
from spm_lib.reps.skills.counts import activities
from spm_lib.stats import steady
from spm_lib.targets.odds.levers import AS_IS, OddsLevers
from spm_lib.targets.odds.odds import SETTLED, Odds
from spm_lib.targets.odds.people import LEVEL, given_people
from spm_lib.targets.odds.ramp import MONTH

Floats = np.ndarray
MOST = 1.5  # times today's activity: what more would bring nobody has seen
STEP = 0.1  # per week, to which activities are rounded up
_HALVINGS = 14
_STILL_WON = 0.1  # of a deal's wins that must still fall into the horizon to be useful
NEEDED = {
    "rep_id": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "target": pl.Int64,
    "asked": pl.Float64,
    "odds": pl.Float64,
    "reachable": pl.Boolean,
    "multiple": pl.Float64,
    "most_odds": pl.Float64,
    "new_deals_today": pl.Float64,
    "new_deals_needed": pl.Float64,
    "pipeline_needed": pl.Int64,
    "last_useful": pl.Date,
}
ACTIVITIES = {
    "rep_id": pl.String,
    "kind": pl.String,
    "today": pl.Float64,
    "needed": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class BackSolved:
    """What each person needs.

    Attributes
    ----------
    people
        ``rep_id, period_start, period_end, target, asked`` (odds wanted), ``odds`` (as it is),
        ``reachable`` (by no more than ``most`` times today's activity), ``multiple`` (of today's
        activity that is needed; 0: the open deals are enough; null: not reachable), ``most_odds``
        (at the most that is allowed), ``new_deals_today, new_deals_needed`` (created per week),
        ``pipeline_needed`` (Int64 minor units: value of the deals to be created in the horizon),
        ``last_useful`` (the last day on which a new deal has a tenth of its chance still to be won
        in the period).
    activities
        ``rep_id, kind, today, needed`` per week: of each kind of activity what the person does
        (pooled) and, rounded up to ``step``, what is needed; null where not reachable. Activities
        are taken to bring new deals in the person's own proportion: an assumption.
    """

    people: pl.DataFrame
    activities: pl.DataFrame
    most: float
    step: float


def least_multiple(
    chance: Callable[[Floats], Floats], asked: float, *, people: int, most: float
) -> tuple[Floats, Floats, Floats]:
    """Return the least multiples at which the chances reach ``asked``, by halving.

    Parameters
    ----------
    chance
        Multiples per person in, chances out; never lower for a higher multiple.
    asked
        The chance wanted.
    people
        How many.
    most
        The highest multiple tried.

    Returns
    -------
    tuple
        The multiples (NaN: not reached), the chances at today's activity, and those at the most.

    Examples
    --------
    >>> multiple, now, best = least_multiple(lambda m: m / 4, 0.3, people=1, most=1.5)
    >>> round(float(multiple[0]), 3), float(now[0]), float(best[0])
    (1.2, 0.25, 0.375)
    """
    now, best = chance(np.ones(people)), chance(np.full(people, most))
    low, high = np.zeros(people), np.full(people, most)
    at_all = chance(low) >= asked
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = chance(middle) >= asked
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    found = np.where(at_all, 0.0, np.where(best >= asked, high, np.nan))
    return found, now, best


def odds_at(
    odds: Odds,
    targets: pl.DataFrame,
    multiples: Mapping[str, float],
    *,
    levers: OddsLevers | None = None,
    draws: int = SETTLED,
) -> dict[str, float | None]:
    """Return the odds of each person at so many times today's activity: the funnel forwards.

    Of several periods that follow one another the whole counts. Null: no target.
    """
    levers = levers or OddsLevers()
    own = {
        rep: replace(levers.people.get(rep, AS_IS), activity=multiple)
        for rep, multiple in multiples.items()
    }
    people = dict(levers.people) | own
    answer = odds.answer(targets, replace(levers, people=people), draws=draws).people
    last = answer.group_by("rep_id", maintain_order=True).last()
    return dict(last.select("rep_id", "odds").iter_rows())


@steady
def back_solve(
    odds: Odds,
    company: Company,
    targets: pl.DataFrame,
    *,
    asked: float = 0.6,
    most: float = MOST,
    levers: OddsLevers | None = None,
    draws: int = SETTLED,
) -> BackSolved:
    """Return what each person needs to reach the target with the odds asked for.

    Parameters
    ----------
    odds
        Of the company.
    company
        The same company, for its activities.
    targets
        As for ``Odds.answer``; of several periods that follow one another the whole counts.
    asked
        Odds wanted, between 0 and 1.
    most
        Times today's activity that may be asked of anybody: what more of it would bring is not
        known from the past.
    levers
        Everything else; null: as it is.
    draws
        Scenarios.

    Raises
    ------
    ParameterError
        If the odds asked for, or the most, cannot be.
    """
    if not 0 < asked < 1 or not 0 < most <= 5:
        raise ParameterError(
            "These odds cannot be worked back from.",
            found=f"odds {asked}, at most {most} times today's activity",
            do="Ask for odds between 0 and 1 and at most 5 times today's activity",
        )
    first = odds.answer(targets, levers, draws=1).people
    rows = first.group_by("rep_id", maintain_order=True).last()
    rows = rows.filter(pl.col("target").is_not_null() & pl.col("odds").is_not_null())
    reps = rows["rep_id"].to_list()

    def chance(multiples: Floats) -> Floats:
        given = dict(zip(reps, multiples.tolist(), strict=True))
        found = odds_at(odds, targets, given, levers=levers, draws=draws)
        return np.array([found[rep] for rep in reps], float)

    multiple, now, best = least_multiple(chance, asked, people=len(reps), most=most)
    needed = [None if np.isnan(m) else float(m) for m in multiple]
    people = _people(odds, rows, needed, asked=asked).with_columns(
        odds=pl.Series(now, dtype=pl.Float64), most_odds=pl.Series(best, dtype=pl.Float64)
    )
    people = people.select(pl.col(name).cast(kind) for name, kind in NEEDED.items())
    return BackSolved(people, _activities(odds, company, reps, needed), most, STEP)


def _people(
    odds: Odds, rows: pl.DataFrame, needed: list[float | None], *, asked: float
) -> pl.DataFrame:
    today = odds.today
    place = {rep: i for i, rep in enumerate(today.people.reps)}
    mine = [place[rep] for rep in rows["rep_id"].to_list()]
    share = today.people.arrivals.value / today.people.arrivals.value.sum()
    weekly = share[mine] * today.newcomers.coming.mean() * 7
    weeks = (today.steps.edges[-1] - today.steps.edges[0]) / 7
    worth = today.people.size.value[mine] * today.quoted
    deals = [None if m is None else m * w for m, w in zip(needed, weekly, strict=True)]
    ends = rows["period_end"].to_list()
    return rows.select("rep_id", "period_start", "period_end", "target").with_columns(
        asked=pl.lit(asked),
        reachable=pl.Series([m is not None for m in needed], dtype=pl.Boolean),
        multiple=pl.Series(needed, dtype=pl.Float64),
        new_deals_today=pl.Series(weekly, dtype=pl.Float64),
        new_deals_needed=pl.Series(deals, dtype=pl.Float64),
        pipeline_needed=pl.Series(
            [
                None if d is None else round(d * weeks * w)
                for d, w in zip(deals, worth, strict=True)
            ],
            dtype=pl.Int64,
        ),
        last_useful=pl.Series([last_useful(odds, end) for end in ends], dtype=pl.Date),
    )


def last_useful(odds: Odds, end: date) -> date:
    """Return the last day on which a new deal has a tenth of its chance to be won before ``end``.

    The calendar's pace is left aside.
    """
    won = np.cumsum(odds.today.newcomers.per_age)
    needed = int(np.searchsorted(won, _STILL_WON * won[-1]))
    return end - timedelta(days=needed + 1)


def _activities(
    odds: Odds, company: Company, reps: list[str], needed: list[float | None]
) -> pl.DataFrame:
    """Return each kind of activity per week, today and as needed."""
    given = given_people(company, odds.today.window, odds.reps)
    multiple = dict(zip(reps, needed, strict=True))
    rows = []
    for skill in activities(given, seed=0, level=LEVEL):
        kind = skill.id.removeprefix("activity:")
        for rep, value in zip(skill.reps, skill.pooled.shrunk * 7 / MONTH, strict=True):
            if rep in multiple:
                m = multiple[rep]
                rows.append((rep, kind, float(value), None if m is None else up(m * value)))
    return pl.DataFrame(rows, schema=ACTIVITIES, orient="row").sort("rep_id", "kind")


def up(value: float, step: float = STEP) -> float:
    """Round up to a whole number of steps.

    Examples
    --------
    >>> up(3.21), up(3.2), up(0.0)
    (3.3, 3.2, 0.0)
    """
    return round(float(np.ceil(round(value / step, 9))) * step, 9)
