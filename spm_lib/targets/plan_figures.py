"""Figures of what a company's past says for a target plan: season, ramp, results per head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.metrics import measure
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, minor_text
from spm_lib.targets.capacity import known_capacity
from spm_lib.targets.over_time import learn_ramp, learn_season

By = str | Sequence[str] | None


def season_figures(company: Company, by: By = None, _window: Any = None) -> list[Figure]:
    """Return ``season.index`` for each month, learned from the last years whatever the window.

    None where it cannot be learned.

    Raises
    ------
    MetricError
        If a breakdown is asked for.
    """
    _refuse(by)
    try:
        learned = learn_season(company)
    except DataError:
        return []
    make = _Maker(company, "season.index", learned.window)
    rows = learned.months.select("month", "index", "years").iter_rows()
    return [make.ratio(index, by={"month": str(month)}, n=years) for month, index, years in rows]


def ramp_figures(company: Company, by: By = None, _window: Any = None) -> list[Figure]:
    """Return ``ramp.share`` for each month after hiring, learned from the last years.

    None where it cannot be learned.

    Raises
    ------
    MetricError
        If a breakdown is asked for.
    """
    _refuse(by)
    try:
        curve = learn_ramp(company).curve
    except DataError:
        return []
    make = _Maker(company, "ramp.share", None)
    return list(_months(make, curve.iter_rows(named=True)))


def _months(make: _Maker, rows: Iterator[dict[str, Any]]) -> Iterator[Figure]:
    for row in rows:
        low, high = (None if row[c] is None else f"{row[c]:.6f}" for c in ("low", "high"))
        part = {"month": str(row["month"])}
        yield make.ratio(row["ramp"], by=part, n=row["hires"], low=low, high=high)


def per_head_figures(company: Company, by: By = None, window: Any = None) -> list[Figure]:
    """Return ``capacity.per_head`` of a window, by default the last twelve whole months.

    None where no ramped person sold anything.

    Raises
    ------
    MetricError
        If a breakdown is asked for.
    """
    _refuse(by)
    months = read_window(window, company.calendar) or company.default_window()
    try:
        known = known_capacity(company, window=months)
    except DataError:
        return []
    return [_Maker(company, "capacity.per_head", months).money(known.per_head)]


class _Maker:
    """Makes figures of one id that share a window and the receipt of the won deals in it."""

    def __init__(self, company: Company, metric: str, window: Window | None) -> None:
        won = measure(company, "won.amount", window=window).figures()[0]
        self.company, self.n = company, won.n
        self.common: dict[str, Any] = {
            "metric": metric,
            "as_of": company.as_of,
            "receipt": won.receipt,
            "window": (window.start, window.end) if window else None,
        }

    def ratio(self, value: float | None, **more: Any) -> Figure:
        text = None if value is None else f"{value:.6f}"
        return Figure(unit="ratio", value=text, **more, **self.common)

    def money(self, value: int) -> Figure:
        currency = self.company.currency
        text = minor_text(value, exponent(currency))
        return Figure(unit=f"money:{currency}", value=text, n=self.n, **self.common)


def _refuse(by: By) -> None:
    if by:
        raise MetricError(
            "This metric is of the whole view and has no breakdown.",
            found=repr(by),
            do="Leave by out, or open the company in a narrower scope",
        )
