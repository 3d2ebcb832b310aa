"""Numbers of the coached and of others before and after coaching began, whatever the metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtrit

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError
from spm_lib.metrics.measure import measure, measure_of
from spm_lib.model import Company, metric_id
from spm_lib.reps.comparison.closed_deals import closed_deals, counts_by_rep

DAYS = 183
_LEVEL = 0.975
_T = ("mean", "ratio of sums")  # statistics whose interval is Student's
Kind = Literal["share", "flow", "interval"]
Side = Callable[[Window], pl.DataFrame]


def coached_counts(
    company: Company, coached: Mapping[str, date], *, days: int = DAYS
) -> pl.DataFrame:
    """Return won and decided deals before and after coaching began, of coached and others.

    Others are counted around the middle of the days on which coaching began. ``days`` is the
    length of each side; the side after ends at ``as_of``. Columns out: those that
    ``coaching_effect`` takes.
    """

    def side(window: Window) -> pl.DataFrame:
        counts = counts_by_rep(closed_deals(company, window))
        return counts.select("rep_id", pl.col("won").alias("value"), "n")

    return _around(company, coached, side, days).fill_null(0)


def coached_numbers(
    company: Company, metric: str, coached: Mapping[str, date], *, days: int = DAYS
) -> tuple[Kind, pl.DataFrame] | None:
    """Return a metric before and after coaching began, of coached and others, with its noise.

    Parameters
    ----------
    company, coached, days
        As in ``coached_counts``.
    metric
        Any id that is told per person.

    Returns
    -------
    "share" and what ``coaching_effect`` takes (plain ratios); "flow" (counts and sums, per whole
    week: their noise is how weeks of one person differ) or "interval" (means, times, rates: their
    noise is read off their own interval) and what ``number_effect`` takes. None where the metric
    does not tell how far one person's number moves by luck: it is a state on a day, or a ratio
    whose parts have no spread of their own, such as costs over sales.

    Raises
    ------
    MetricError
        If the company has not the tables of the metric.
    """
    kind = kind_of_noise(metric)
    if kind is None:
        return None
    sides = {"share": _successes, "flow": _weekly, "interval": _with_error}

    def side(window: Window) -> pl.DataFrame:
        return sides[kind](company, metric, window)

    frame = _around(company, coached, side, days)
    if kind == "share":
        return kind, frame.fill_null(0)
    known = frame.filter(pl.all_horizontal(pl.col("before", "after").is_not_null()))
    unsure = known.height and known["before_error"].null_count() == known.height
    return None if unsure else (kind, known)


def kind_of_noise(metric: str) -> Kind | None:
    """Return how far a metric moves by luck in one person, and so how it is compared; None: not.

    Examples
    --------
    >>> import spm_lib.metrics
    >>> [kind_of_noise(m) for m in ("win_rate.created", "won.count", "deal.mean_amount")]
    ['share', 'flow', 'interval']
    >>> [kind_of_noise(m) for m in ("open.count", "pipeline.amount", "attainment")]
    [None, None, None]
    """
    try:
        statistic = measure_of(metric).statistic
    except MetricError:
        return None
    definition = metric_id(metric)
    if statistic.name == "ratio" and statistic.counts:
        return "share"
    if not statistic.whole:
        return "interval"
    state = definition.date_field == "expected_close"  # of open deals, which the past has not
    return "flow" if definition.unit in ("count", "money") and not state else None


def _around(company: Company, coached: Mapping[str, date], side: Side, days: int) -> pl.DataFrame:
    starts = sorted(coached.values())
    usual = starts[len(starts) // 2]
    rows = []
    for day in sorted({*starts, usual}):
        end = min(day + timedelta(days=days), company.as_of + timedelta(days=1))
        before = _named(side(Window(day - timedelta(days=days), day)), "before")
        after = _named(side(Window(day, max(end, day + timedelta(days=1)))), "after")
        both = before.join(after, on="rep_id", how="full", coalesce=True)
        mine = [rep for rep, began in coached.items() if began == day]
        wanted = pl.col("rep_id").is_in(mine)
        if day == usual:
            wanted = wanted | ~pl.col("rep_id").is_in(list(coached))
        rows.append(both.filter(wanted))
    frame = pl.concat(rows).with_columns(coached=pl.col("rep_id").is_in(list(coached)))
    return frame.select("rep_id", "coached", pl.exclude("rep_id", "coached")).sort("rep_id")


def _named(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    names = {"value": side, "n": f"{side}_n", "error": f"{side}_error"}
    return frame.rename({old: new for old, new in names.items() if old in frame.columns})


def _successes(company: Company, metric: str, window: Window) -> pl.DataFrame:
    frame = _by_rep(measure(company, metric, by="rep_id", window=window).frame)
    hits = (pl.col("value").fill_null(0) * pl.col("n")).round(0).cast(pl.Int64)
    return frame.select("rep_id", hits.alias("value"), "n")


def _weekly(company: Company, metric: str, window: Window) -> pl.DataFrame:
    """Return the mean of a person's whole weeks; who has nothing in any of them was not there."""
    weeks = measure(company, metric, by=["rep_id", "week"], window=window).frame
    whole = (pl.col("window_end") - pl.col("window_start")).dt.total_days() == 7
    sums = weeks.filter(whole & pl.col("rep_id").is_not_null()).group_by("rep_id")
    value = pl.col("value").cast(pl.Float64)
    made = sums.agg(
        n=pl.len().cast(pl.Int64),
        error=value.std() / pl.len().sqrt(),
        cases=pl.col("n").sum(),
        value=value.mean(),
    )
    there = made.filter(pl.col("cases") > 0)
    return there.select("rep_id", "value", "n", "error").sort("rep_id")


def _with_error(company: Company, metric: str, window: Window) -> pl.DataFrame:
    frame = _by_rep(measure(company, metric, by="rep_id", window=window).frame)
    student = measure_of(metric).statistic.name.startswith(_T)
    n = frame["n"].to_numpy().astype(float)
    times = stdtrit(np.maximum(n - 1, 1), _LEVEL) if student else np.full(n.shape, ndtri(_LEVEL))
    reach = pl.max_horizontal(pl.col("high") - pl.col("value"), pl.col("value") - pl.col("low"))
    made = frame.with_columns(times=pl.Series(times, dtype=pl.Float64))
    error = pl.when(reach > 0).then(reach / pl.col("times"))
    value = pl.col("value").cast(pl.Float64)
    return made.select("rep_id", value, "n", error=error).filter(pl.col("value").is_not_null())


def _by_rep(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row per person; nobody where a person has several."""
    known = frame.filter(pl.col("rep_id").is_not_null())
    return known if known["rep_id"].n_unique() == known.height else known.clear()
