"""The target of the year to come, from what the client's data says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company

TargetBasis = Literal["approved", "given", "last year", "stretch"]
STRETCH = 110  # per cent of last year's bookings, where there are no targets at all


@dataclass(frozen=True)
class YearTarget:
    """A target in minor units, what it rests on, and the months it is of.

    ``approved``: plans that were approved cover every month; ``given``: the client's targets do;
    ``last year``: those of the past year do; ``stretch``: 110 % of the past year's bookings.
    """

    value: int
    basis: TargetBasis
    coming: Window


def target_of(
    company: Company,
    *,
    coming: Window,
    past: Window,
    booked: int,
    approved: pl.DataFrame | None = None,
) -> YearTarget:
    """Choose the target of the coming months.

    Parameters
    ----------
    company
        In its scope.
    coming, past
        The months that the target is of, and the last twelve whole ones.
    booked
        What was booked in those.
    approved
        What approved plans ask of this scope: ``period_start, period_end, value``; where they cover
        all the months to come they hold, whatever the data say.
    """
    promised = None if approved is None else _covering(approved, coming)
    if promised:
        return YearTarget(promised, "approved", coming)
    given = _within(company, coming)
    if given:
        return YearTarget(given, "given", coming)
    before = _within(company, past)
    if before:
        return YearTarget(before, "last year", coming)
    return YearTarget(max(booked * STRETCH // 100, 1), "stretch", coming)


def _within(company: Company, window: Window) -> int | None:
    """Sum personal targets (else the teams') of a window; null unless they cover all of it."""
    won = pl.col("metric").fill_null("won.amount") == "won.amount"
    targets = company.table("targets").filter(won, pl.col("value").is_not_null())
    personal = targets.filter(pl.col("rep_id").is_not_null())
    return _covering(targets if personal.is_empty() else personal, window)


def _covering(targets: pl.DataFrame, window: Window) -> int | None:
    """Sum the targets of a window; null unless they cover all of it.

    A target whose period reaches beyond the window counts by its share of days inside.
    """
    chosen = targets.with_columns(
        first=pl.max_horizontal("period_start", pl.lit(window.start)),
        last=pl.min_horizontal("period_end", pl.lit(window.end)),
    )
    chosen = chosen.filter(pl.col("first") < pl.col("last"))
    if _days_covered(chosen) < window.days:
        return None
    inside = (pl.col("last") - pl.col("first")).dt.total_days()
    whole = (pl.col("period_end") - pl.col("period_start")).dt.total_days()
    shares = chosen.select((pl.col("value") * inside / whole).sum()).item()
    return round(shares) or None


def _days_covered(chosen: pl.DataFrame) -> int:
    spans = chosen.select("first", "last").unique()
    days = spans.select(pl.date_ranges("first", "last", closed="left")).to_series()
    return days.explode().n_unique() if spans.height else 0
