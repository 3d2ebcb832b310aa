"""Alerts: whose win rate has really changed, asked weekly with a stated rate of false alarms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.statement import Statement
from spm_lib.model import Company, Figure, places_on
from spm_lib.reps.comparison.closed_deals import closed_deals
from spm_lib.stats import ChangeEvidence, change_against_others, change_in_share

LEVEL = 0.05  # chance of a false alarm per person and watch, at most
WEEKS = 105  # of a watch: from the start of the fiscal year before this one, two years at most
FEWEST_OTHERS = 5
FEWEST_DEALS = 20
MOST = 1 / 3  # of the others' deals that one of them may have: else one who changes moves them all
FEWEST_COMPARED = 3
WATCHED = {
    "rep_id": pl.String,
    "n": pl.Int64,
    "evidence": pl.Float64,
    "raised_on": pl.Date,
    "new": pl.Boolean,
    "since": pl.Date,
    "direction": pl.String,
    "before": pl.Float64,
    "n_before": pl.Int64,
    "after": pl.Float64,
    "n_after": pl.Int64,
    "others_before": pl.Float64,
    "others_after": pl.Float64,
    "team": pl.String,
    "manager_id": pl.String,
}


@dataclass(frozen=True, eq=False)
class Alerts:
    """Win rates watched week by week.

    Attributes
    ----------
    watch
        ``[start, end)`` of whole weeks: it begins with the fiscal year before this one, so that
        its beginning never depends on what was seen.
    watched
        One row per person with 20 decided deals in the watch, sorted by ``rep_id``: ``n`` decided
        deals, ``evidence`` (highest so far: how many times likelier the deals are if it changed),
        ``raised_on`` (end of the first week in which it reached 1 / level; null: no alarm),
        ``new`` (raised in the last week), ``since`` (start of the week in which the change most
        likely began), ``direction`` ("up", "down"), ``before, n_before, after, n_after`` (win rate
        and decided deals on both sides), ``others_before, others_after`` (of those compared with;
        null where they are fewer than five), ``team, manager_id`` (at ``as_of``).
    against_others
        Whether each was watched against the others' rate of the same weeks, or against the own
        past only (fewer than five others).
    level
        The chance of a false alarm per person over the whole watch, at most.
    unwatched
        Those with deals enough who are not watched: hardly anybody else has as many.
    """

    company: Company = field(repr=False)
    watch: Window
    watched: pl.DataFrame
    against_others: bool
    level: float
    unwatched: tuple[str, ...] = ()

    @property
    def raised(self) -> pl.DataFrame:
        """The people whose rate has really changed, newest alarm first."""
        alarms = self.watched.filter(pl.col("raised_on").is_not_null())
        return alarms.sort("raised_on", "rep_id", descending=[True, False])

    @property
    def weeks(self) -> int:
        """How many weekly looks the watch has had."""
        return (self.watch.end - self.watch.start).days // 7

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What has changed, in words."""
        from spm_lib.reps.alerts.words import alerts_words

        return alerts_words(self)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.reps.alerts.figures import alerts_figures

        return alerts_figures(self)


def changed_rates(company: Company, *, level: float = LEVEL) -> Alerts:
    """Watch each person's win rate, week by week, for a change that is more than luck.

    Deals count in the week of their close, for the owner then. With five others or more each week
    is compared with everybody else's, so that a quarter's end or a holiday is no alarm; the test
    survives being looked at every week (see ``change_against_others``). One of the others who has
    over a third of their deals is left out: a change of theirs would be everybody's alarm.
    """
    watch = watch_of(company)
    weeks = (watch.end - watch.start).days // 7
    deals = closed_deals(company, watch)
    week = (pl.col("closed_on") - pl.lit(watch.start)).dt.total_days() // 7
    counts = deals.group_by("rep_id", week=week).agg(won=pl.col("won").sum(), n=pl.len())
    people = deals["rep_id"].unique().sort().to_list()
    won, n = np.zeros((len(people), weeks)), np.zeros((len(people), weeks))
    place = {rep: i for i, rep in enumerate(people)}
    for rep, at, k, all_ in counts.iter_rows():
        won[place[rep], at], n[place[rep], at] = k, all_
    against = len(people) - 1 >= FEWEST_OTHERS
    enough = [rep for rep in people if n[place[rep]].sum() >= FEWEST_DEALS]
    with_whom = {rep: compared(n.sum(axis=1), place[rep]) if against else None for rep in enough}
    unwatched = tuple(r for r, kept in with_whom.items() if kept is not None and not kept.any())
    rows = [
        _watched(rep, won, n, place[rep], watch=watch, level=level, others=with_whom[rep])
        for rep in enough
        if rep not in unwatched
    ]
    schema = {name: kind for name, kind in WATCHED.items() if name not in ("team", "manager_id")}
    frame = pl.DataFrame(rows, schema=schema)
    placed = frame.join(places_on(company), on="rep_id", how="left", maintain_order="left")
    return Alerts(company, watch, placed.select(list(WATCHED)), against, level, unwatched)


def compared(cases: np.ndarray, at: int) -> np.ndarray:
    """Say with whom one person is compared: the others, none with over a third of their cases.

    The heaviest is left out first, then it is asked again; with fewer than three left, nobody.

    Examples
    --------
    >>> compared(np.array([20, 90, 20, 20, 20, 20]), 0).tolist()
    [False, False, True, True, True, True]
    >>> compared(np.array([20, 81, 27, 9, 3, 1]), 0).any()
    np.False_
    """
    kept = cases > 0
    kept[at] = False
    while kept.sum() >= FEWEST_COMPARED:
        heaviest = int(np.argmax(np.where(kept, cases, 0)))
        if cases[heaviest] <= MOST * cases[kept].sum():
            return kept
        kept[heaviest] = False
    return np.zeros(len(cases), dtype=bool)


def watch_of(company: Company) -> Window:
    """Return the whole weeks since the start of the fiscal year before this one."""
    year = company.calendar.period_of(company.as_of, "year")
    start = company.calendar.period_of(year.start - timedelta(days=1), "year").start
    weeks = (company.as_of + timedelta(days=1) - start).days // 7
    return Window(start, start + timedelta(weeks=weeks))


def _watched(
    rep: str,
    won: np.ndarray,
    n: np.ndarray,
    at: int,
    *,
    watch: Window,
    level: float,
    others: np.ndarray | None,
) -> dict[str, object]:
    kept = np.zeros(len(n), dtype=bool) if others is None else others
    peers = won[kept].sum(axis=0), n[kept].sum(axis=0)
    found = (
        change_in_share(won[at], n[at], planned=WEEKS)
        if others is None
        else change_against_others(won[at], n[at], *peers, planned=WEEKS)
    )
    told = kept.sum() >= FEWEST_OTHERS
    alarm = found.alarm(level)
    weeks = won.shape[1]
    split = slice(0, found.begun), slice(found.begun, weeks)
    mine = [_share(won[at, part], n[at, part]) for part in split]
    theirs = [_share(peers[0][part], peers[1][part]) for part in split]
    return {
        "rep_id": rep,
        "n": int(n[at].sum()),
        "evidence": float(np.exp(min(found.log_e.max(), 50.0))),
        "raised_on": None if alarm is None else _day(watch, alarm + 1, last=True),
        "new": alarm is not None and alarm == weeks - 1,
        "since": _day(watch, found.begun),
        "direction": _direction(found),
        "before": mine[0],
        "n_before": int(n[at, split[0]].sum()),
        "after": mine[1],
        "n_after": int(n[at, split[1]].sum()),
        "others_before": theirs[0] if told else None,
        "others_after": theirs[1] if told else None,
    }


def _direction(found: ChangeEvidence) -> str:
    return "up" if found.after > found.before else "down"


def _share(won: np.ndarray, n: np.ndarray) -> float | None:
    return float(won.sum() / n.sum()) if n.sum() else None


def _day(watch: Window, week: int, *, last: bool = False) -> date:
    return watch.start + timedelta(weeks=week) - timedelta(days=int(last))
