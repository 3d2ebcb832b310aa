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
    """Return the median with the quartiles in columns ``q1`` and ``q3``.

    ``family`` is the id with the place of median, q1 and q3, such as "cycle.won.{}_days".
    """
    parts = {
        name: measure(company, family.format(name), by=by, window=window).frame
        for name in ("median", "q1", "q3")
    }
    quartiles = {name: parts[name]["value"].alias(name) for name in ("q1", "q3")}
    return shown(company, parts["median"].with_columns(*quartiles.values()))


def time_in_stage(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["ended", "working", "km"] = "ended",
) -> Frame:
    """Return the median days in each stage with the quartiles: of visits that ended, or of all.

    ``variant="working"`` counts working days; ``"km"`` visits that still go on (Kaplan-Meier).

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> time_in_stage(example_company()).select("stage", "value", "n").rows()
    [('Lead', 20.0, 7), ('Proposal', 14.0, 5)]
    """
    families = {
        "ended": "time_in_stage.{}_days",
        "working": "time_in_stage.{}_working_days",
        "km": "time_in_stage.km_{}_days",
    }
    return _with_quartiles(company, chosen(families, variant), by=by, window=window)


def cycle_time(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["median", "mean", "working", "km"] = "median",
) -> Frame:
    """Return the sales cycle in days: median with quartiles, or mean, of won deals, or all deals.

    ``"working"`` counts working days; ``"km"`` is the time to a decision with open deals counted.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> cycle_time(example_company()).select("value", "q1", "q3").row(0)
    (40.0, 30.0, 52.5)
    """
    if variant == "mean":
        return asked_for(company, "cycle.won.mean_days", by=by, window=window)
    families = {
        "median": "cycle.won.{}_days",
        "working": "cycle.won.{}_working_days",
        "km": "cycle.closed.km_{}_days",
        "mean": "",
    }
    return _with_quartiles(company, chosen(families, variant), by=by, window=window)


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
    columns = made.columns(company)
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
