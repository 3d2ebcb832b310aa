"""Questions about the way there: the funnel, time in stage, the cycle, survival curves."""

from __future__ import annotations

from typing import Literal

import polars as pl

from spm_lib.metrics.asking import Frame, asked_for, chosen, shown
from spm_lib.metrics.counting import count_cells
from spm_lib.metrics.definition import Context
from spm_lib.metrics.dimensions import read_dimensions
from spm_lib.metrics.durations import survival_curve
from spm_lib.metrics.measure import By, measure, measure_of
from spm_lib.metrics.row_order import in_order
from spm_lib.metrics.windows import WindowLike, read_window
from spm_lib.model import Company


def stage_conversion(
    company: Company,
    *,
    how: Literal["cohort", "period"] = "cohort",
    by: By = None,
    window: WindowLike = None,
) -> Frame:
    """Return the funnel, one row per stage: entered = advanced + lost + still_open.

    ``how="cohort"`` follows the deals created in the window, ``"period"`` those that arrived at the
    stage in it. Columns out: those of ``win_rate`` and entered, advanced, lost, still_open, skipped
    (passed without a visit), re_entered (further visits), lost_stage_unknown (counted at the first
    stage).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> stage_conversion(example_company()).select("stage", "entered", "advanced", "lost").rows()
    [('Lead', 10, 6, 2), ('Proposal', 6, 4, 1)]
    """
    names = {"cohort": "stage_conversion.cohort", "period": "stage_conversion.period"}
    return asked_for(company, chosen(names, how), by=by, window=window)


def _with_quartiles(company: Company, family: str, *, by: By, window: WindowLike) -> Frame:
    """Return the median with the quartiles in columns ``q1`` and ``q3``."""
    parts = {
        name: measure(company, f"{family}.{name}", by=by, window=window)
        for name in ("median_days", "q1_days", "q3_days")
    }
    frame = parts["median_days"].frame.with_columns(
        parts["q1_days"].frame["value"].alias("q1"), parts["q3_days"].frame["value"].alias("q3")
    )
    return shown(company, frame)


def time_in_stage(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["ended", "km"] = "ended",
) -> Frame:
    """Return the median days in each stage: of visits that ended (with quartiles), or of all.

    ``variant="km"`` counts visits that still go on (Kaplan-Meier).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> time_in_stage(example_company()).select("stage", "value", "n").rows()
    [('Lead', 20.0, 7), ('Proposal', 14.0, 5)]
    """
    if chosen({"ended": "", "km": "time_in_stage.km_median_days"}, variant):
        return asked_for(company, "time_in_stage.km_median_days", by=by, window=window)
    return _with_quartiles(company, "time_in_stage", by=by, window=window)


def cycle_time(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["median", "mean", "working", "km"] = "median",
) -> Frame:
    """Return the sales cycle in days: median (with quartiles) or mean of won deals, or all deals.

    ``"working"`` counts working days; ``"km"`` is the time to a decision with open deals counted.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> cycle_time(example_company()).select("value", "q1", "q3").row(0)
    (40.0, 30.0, 52.5)
    """
    names = {
        "median": "cycle.won",
        "mean": "cycle.won.mean_days",
        "working": "cycle.won.median_working_days",
        "km": "cycle.closed.km_median_days",
    }
    if chosen(names, variant) == "cycle.won":
        return _with_quartiles(company, "cycle.won", by=by, window=window)
    return asked_for(company, names[variant], by=by, window=window)


def survival(
    company: Company,
    *,
    of: Literal["cycle", "stage"] = "cycle",
    by: By = None,
    window: WindowLike = None,
) -> Frame:
    """Return the Kaplan-Meier curve of deals not yet decided, or of deals still in each stage.

    Columns out: by..., time (days), at_risk, events, censored, survival (share still going on after
    that many days), low, high (95 %, null where the share is 0 or 1).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> survival(example_company()).select("time", "survival").row(0)
    (0.0, 0.9)
    """
    names = {"cycle": "cycle.closed.km_median_days", "stage": "time_in_stage.km_median_days"}
    made = measure_of(chosen(names, of))
    context = Context(company, read_window(window, company.calendar))
    columns = made.read(company).collect_schema().names()
    dimensions = read_dimensions(by, company=company, columns=columns, always=made.always_by)
    cells = count_cells(made, context, dimensions).frame.filter(pl.col("_reason").is_null())
    keys = list(dimensions.names)
    groups = cells.partition_by(keys, maintain_order=True) if keys else [cells]
    curves = [
        survival_curve(group).select(
            *(pl.lit(group[k][0], dtype=group.schema[k]).alias(k) for k in keys), pl.all()
        )
        for group in groups
    ]
    frame = pl.concat(curves) if curves else survival_curve(cells).clear()
    order = in_order(frame.select(keys).unique(), keys, company) if keys else None
    if order is not None:
        frame = order.join(frame, on=keys, nulls_equal=True, maintain_order="left_right")
    return shown(company, frame)
