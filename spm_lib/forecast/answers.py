"""The registry's answers: the figures of one forecast id, for a company, a breakdown, a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from spm_lib.core.errors import DataError, MetricError
from spm_lib.forecast.figures import (
    Group,
    deal_figures,
    groups_of,
    period_figures,
    reliability_figures,
    track_figures,
)
from spm_lib.model import Company, Figure

if TYPE_CHECKING:
    from spm_lib.forecast.bookings import ForecastResult

PEOPLE = ("rep_id", "team", "manager_id")
PERIODS = ("month", "quarter")
_RESULTS: WeakKeyDictionary[object, dict[tuple[object, ...], ForecastResult | None]] = (
    WeakKeyDictionary()
)


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    ``by``: rep_id, team and manager_id (as of the report's date), month, quarter. ``window`` keeps
    the periods that lie in it; a forecast has none in the past. Where the history allows no
    forecast there are no figures.

    Raises
    ------
    MetricError
        If a forecast cannot be broken down by a column.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        names = (by,) if isinstance(by, str) else tuple(by or ())
        _refuse_unknown(names)
        result = _result(company)
        if result is None:
            return []
        found = _figures(result, tuple(n for n in names if n in PEOPLE), metric=metric)
        found = [figure for figure in found if figure.metric == metric]
        return _inside(_of_grain(found, names, result), company, window)

    return figures


def _figures(result: ForecastResult, people: tuple[str, ...], *, metric: str) -> list[Figure]:
    if metric.startswith("forecast.track."):
        return [] if people else track_figures(result)
    whole = [Group({}, None, result.receipt)]
    groups = groups_of(result.company, people, result) if people else whole
    if metric in ("forecast.deal.said", "forecast.deal.came"):
        return [] if people else reliability_figures(result)
    if metric.startswith("forecast.deal."):
        return deal_figures(result, groups)
    return [figure for group in groups for figure in period_figures(result, group)]


def _of_grain(
    figures: list[Figure], names: tuple[str, ...], result: ForecastResult
) -> list[Figure]:
    """Keep the months or the quarters, where the breakdown asks for them."""
    for grain, draws in (("month", result.draws), ("quarter", result.quarter)):
        if grain in names:
            labels = {period.label for period in draws.periods}
            figures = [f for f in figures if f.by.get("period") in labels]
    return figures


def _inside(figures: list[Figure], company: Company, window: Any) -> list[Figure]:
    from spm_lib.metrics.windows import read_window

    wanted = read_window(window, company.calendar)
    if wanted is None:
        return figures
    return [
        f for f in figures if f.window and wanted.start <= f.window[0] and f.window[1] <= wanted.end
    ]


def _refuse_unknown(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in (*PEOPLE, *PERIODS)]
    if unknown:
        raise MetricError(
            f"A forecast cannot be broken down by '{unknown[0]}'.",
            found=unknown[0],
            do=f"Use {', '.join((*PEOPLE, *PERIODS))}",
        )


def forecast_of(company: Company) -> ForecastResult | None:
    """Return the company's forecast, made once; None where its history allows none."""
    return _result(company)


def _result(company: Company) -> ForecastResult | None:
    from spm_lib.forecast.bookings import forecast_bookings

    made = _RESULTS.setdefault(company.book, {})
    key = (company.as_of, company.scope)
    if key not in made:
        try:
            made[key] = forecast_bookings(company)
        except DataError:
            made[key] = None
    return made[key]
