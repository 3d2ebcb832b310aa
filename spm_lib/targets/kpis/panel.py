"""What people did month by month, and what they won in the months after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.metrics import measure
from spm_lib.model import Company

Floats = np.ndarray
OUTCOME = "won.amount"
MONTHS, LAG = 24, 3
_KINDS = 5
_FEWEST = 30  # months of people in which something must have been done to be looked at


@dataclass(frozen=True)
class Candidate:
    """Something that may become a KPI: a metric id, and the part of it.

    ``part`` is a kind of activity or a stage; null: all of it. ``ratio`` says that it is one.
    """

    metric: str
    part: str | None = None
    ratio: bool = False

    @property
    def name(self) -> str:
        """The metric id and its part."""
        return self.metric if self.part is None else f"{self.metric}:{self.part}"


@dataclass(frozen=True, eq=False)
class Panel:
    """People by month.

    Attributes
    ----------
    rep, month
        Whose month it is, and which: numbers, one per row.
    reps, months
        Their names and first days.
    outcome
        Won amount of the ``lag`` months after the month, minor units.
    candidates
        What was looked at.
    values
        (candidates, rows): of the month itself; NaN where it cannot be told.
    """

    rep: np.ndarray
    month: np.ndarray
    reps: tuple[str, ...]
    months: tuple[date, ...]
    outcome: Floats
    candidates: tuple[Candidate, ...]
    values: Floats
    lag: int = LAG


def panel_of(company: Company, *, months: int = MONTHS, lag: int = LAG) -> Panel:
    """Return what each person did in each past month, and what was won in the months after it.

    Only months whose outcome is over at ``as_of`` are taken, and only people on board from the
    month to the end of its outcome. Nothing of a month is known from later: counts are of what
    happened in it.

    Parameters
    ----------
    company
        As known at its ``as_of``.
    months
        How many months back the first one lies, at most.
    lag
        Months after a month whose won amount is looked at.
    """
    end = (company.as_of + timedelta(days=1)).replace(day=1)
    starts = [months_before(end, k) for k in range(months, 0, -1)]
    window = Window(starts[0], end)
    won = _table(measure(company, OUTCOME, by=["rep_id", "month"], window=window).frame, starts)
    reps = tuple(sorted(won))
    later = {rep: _ahead(line, lag) for rep, line in won.items()}
    there = _on_board(company, reps, starts, lag)
    usable = [(r, m) for r in range(len(reps)) for m in range(len(starts) - lag) if there[r, m]]
    rep, month = np.array(usable, dtype=int).reshape(-1, 2).T
    found = [
        (candidate, np.array([lines.get(reps[r], zero)[m] for r, m in usable]))
        for candidate, lines, zero in _candidates(company, window, starts)
    ]
    kept = [(c, values) for c, values in found if _told(values) >= _FEWEST]
    values = [values for _, values in kept] or [np.zeros(len(usable))]
    return Panel(
        rep=rep,
        month=month,
        reps=reps,
        months=tuple(starts),
        outcome=np.array([later[reps[r]][m] for r, m in usable], float),
        candidates=tuple(c for c, _ in kept),
        values=np.stack(values)[: len(kept)],
        lag=lag,
    )


def _candidates(company: Company, window: Window, starts: Sequence[date]):
    """Yield each candidate with its line per person, and the line of who has none."""
    zero, nothing = np.zeros(len(starts)), np.full(len(starts), np.nan)
    created = measure(company, "created.count", by=["rep_id", "month"], window=window).frame
    yield Candidate("created.count"), _table(created, starts), zero
    if company.has("activities"):
        done = measure(
            company, "activity.count", by=["rep_id", "kind", "month"], window=window
        ).frame
        sums = done.drop_nulls("kind").group_by("kind").agg(pl.col("value").sum())
        kinds = sums.sort("value", "kind", descending=[True, False])["kind"].head(_KINDS)
        for kind in kinds.to_list():
            mine = done.filter(pl.col("kind") == kind)
            yield Candidate("activity.count", kind), _table(mine, starts), zero
    if company.has("stage_events"):
        moved = measure(
            company, "stage_conversion.period", by=["rep_id", "month"], window=window
        ).frame
        for stage in moved["stage"].unique(maintain_order=True).drop_nulls().to_list():
            mine = moved.filter(pl.col("stage") == stage)
            line = _table(mine, starts, missing=np.nan)
            yield Candidate("stage_conversion.period", stage, ratio=True), line, nothing
    rate = measure(company, "win_rate.closed.count", by=["rep_id", "month"], window=window).frame
    line = _table(rate, starts, missing=np.nan)
    yield Candidate("win_rate.closed.count", ratio=True), line, nothing


def _table(
    frame: pl.DataFrame, starts: Sequence[date], *, missing: float = 0.0
) -> dict[str, Floats]:
    """Return a line of months per person."""
    place = {start: i for i, start in enumerate(starts)}
    lines: dict[str, Floats] = {}
    for rep, month, value in frame.select("rep_id", "month", "value").iter_rows():
        if rep is not None and month in place and value is not None:
            lines.setdefault(rep, np.full(len(starts), missing))[place[month]] = float(value)
    return lines


def _ahead(line: Floats, lag: int) -> Floats:
    """Return the sum of the ``lag`` months after each month that has so many."""
    total = np.concatenate([[0.0], np.cumsum(line)])
    return total[1 + lag :] - total[1 : len(line) + 1 - lag]


def _on_board(company: Company, reps: Sequence[str], starts: Sequence[date], lag: int) -> Floats:
    """Return whether each person was there from each month to the end of its outcome."""
    table = company.table("reps").unique("rep_id", keep="first", maintain_order=True)
    told = {row[0]: row[1:] for row in table.select("rep_id", "hired_on", "left_on").iter_rows()}
    there = np.zeros((len(reps), len(starts)), dtype=bool)
    for r, rep in enumerate(reps):
        hired, left = told.get(rep, (None, None))
        for m, start in enumerate(starts):
            last = starts[min(m + lag, len(starts) - 1)]
            there[r, m] = (hired is None or hired <= start) and (left is None or left > last)
    return there


def _told(values: Floats) -> int:
    return int((np.nan_to_num(values) != 0).sum())
