"""The questions people ask, by name: each returns a tidy frame to look at, chart or export.

All of them take the company first, then ``by`` and ``window`` as ``measure`` does, and return its
frame: a pandas one if the company was made of pandas frames, else polars. Money is in minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import polars as pl

from spm_lib.core.errors import MetricError
from spm_lib.metrics.counting import count_cells
from spm_lib.metrics.definition import Context
from spm_lib.metrics.dimensions import read_dimensions
from spm_lib.metrics.durations import survival_curve
from spm_lib.metrics.measure import By, in_order, measure, measure_of
from spm_lib.metrics.measured import FIXED
from spm_lib.metrics.pipelines import answer_pipeline, pipeline_on
from spm_lib.metrics.windows import GRAINS, WindowLike, read_window
from spm_lib.model import Company

Frame = Any


def _shown(company: Company, frame: pl.DataFrame) -> Frame:
    return frame.to_pandas() if company.border == "pandas" else frame


def _chosen(variants: Mapping[str, str], variant: str) -> str:
    if variant in variants:
        return variants[variant]
    raise MetricError(
        "There is no such variant of this metric.",
        found=repr(variant),
        do=f"Use one of: {', '.join(variants)}",
    )


def _asked(company: Company, metric: str, *, by: By, window: WindowLike) -> Frame:
    return _shown(company, measure(company, metric, by=by, window=window).frame)


def win_rate(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["count", "value", "created"] = "count",
) -> Frame:
    """Return the win rate: of closed deals by count or value, or of created deals.

    Columns out: by..., metric, window_start, window_end, as_of, value (ratio; null: nothing was
    closed), n, low, high (Wilson, 95 %), used, set_aside; ``mature`` for created deals.
    """
    names = {
        "count": "win_rate.closed.count",
        "value": "win_rate.closed.value",
        "created": "win_rate.created",
    }
    return _asked(company, _chosen(names, variant), by=by, window=window)


def won(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    of: Literal["amount", "count"] = "amount",
) -> Frame:
    """Return what was won: the amount in minor units, or the number of deals."""
    names = {"amount": "won.amount", "count": "won.count"}
    return _asked(company, _chosen(names, of), by=by, window=window)


def lost(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    of: Literal["amount", "count"] = "count",
) -> Frame:
    """Return what was lost: the number of deals, or their last known amount in minor units."""
    names = {"amount": "lost.amount", "count": "lost.count"}
    return _asked(company, _chosen(names, of), by=by, window=window)


def lost_reasons(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return each lost reason's share of the lost deals, with the number of deals."""
    return _asked(company, "lost.reason.share", by=by, window=window)


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
    """
    names = {"cohort": "stage_conversion.cohort", "period": "stage_conversion.period"}
    return _asked(company, _chosen(names, how), by=by, window=window)


def _with_quartiles(company: Company, family: str, *, by: By, window: WindowLike) -> Frame:
    """Return the median with the quartiles in columns ``q1`` and ``q3``."""
    parts = {
        name: measure(company, f"{family}.{name}", by=by, window=window)
        for name in ("median_days", "q1_days", "q3_days")
    }
    frame = parts["median_days"].frame.with_columns(
        parts["q1_days"].frame["value"].alias("q1"), parts["q3_days"].frame["value"].alias("q3")
    )
    return _shown(company, frame)


def time_in_stage(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["ended", "km"] = "ended",
) -> Frame:
    """Return the median days in each stage: of visits that ended (with quartiles), or of all.

    ``variant="km"`` counts visits that still go on (Kaplan-Meier).
    """
    if _chosen({"ended": "", "km": "time_in_stage.km_median_days"}, variant):
        return _asked(company, "time_in_stage.km_median_days", by=by, window=window)
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
    """
    names = {
        "median": "cycle.won",
        "mean": "cycle.won.mean_days",
        "working": "cycle.won.median_working_days",
        "km": "cycle.closed.km_median_days",
    }
    if _chosen(names, variant) == "cycle.won":
        return _with_quartiles(company, "cycle.won", by=by, window=window)
    return _asked(company, names[variant], by=by, window=window)


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
    """
    names = {"cycle": "cycle.closed.km_median_days", "stage": "time_in_stage.km_median_days"}
    made = measure_of(_chosen(names, of))
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
    return _shown(company, frame)


def sales_velocity(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the sales velocity in minor units per day; compare windows of the same length only."""
    return _asked(company, "velocity", by=by, window=window)


def deal_size(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the mean amount of won deals in minor units."""
    return _asked(company, "deal.mean_amount", by=by, window=window)


def account_value(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the mean won amount per customer that won, in minor units."""
    return _asked(company, "account.won_amount_mean", by=by, window=window)


def open_pipeline(
    company: Company,
    *,
    on: date | None = None,
    by: By = None,
    window: WindowLike = None,
    of: Literal["amount", "count"] = "amount",
) -> Frame:
    """Return the open pipeline: now (as_of), on a day, or at the end of each period.

    Without ``on`` and without a period in ``by``: deals open at as_of (those due in ``window``, if
    given). With ``on``, or ``by="month"``: what stood in open stages at the end of that day or of
    each month, from the history of stages.
    """
    names = {"amount": "open.amount", "count": "open.count"}
    asked = [by] if isinstance(by, str) else list(by or [])
    now = _chosen(names, of)
    past = now.replace("open", "pipeline")
    if on is not None and not company.has("stints"):
        return _asked(company.at(on), now, by=by, window=window)
    if on is not None:
        return _shown(company, pipeline_on(company, past, days=[on], by=by).frame)
    if any(name in GRAINS for name in asked):
        return _shown(company, answer_pipeline(company, past, by=by, window=window).frame)
    return _asked(company, now, by=by, window=window)


def pipeline_by_stage(
    company: Company, *, on: date | None = None, by: By = None, window: WindowLike = None
) -> Frame:
    """Return count and amount (minor units) of the open pipeline by stage, in stage order.

    Columns out: by..., stage, (date or period,) as_of, count, amount.
    """
    asked = [by] if isinstance(by, str) else list(by or [])
    frames = {}
    for of in ("count", "amount"):
        frame = open_pipeline(company, on=on, by=[*asked, "stage"], window=window, of=of)
        frames[of] = frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)
    amount = frames["amount"]
    keys = [c for c in amount.columns if c not in FIXED]
    counted = frames["count"].select(*keys, "as_of", pl.col("value").alias("count"))
    valued = amount.select(*keys, pl.col("value").alias("amount"))
    joined = counted.join(valued, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return _shown(company, joined.filter(pl.col("count") > 0))


def coverage(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return how often the open pipeline due in the window covers what is missing to the target.

    Columns out: those of every metric and open_due, won, target, remaining (minor units).
    """
    return _asked(company, "coverage", by=by, window=window)


def attainment(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return what was reached as a share of the target: of won deals, or of orders.

    Orders are taken where targets are set on ``orders.amount`` only. Columns out: those of every
    metric and actual, target (minor units).
    """
    set_on = company.table("targets")["metric"].fill_null("won.amount").unique().to_list()
    by_orders = "orders.amount" in set_on and "won.amount" not in set_on
    name = "attainment.orders" if by_orders else "attainment"
    return _asked(company, name, by=by, window=window)


def activity_count(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the number of activities; ``by="kind"`` tells calls, meetings and so on apart."""
    return _asked(company, "activity.count", by=by, window=window)


_CHAIN = {
    "meetings_per_call": "activity.meetings_per_call",
    "proposals_per_meeting": "activity.proposals_per_meeting",
    "won_per_proposal": "activity.won_per_proposal",
}
_KINDS = {"calls": "call", "meetings": "meeting", "proposals": "proposal"}


def activity_ratios(
    company: Company, *, by: By = ("rep_id", "month"), window: WindowLike = None
) -> Frame:
    """Return the chain calls -> meetings -> proposals -> won, counts and ratios side by side.

    Columns out: by..., window_start, window_end, calls, meetings, proposals, won (counts),
    meetings_per_call, proposals_per_meeting, won_per_proposal (null where the denominator is 0).
    """
    known = read_window(window, company.calendar) or _activity_window(company, by)
    names = [by] if isinstance(by, str) else list(by or [])
    parts = {n: measure(company, metric, by=by, window=known).frame for n, metric in _CHAIN.items()}
    keys = [*names, "window_start", "window_end"]
    result = pl.concat([part.select(keys) for part in parts.values()]).unique()
    for name, part in parts.items():
        result = result.join(
            part.select(*keys, pl.col("value").alias(name)), on=keys, how="left", nulls_equal=True
        )
    counts = _kind_counts(company, names=names, keys=keys, window=known)
    result = result.join(counts, on=keys, how="left", nulls_equal=True)
    whole = [*_KINDS, "won"]
    result = in_order(result.with_columns(pl.col(whole).fill_null(0)), names, company)
    return _shown(company, result.select(*keys, *whole, *_CHAIN))


def _activity_window(company: Company, by: By) -> WindowLike:
    """Return one window for all parts of the chain where periods are asked for."""
    names = [by] if isinstance(by, str) else list(by or [])
    if not any(name in GRAINS for name in names):
        return None
    days = [
        *company.table("activities")["happened_on"].drop_nulls(),
        *company.table("opportunities")
        .filter(pl.col("outcome") == "won")["closed_on"]
        .drop_nulls(),
    ]
    last = company.as_of.toordinal() + 1
    return (min(days, default=company.as_of), date.fromordinal(last))


def _kind_counts(
    company: Company, *, names: list[str], keys: list[str], window: WindowLike
) -> pl.DataFrame:
    acts = measure(company, "activity.count", by=[*names, "kind"], window=window).frame
    kind = pl.col("kind").str.to_lowercase()
    counted = acts.group_by(keys).agg(
        pl.col("value").filter(kind == of).sum().alias(name) for name, of in _KINDS.items()
    )
    deals = measure(company, "won.count", by=names, window=window).frame
    won_deals = deals.select(*keys, pl.col("value").alias("won"))
    return counted.join(won_deals, on=keys, how="full", coalesce=True, nulls_equal=True)
