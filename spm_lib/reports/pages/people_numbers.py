"""The numbers of people, one by one: the same on a person's own page and on the manager's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.calendar import Period, Window
from spm_lib.core.money import exponent
from spm_lib.metrics import Measured, measure
from spm_lib.metrics.target_values import targets_of
from spm_lib.model import Figure, minor_text
from spm_lib.reports.pages.manager_ids import year_to_date

if TYPE_CHECKING:
    from spm_lib.reports.pages.page import Page

GRAINS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Rest:
    """What is left of a period to its target: four figures, and the period.

    ``each`` and ``so_far`` are per working day; null where there is none left, or none yet.
    """

    period: Period
    missing: Figure
    days: Figure
    each: Figure
    so_far: Figure


class PeopleNumbers:
    """The numbers of the people whose rows a page holds, by person."""

    def __init__(self, page: Page) -> None:
        self.page, self.company = page, page.company
        self._made: dict[tuple[str, Window], Measured] = {}
        self._told: dict[tuple[str, Window], dict[str, Figure]] = {}
        orders = not page.known("opportunities")
        self.reached = "attainment.orders" if orders else "attainment"
        self.reached_of = "orders.amount" if orders else "won.amount"

    def measured(self, metric: str, window: Window | None = None) -> Measured:
        """Return a metric by person, measured once; without a window, that of the page."""
        key = (metric, window or self.page.window)
        if key not in self._made:
            self._made[key] = self.page.measured(metric, by="rep_id", window=key[1])
        return self._made[key]

    def figure(self, metric: str, rep: str, *, window: Window | None = None) -> Figure | None:
        """Return one person's figure; none where the metric tells nothing of the person."""
        key = (metric, window or self.page.window)
        if key not in self._told:
            figures = self.measured(metric, window).figures()
            self._told[key] = {f.by["rep_id"]: f for f in figures}
        return self._told[key].get(rep)

    @property
    def targets(self) -> bool:
        """Whether any target is known."""
        return self.page.known("targets")

    def current(self, rep: str) -> tuple[Period, Figure] | None:
        """Return how far the target of the month is reached, else of the quarter or the year."""
        for grain in GRAINS if self.targets else ():
            period = self.company.calendar.period_of(self.company.as_of, grain)
            found = self.figure(self.reached, rep, window=Window(period.start, period.end))
            if found is not None and found.value is not None:
                return period, found
        return None

    @property
    def so_far(self) -> Window | None:
        """The whole months of the fiscal year that are over; none in its first month."""
        return year_to_date(self.company)

    def to_date(self, rep: str) -> Figure | None:
        """Return how far the targets of the year to date are reached."""
        window = self.so_far
        if window is None or not self.targets:
            return None
        found = self.figure(self.reached, rep, window=window)
        return found if found is not None and found.value is not None else None

    def rest(self, rep: str) -> Rest | None:
        """Return what is left to the target of the longest period that goes on.

        A period counts where the person's targets cover all of it.
        """
        after = self.company.as_of + timedelta(days=1)
        for grain in reversed(GRAINS) if self.targets else ():
            period = self.company.calendar.period_of(after, grain)
            if self.covered(rep, Window(period.start, period.end)):
                return self._rest(rep, period)
        return None

    def covered(self, rep: str, period: Window) -> bool:
        """Say whether a person's targets cover every day of a window."""
        due = targets_of(self.company, self.reached_of).filter(
            (pl.col("rep_id") == rep)
            & (pl.col("period_start") >= period.start)
            & (pl.col("period_end") <= period.end)
        )
        day = period.start
        for start, end in due.select("period_start", "period_end").sort("period_start").iter_rows():
            if start > day:
                return False
            day = max(day, end)
        return day >= period.end

    def _rest(self, rep: str, period: Period) -> Rest | None:
        window = Window(period.start, period.end)
        base = self.figure(self.reached, rep, window=window)
        frame = self.measured(self.reached, window).frame.filter(pl.col("rep_id") == rep)
        if base is None or base.value is None or not frame.height:
            return None
        won, target = int(frame["actual"][0] or 0), int(frame["target"][0])
        missing, after = max(target - won, 0), self.company.as_of + timedelta(days=1)
        days = self._days(max(after, period.start), period.end)
        gone = self._days(period.start, min(max(after, period.start), period.end))
        base = replace(base, by={**base.by, "period": period.label}, low=None, high=None)
        money = f"money:{self.company.currency}"
        each = round(missing / days) if days else None
        before = round(won / gone) if gone else None
        return Rest(
            period,
            self._money(base, "pace.missing", missing, unit=money),
            replace(base, metric="pace.days_left", unit="count", value=str(days), n=None),
            self._money(base, "pace.needed_per_day", each, unit=f"{money} per day"),
            self._money(base, "pace.won_per_day", before, unit=f"{money} per day"),
        )

    def _days(self, start: date, end: date) -> int:
        return self.company.calendar.working_days(start, end) if start < end else 0

    def _money(self, base: Figure, metric: str, minor: int | None, *, unit: str) -> Figure:
        value = minor_text(minor, exponent(self.company.currency))
        return replace(base, metric=metric, unit=unit, value=value, n=None)

    def open_amount(self, rep: str) -> Figure | None:
        """Return the amount of a person's open deals as of the day."""
        key = "open amount"
        made = self.company.once(key, lambda: measure(self.company, "open.amount", by="rep_id"))
        return next((f for f in made.figures() if f.by["rep_id"] == rep), None)

    def by_stage(self, metric: str, rep: str) -> list[tuple[Mapping[str, object], Figure]]:
        """Return one person's rows of a metric that is told by stage, with their figures."""
        made = self.measured(metric)
        rows = zip(made.frame.iter_rows(named=True), made.figures(), strict=True)
        return [(row, f) for row, f in rows if row["rep_id"] == rep and row["stage"] is not None]
