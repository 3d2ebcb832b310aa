"""Every number of the pace to the target as a record, and the registry's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, minor_text

if TYPE_CHECKING:
    from spm_lib.forecast.pace.needed import Pace


def pace_figures(pace: Pace) -> list[Figure]:
    """Return all figures of a pace."""
    make = _Maker(pace)
    return [*make.whole(), *make.weeks(), *make.sources(), *make.coverage()]


class _Maker:
    """Makes figures of one period."""

    def __init__(self, pace: Pace) -> None:
        self.pace, self.company = pace, pace.company
        self.digits = exponent(self.company.currency)
        self.unit = f"money:{self.company.currency}"
        self.receipt = self.company.receipt("opportunities")

    def figure(self, name: str, value: str | None, *, unit: str, **more: Any) -> Figure:
        by = {"period": self.pace.period.label, **more.pop("by", {})}
        return Figure(
            metric=f"pace.{name}",
            as_of=self.company.as_of,
            unit=unit,
            value=value,
            receipt=self.receipt,
            by=by,
            window=more.pop("window", (self.pace.period.start, self.pace.period.end)),
            **more,
        )

    def money(self, name: str, minor: int | None, *, unit: str = "", **more: Any) -> Figure:
        told = minor_text(minor, self.digits)
        return self.figure(name, told, unit=unit or self.unit, **more)

    def ratio(self, name: str, value: float | None, **more: Any) -> Figure:
        return self.figure(name, _plain(value), unit="ratio", **more)

    def whole(self) -> Iterator[Figure]:
        pace = self.pace
        each = round(pace.missing / pace.left) if pace.left else None
        before = round(pace.won / pace.passed) if pace.passed else None
        yield self.money("missing", pace.missing)
        yield self.figure("days_left", str(pace.left), unit="count", n=pace.days)
        yield self.money("needed_per_day", each, n=pace.left, unit=f"{self.unit} per day")
        yield self.money("won_per_day", before, n=pace.passed, unit=f"{self.unit} per day")

    def weeks(self) -> Iterator[Figure]:
        for row in self.pace.weeks.iter_rows(named=True):
            more = {"by": {"week": row["week"].isoformat()}, "window": (row["week"], row["end"])}
            days = row["working_days"]
            yield self.money("week.needed", row["needed"], n=days, **more)
            yield self.figure("week.days", str(days), unit="count", n=row["free_days"], **more)

    def sources(self) -> Iterator[Figure]:
        for name, (_, needed) in self.pace.sources.items():
            yield self.money("source.needed", needed, by={"source": name})

    def coverage(self) -> Iterator[Figure]:
        pace, made = self.pace, self.pace.conversion
        if made is None:
            return
        rate = made.won
        yield self.ratio(
            "conversion", rate.value, n=rate.n, low=_plain(rate.low), high=_plain(rate.high)
        )
        yield self.money("new", made.new, n=rate.n)
        yield self.money("open", made.open)
        yield self.ratio("coverage.needed", pace.coverage_needed, n=rate.n)
        yield self.ratio("coverage.now", pace.coverage_now)
        yield self.money("pipeline.needed", pace.pipeline_needed, n=rate.n)


def _plain(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    They are of the quarter of the day after the company's date; ``window`` keeps those that lie in
    it. Without targets that cover the quarter there are none.

    Raises
    ------
    MetricError
        If a breakdown is asked for: the pace is of all in scope together.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        from spm_lib.metrics.windows import read_window

        names = (by,) if isinstance(by, str) else tuple(by or ())
        if names:
            raise MetricError(
                f"The pace cannot be broken down by '{names[0]}'.",
                found=names[0],
                do="Ask for the scope itself, such as rep:ID or team:NAME",
            )
        wanted = read_window(window, company.calendar)
        return [
            f
            for f in _answers(company, metric)
            if f.metric == metric
            and (
                wanted is None
                or (f.window and wanted.start <= f.window[0] and f.window[1] <= wanted.end)
            )
        ]

    return figures


def _answers(company: Company, metric: str) -> list[Figure]:
    from spm_lib.forecast.answers import forecast_of
    from spm_lib.forecast.pace.needed import target_pace

    result = forecast_of(company) if metric == "pace.source.needed" else None
    try:
        return pace_figures(target_pace(company, result=result))
    except DataError:
        return []
