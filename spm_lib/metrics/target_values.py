"""Targets that lie in a window, summed for the groups a metric is broken down by.

A target counts in a window if its whole period lies in it. Where periods of one person (or team)
contain each other, such as a quarter and its months, the longest one counts. Reps' targets are
used where there are any; else those set for teams.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError
from spm_lib.core.in_one_go import in_one_go
from spm_lib.metrics.dimensions import DATED, Dimensions, look_up, read_dimensions
from spm_lib.metrics.sums import refuse_unheld
from spm_lib.metrics.windows import GRAINS
from spm_lib.model import Company

DEFAULT_METRIC = "won.amount"
_COLUMNS = ("rep_id", "team", "period_start", "period_end", "value")


def targets_of(company: Company, metric: str) -> pl.DataFrame:
    """Return the targets set on a metric: rep_id, team, period_start, period_end, value."""
    if not company.has("targets"):
        return company.table("targets").select(_COLUMNS).clear()
    named = pl.col("metric").fill_null(DEFAULT_METRIC) == metric
    known = pl.col("value").is_not_null() & pl.col("period_end").is_not_null()
    return company.table("targets").filter(named & known).select(_COLUMNS)


def add_targets(
    frame: pl.DataFrame, *, company: Company, metric: str, by: Sequence[str]
) -> pl.DataFrame:
    """Add ``target`` (Int64 minor units; null: none was set) to a frame of groups and windows.

    Columns in: the ``by`` columns, window_start, window_end (null: no window, hence no target).

    Raises
    ------
    MetricError
        If a ``by`` column says nothing of reps or teams, such as a product.
    """
    groups = [name for name in by if name not in GRAINS]
    held = _held(frame, company=company, metric=metric, groups=groups)
    keys = [*groups, "window_start", "window_end"]
    summed = held.lazy().group_by(keys).agg(pl.col("value").sum().alias("target"))
    return in_one_go(
        frame.lazy().join(summed, on=keys, how="left", nulls_equal=True, maintain_order="left")
    )


def groups_with_target(
    windows: pl.DataFrame, *, company: Company, metric: str, groups: Sequence[str]
) -> pl.DataFrame:
    """Return the groups for which a target was set in any of the windows, deals or none.

    Columns in: window_start, window_end (null: no window). Columns out: the groups.

    Raises
    ------
    MetricError
        As ``add_targets``.
    """
    held = _held(windows, company=company, metric=metric, groups=groups)
    return held.select(groups).unique()


def _held(
    frame: pl.DataFrame, *, company: Company, metric: str, groups: Sequence[str]
) -> pl.DataFrame:
    """Return the targets that count in each window of the frame, with the columns of the groups."""
    targets = _of_whom(targets_of(company, metric), company=company, groups=list(groups))
    windows = frame.lazy().select("window_start", "window_end").drop_nulls()
    windows = windows.unique(maintain_order=True)  # rows are numbered in it
    inside = (pl.col("period_start") >= pl.col("window_start")) & (
        pl.col("period_end") <= pl.col("window_end")
    )
    held = in_one_go(_longest(windows.join(targets.lazy(), how="cross").filter(inside)))
    size = float(held["value"].cast(pl.Float64).abs().sum())
    refuse_unheld(size, metric=f"targets of {metric}")
    return held


def _of_whom(targets: pl.DataFrame, *, company: Company, groups: list[str]) -> pl.DataFrame:
    """Return the targets with the columns of the groups, reps' own or (for want of them) teams'."""
    personal = targets.filter(pl.col("rep_id").is_not_null())
    shared = targets.filter(pl.col("rep_id").is_null() & pl.col("team").is_not_null())
    if not personal.height and shared.height and set(groups) <= {"team"}:
        return shared
    dimensions = _rep_dimensions(groups, company)
    day = pl.col("period_start").cast(pl.Int32).cast(pl.Int64).alias("_day")
    return look_up(personal.drop("team").with_columns(day), dimensions, company)


def _rep_dimensions(groups: list[str], company: Company) -> Dimensions:
    try:
        return read_dimensions(groups, company=company, columns=["rep_id"], always=())
    except MetricError as cause:
        raise MetricError(
            "Targets are set for reps and teams, not by such a column.",
            found=", ".join(groups),
            do=f"Break down by rep_id, {', '.join(DATED)} or a column of reps",
        ) from cause


def _longest(held: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out targets whose period lies within a longer one of the same person or team."""
    teams = "team" in held.collect_schema()
    whose = pl.coalesce("rep_id", "team") if teams else pl.col("rep_id")
    numbered = held.with_columns(_who=whose).with_row_index("_target")
    keys = ["_who", "window_start", "window_end"]
    pairs = numbered.select("_target", *keys, "period_start", "period_end").join(
        numbered.select(*keys, _from="period_start", _to="period_end"), on=keys
    )
    within = (pl.col("_from") <= pl.col("period_start")) & (pl.col("period_end") <= pl.col("_to"))
    longer = (pl.col("_to") - pl.col("_from")) > (pl.col("period_end") - pl.col("period_start"))
    return numbered.join(pairs.filter(within & longer), on="_target", how="anti")


def finished_targets(company: Company, metric: str) -> Window | None:
    """Return the window from the first target to the last one whose period is over at as_of."""
    tomorrow = company.as_of + timedelta(days=1)
    over = targets_of(company, metric).filter(pl.col("period_end") <= tomorrow)
    if not over.height:
        return None
    return Window(min(over["period_start"].to_list()), max(over["period_end"].to_list()))


def current_target(company: Company, metric: str) -> Window | None:
    """Return the longest target period that goes on at as_of."""
    targets = targets_of(company, metric)
    now = targets.filter(
        (pl.col("period_start") <= company.as_of) & (pl.col("period_end") > company.as_of)
    )
    if not now.height:
        return None
    now = now.with_columns(_days=pl.col("period_end") - pl.col("period_start"))
    longest = now.sort("_days", "period_start", descending=True)
    return Window(longest["period_start"][0], longest["period_end"][0])
