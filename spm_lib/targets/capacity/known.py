"""What is known of a company's capacity: results per head, attrition, and the pipeline there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from spm_lib.core.calendar import Window, months_before
from spm_lib.core.errors import DataError
from spm_lib.metrics import measure
from spm_lib.model import Company
from spm_lib.targets.dated_results import dated_results
from spm_lib.targets.over_time.ramped import ramped_spans, sold_ramped

_YEAR = 365.2425


@dataclass(frozen=True)
class KnownCapacity:
    """Rates of a company, each with its n.

    Attributes
    ----------
    per_head
        What a ramped person sold in a year, minor units: result / ramped head-years.
    head_years
        Ramped head-years behind it, of people who sold in the window.
    attrition
        Leavers / head-years over the last years; None without hire and leave dates.
    leavers, attrition_years
        The two counts behind it.
    pipeline
        Amounts of the deals open at as_of; None without deals.
    win_rate
        Won / (won + lost) by value in the window; None where nothing was decided.
    """

    per_head: int
    head_years: float
    attrition: float | None
    leavers: int
    attrition_years: float
    pipeline: int | None
    win_rate: float | None

    @property
    def expected_pipeline(self) -> int | None:
        """What of the open pipeline is won at the company's own rate, minor units."""
        if self.pipeline is None or self.win_rate is None:
            return None
        return round(self.pipeline * self.win_rate)

    def to_create(self, target: int) -> int | None:
        """Return how much pipeline must still be created to reach a target, minor units.

        At the company's own win rate by value; 0 where what is open is enough, None where no rate
        is known.
        """
        if self.expected_pipeline is None or not self.win_rate:
            return None
        return max(round((target - self.expected_pipeline) / self.win_rate), 0)


def known_capacity(
    company: Company,
    *,
    metric: str = "won.amount",
    window: Window | None = None,
    ramp_months: int = 6,
    years: int = 3,
) -> KnownCapacity:
    """Take what is known of a company's capacity as of its day.

    Parameters
    ----------
    window
        Of results per head and win rate; None: the last twelve whole months.
    ramp_months
        Months after which a person counts as ramped.
    years
        How far back leavers are counted.

    Raises
    ------
    DataError
        If no ramped person sold anything in the window.
    MetricError
        If the metric is not known day by day.
    """
    months = window or company.default_window()
    rows = dated_results(company, metric)
    spans = ramped_spans(company, rows, window=months, months=ramp_months)
    head_years = _days(spans) / _YEAR
    sold = int(sold_ramped(rows, spans)["value"].sum())
    if not head_years or not sold:
        raise DataError(
            "No ramped person sold anything in the window.",
            found=f"{spans.height} ramped people in {months.label}",
            do="Give per_head yourself, or choose a window with results",
        )
    leavers, exposed = _leavers(company, years)
    return KnownCapacity(
        per_head=round(sold / head_years),
        head_years=head_years,
        attrition=leavers / exposed if exposed else None,
        leavers=leavers,
        attrition_years=exposed,
        pipeline=_one(company, "open.amount", None),
        win_rate=_one(company, "win_rate.closed.value", months),
    )


def _leavers(company: Company, years: int) -> tuple[int, float]:
    """Count who left in the last years, and the years people were there."""
    end = company.as_of + timedelta(days=1)
    start = months_before(end, 12 * years)
    reps = company.table("reps").filter(pl.col("hired_on").is_not_null())
    held = reps.select(
        "left_on",
        since=pl.max_horizontal("hired_on", pl.lit(start)),
        until=pl.min_horizontal(pl.col("left_on").fill_null(end), pl.lit(end)),
    ).filter(pl.col("since") < pl.col("until"))
    left = held.filter(pl.col("left_on") < end).height
    return left, _days(held) / _YEAR


def _days(spans: pl.DataFrame) -> int:
    return int(spans.select((pl.col("until") - pl.col("since")).dt.total_days().sum()).item())


def _one(company: Company, metric: str, window: Window | None) -> Any:
    if not company.has("opportunities"):
        return None
    return measure(company, metric, window=window).frame["value"][0]
