"""Targets as the odds need them: per period, for people, teams and the company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.targets.odds.people import People
from spm_lib.targets.odds.steps import Steps

METRIC = "won.amount"
_NEEDED = ("rep_id", "period_start", "period_end", "value")


@dataclass(frozen=True)
class Span:
    """A period of targets ``[start, end)``, and the steps it lies in.

    ``summed`` says that it is the whole of the other periods, whose targets add up to its.
    """

    start: date
    end: date
    first: int
    last: int
    summed: bool = False


@dataclass(frozen=True, eq=False)
class Goals:
    """Targets in minor units; whoever has none in a period is not in it.

    Attributes
    ----------
    spans
        The periods in order; then the whole of them, if they follow one another.
    people, teams
        Target by id and number of the span.
    company
        Target by number of the span.
    absent
        Ids with targets that nobody who sells today has.
    """

    spans: tuple[Span, ...]
    people: dict[tuple[str, int], int]
    teams: dict[tuple[str, int], int]
    company: dict[int, int]
    absent: tuple[str, ...]

    @classmethod
    def of(cls, targets: pl.DataFrame, steps: Steps, people: People, *, over: float) -> Goals:
        """Read targets.

        Parameters
        ----------
        targets
            ``rep_id, period_start, period_end, value`` (Int64 minor units; null: none), perhaps
            ``team`` and ``metric`` as in the table of targets. Rows without ``rep_id`` are of a
            team or, without that too, of the company. Teams without rows have the sum of their
            people's; the company that of all people, over 1 + ``over``.

        Raises
        ------
        DataError
            If a column lacks, or a period does not begin and end with steps of the horizon.
        """
        rows = _checked(targets)
        spans = _spans(rows, steps)
        place = {(span.start, span.end): i for i, span in enumerate(spans)}
        people_: dict[tuple[str, int], int] = {}
        teams: dict[tuple[str, int], int] = {}
        company: dict[int, int] = {}
        for rep, team, start, end, value in rows.iter_rows():
            number = place[start, end]
            if rep is not None:
                people_[rep, number] = people_.get((rep, number), 0) + value
            elif team is not None:
                teams[team, number] = teams.get((team, number), 0) + value
            else:
                company[number] = company.get(number, 0) + value
        goals = cls(spans, people_, teams, company, _absent(people_, people))
        return goals._filled(people, over)

    def _filled(self, people: People, over: float) -> Goals:
        """Add up what is not given: whole periods, teams, the company."""
        own, teams, company = dict(self.people), dict(self.teams), dict(self.company)
        team_of = dict(zip(people.reps, people.teams, strict=True))
        for number in range(len(self.spans)):
            mine = {rep: v for (rep, n), v in self.people.items() if n == number}
            sums: dict[str, int] = {}
            for rep, value in mine.items():
                if (team := team_of.get(rep)) is not None:
                    sums[team] = sums.get(team, 0) + value
            teams = {(team, number): value for team, value in sums.items()} | teams
            if mine:
                company.setdefault(number, round(sum(mine.values()) / (1 + over)))
        for kept in (own, teams):
            _add_whole(kept, self.spans)
        whole = _whole(self.spans)
        if whole is not None and whole not in company and all(n in company for n in range(whole)):
            company[whole] = sum(company[n] for n in range(whole))
        return Goals(self.spans, own, teams, company, self.absent)


def _checked(targets: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in _NEEDED if name not in targets.columns]
    if missing:
        raise DataError(
            "Targets lack columns that odds need.",
            found=", ".join(targets.columns) or "no columns",
            do=f"Give {', '.join(missing)} too",
        )
    if "metric" in targets.columns:
        targets = targets.filter(pl.col("metric").fill_null(METRIC) == METRIC)
    if "team" not in targets.columns:
        targets = targets.with_columns(team=pl.lit(None, pl.String))
    return targets.select(
        pl.col("rep_id").cast(pl.String),
        pl.col("team").cast(pl.String),
        "period_start",
        "period_end",
        pl.col("value").cast(pl.Int64),
    ).drop_nulls("value")


def _spans(rows: pl.DataFrame, steps: Steps) -> tuple[Span, ...]:
    told = rows.select("period_start", "period_end").unique().sort("period_start", "period_end")
    spans = [_span(start, end, steps) for start, end in told.iter_rows()]
    follow = all(one.end == other.start for one, other in pairwise(spans))
    if len(spans) > 1 and follow:
        spans.append(
            Span(spans[0].start, spans[-1].end, spans[0].first, spans[-1].last, summed=True)
        )
    return tuple(spans)


def _span(start: date, end: date, steps: Steps) -> Span:
    first, last = steps.place(start), steps.place(end)
    if first is None or last is None or first >= last or start < steps.start or end > steps.end:
        raise DataError(
            "A target's period cannot be looked at month by month within the horizon.",
            found=f"[{start}, {end}) in [{steps.start}, {steps.end})",
            do="Begin and end periods with months inside the horizon, after today",
        )
    return Span(start, end, first, last)


def _absent(found: dict[tuple[str, int], int], people: People) -> tuple[str, ...]:
    return tuple(sorted({rep for rep, _ in found} - set(people.reps)))


def _whole(spans: Sequence[Span]) -> int | None:
    return len(spans) - 1 if spans and spans[-1].summed else None


def _add_whole(kept: dict[tuple[str, int], int], spans: Sequence[Span]) -> None:
    """Add the sum of all periods for whoever has a target in each of them."""
    whole = _whole(spans)
    if whole is None:
        return
    for name in sorted({name for name, _ in kept}):
        each = [kept.get((name, number)) for number in range(whole)]
        if None not in each:
            kept.setdefault((name, whole), sum(value for value in each if value is not None))
