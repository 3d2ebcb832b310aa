"""Alerts: whose ratios have really changed, asked weekly with a stated rate of false alarms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.statement import Statement
from spm_lib.model import Company, Figure, places_on
from spm_lib.reps.alerts.ratios import Weekly, weekly_ratios
from spm_lib.stats import ChangeEvidence, change_against_others, change_in_share

LEVEL = 0.05  # chance of a false alarm of any ratio per person and watch, at most
WEEKS = 105  # of a watch: from the start of the fiscal year before this one, two years at most
FEWEST_OTHERS = 5
FEWEST_DEALS = 20
MOST = 1 / 3  # of the others' deals that one of them may have: else one who changes moves them all
FEWEST_COMPARED = 3
WATCHED = {
    "rep_id": pl.String,
    "ratio": pl.String,
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
    """Ratios watched week by week: win rate, forward from each stage, activity on new deals.

    Attributes
    ----------
    watch
        ``[start, end)`` of whole weeks: it begins with the fiscal year before this one, so that
        its beginning never depends on what was seen.
    watched
        One row per person and ratio with 20 cases in the watch, the win rates first, by ``rep_id``:
        ``ratio`` (see ``Weekly``), ``n`` cases, ``evidence`` (highest so far: how many times
        likelier the cases are if it changed), ``raised_on`` (end of the first week in which it
        reached ``threshold``; null: no alarm), ``new`` (raised in the last week), ``since`` (start
        of the week in which the change most likely began), ``direction`` ("up", "down"), ``before,
        n_before, after, n_after`` (ratio and cases on both sides), ``others_before, others_after``
        (of those compared with; null where they are fewer than five), ``team, manager_id`` (at
        ``as_of``).
    against_others
        Whether each was watched against the others' rate of the same weeks, or against the own
        past only (fewer than five others).
    level
        The chance of a false alarm of any ratio per person over the whole watch, at most.
    ratios
        How many ratios the tables tell of: each gets its share of the level, so that the more are
        watched the surer every one must be (Bonferroni; valid however they hang together).
    unwatched
        Those with deals enough whose win rate is not watched: hardly anybody else has as many.
    """

    company: Company = field(repr=False)
    watch: Window
    watched: pl.DataFrame
    against_others: bool
    level: float
    ratios: int = 1
    unwatched: tuple[str, ...] = ()

    @property
    def raised(self) -> pl.DataFrame:
        """The ratios that have really changed, newest alarm first."""
        alarms = self.watched.filter(pl.col("raised_on").is_not_null())
        by = ("raised_on", "rep_id", "ratio")
        return alarms.sort(by, descending=[True, False, False])

    @property
    def people(self) -> int:
        """How many people are watched."""
        return self.watched["rep_id"].n_unique()

    @property
    def threshold(self) -> float:
        """The evidence at which an alarm is raised: 20 times the number of ratios."""
        return self.ratios / self.level

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
    """Watch each person's ratios, week by week, for a change that is more than luck.

    Watched are the win rate, the share of visits to each stage that went forward, and the shares of
    new deals with each kind of activity in their first seven days (see ``weekly_ratios``). Cases
    count in the week in which they were decided, for the owner then. With five others or more each
    week is compared with everybody else's, so that a quarter's end or a holiday is no alarm; the
    test survives being looked at every week (see ``change_against_others``). One of the others who
    has over a third of their cases is left out: a change of theirs would be everybody's alarm.
    ``level`` holds for all ratios of a person together.
    """
    watch = watch_of(company)
    ratios = weekly_ratios(company, watch)
    told = [_Watch(one, watch, level / len(ratios)) for one in ratios]
    schema = {name: kind for name, kind in WATCHED.items() if name not in ("team", "manager_id")}
    frame = pl.DataFrame([row for one in told for row in one.rows()], schema=schema)
    placed = frame.join(places_on(company), on="rep_id", how="left", maintain_order="left")
    first = told[0]
    return Alerts(
        company=company,
        watch=watch,
        watched=placed.select(list(WATCHED)),
        against_others=first.against,
        level=level,
        ratios=len(ratios),
        unwatched=first.unwatched,
    )


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


class _Watch:
    """The watch of one ratio: who is compared with whom, and a row per person."""

    def __init__(self, ratio: Weekly, watch: Window, level: float) -> None:
        self.ratio, self.watch, self.level = ratio, watch, level
        self.against = len(ratio.reps) - 1 >= FEWEST_OTHERS
        cases = ratio.cases.sum(axis=1)
        enough = np.flatnonzero(cases >= FEWEST_DEALS).tolist()
        nobody = np.zeros(len(cases), dtype=bool)
        whom = {at: compared(cases, at) if self.against else nobody for at in enough}
        self.whom = {at: kept for at, kept in whom.items() if kept.any() or not self.against}
        self.unwatched = tuple(ratio.reps[at] for at in enough if at not in self.whom)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per person who is watched.

        Who has changed moves the rate of everybody's others. So an alarm stands only if it stands
        too without those others of whom the change is even more evident.
        """
        found = {at: self._row(at, kept) for at, kept in self.whom.items()}
        sure = {at: row["evidence"] for at, row in found.items() if row["raised_on"] is not None}
        for at, evidence in sure.items():
            surer = [other for other in sure if sure[other] > evidence]
            kept = self.whom[at].copy()
            kept[surer] = False
            if surer and self.against and kept.sum() >= FEWEST_COMPARED:
                first, found[at] = found[at]["raised_on"], self._row(at, kept)
                if found[at]["raised_on"] is not None:
                    found[at]["raised_on"] = max(found[at]["raised_on"], first)
        return list(found.values())

    def _row(self, at: int, kept: np.ndarray) -> dict[str, Any]:
        hits, cases = self.ratio.hits, self.ratio.cases
        peers = hits[kept].sum(axis=0), cases[kept].sum(axis=0)
        found = (
            change_against_others(hits[at], cases[at], *peers, planned=WEEKS)
            if self.against
            else change_in_share(hits[at], cases[at], planned=WEEKS)
        )
        told = kept.sum() >= FEWEST_OTHERS
        alarm = found.alarm(self.level)
        weeks = hits.shape[1]
        split = slice(0, found.begun), slice(found.begun, weeks)
        mine = [_share(hits[at, part], cases[at, part]) for part in split]
        theirs = [_share(peers[0][part], peers[1][part]) for part in split]
        return {
            "rep_id": self.ratio.reps[at],
            "ratio": self.ratio.id,
            "n": int(cases[at].sum()),
            "evidence": float(np.exp(min(found.log_e.max(), 50.0))),
            "raised_on": None if alarm is None else _day(self.watch, alarm + 1, last=True),
            "new": alarm is not None and alarm == weeks - 1,
            "since": _day(self.watch, found.begun),
            "direction": _direction(found),
            "before": mine[0],
            "n_before": int(cases[at, split[0]].sum()),
            "after": mine[1],
            "n_after": int(cases[at, split[1]].sum()),
            "others_before": theirs[0] if told else None,
            "others_after": theirs[1] if told else None,
        }


def _direction(found: ChangeEvidence) -> str:
    return "up" if found.after > found.before else "down"


def _share(won: np.ndarray, n: np.ndarray) -> float | None:
    return float(won.sum() / n.sum()) if n.sum() else None


def _day(watch: Window, week: int, *, last: bool = False) -> date:
    return watch.start + timedelta(weeks=week) - timedelta(days=int(last))
