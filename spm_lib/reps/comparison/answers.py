"""The registry's answers: the figures of one rep id, for a company, a breakdown, a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError, MetricError
from spm_lib.metrics import Measured, measure
from spm_lib.metrics.windows import GRAINS, read_window
from spm_lib.model import Company, Figure
from spm_lib.reps.comparison.compare import RepComparison, compare_reps
from spm_lib.reps.comparison.figures import comparison_figures
from spm_lib.reps.comparison.win_rates import compare_win_rates

PLACES = ("team", "manager_id")
WITHIN = "rep.win_rate.heterogeneity."
_RESULTS: WeakKeyDictionary[object, dict[tuple[object, ...], RepComparison | None]] = (
    WeakKeyDictionary()
)


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    Estimates of people come with ``by="rep_id"``; tests come without a breakdown, or within each
    team or manager (as dated at the close). Where nobody closed a deal there are no figures.

    Raises
    ------
    MetricError
        If the comparison cannot be broken down by a column.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        names = (by,) if isinstance(by, str) else tuple(by or ())
        _refuse_unknown(names)
        wanted = read_window(window, company.calendar)
        if len(names) == 1 and names[0] in PLACES:
            return _within(company, names[0], wanted, metric=metric)
        if names not in ((), ("rep_id",)):
            return []
        found = _all(company, wanted)
        return [f for f in found if f.metric == metric and ("rep_id" in f.by) == bool(names)]

    return figures


def _refuse_unknown(names: Sequence[str]) -> None:
    known = ("rep_id", *PLACES, *GRAINS)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise MetricError(
            f"A comparison of people cannot be broken down by '{unknown[0]}'.",
            found=unknown[0],
            do="Use rep_id, team or manager_id",
        )


def _within(company: Company, place: str, window: Window | None, *, metric: str) -> list[Figure]:
    """Return the win rate tests within each team; null for numbers that are not told by team."""
    result = _result(company, window)
    whole = [f for f in _all(company, window) if f.metric == metric]
    if result is None or not whole or "rep_id" in whole[0].by:
        return []
    both = measure(
        company, result.measured["win_rate"].metric.id, by=[place, "rep_id"], window=result.window
    )
    teams = measure(company, result.measured["win_rate"].metric.id, by=place, window=result.window)
    extra = dict(whole[0].by)
    return [
        _of_team(
            whole[0], team, receipt, counts=_counts(both, place, team), extra=extra, place=place
        )
        for team, receipt in zip(teams.frame[place].to_list(), teams.receipts, strict=True)
    ]


def _counts(both: Measured, place: str, team: str | None) -> pl.DataFrame:
    frame = both.frame.filter(
        pl.col(place).eq_missing(pl.lit(team)) & pl.col("rep_id").is_not_null() & (pl.col("n") > 0)
    )
    won = (pl.col("value") * pl.col("n")).round().cast(pl.Int64)
    return frame.select("rep_id", "n", won=won).with_columns(lost=pl.col("n") - pl.col("won"))


def _of_team(
    whole: Figure, team: str | None, receipt: Any, *, counts: pl.DataFrame, extra: dict, place: str
) -> Figure:
    from dataclasses import replace

    number: float | None = None
    if whole.metric.startswith(WITHIN) and counts.height:
        test = compare_win_rates(counts).test
        number = {"p": test.p, "chi2": test.q, "phi": test.phi}[whole.metric.removeprefix(WITHIN)]
    n = int(counts["n"].sum())
    value = None if number is None else f"{number:.6f}"
    by = {**extra, place: team or ""}
    return replace(whole, by=by, receipt=receipt, n=n, value=value)


def _all(company: Company, window: Window | None) -> list[Figure]:
    """Return the figures of all ids, made once; none where nobody closed a deal."""

    def made() -> list[Figure]:
        result = _result(company, window)
        return comparison_figures(result) if result else []

    when = window and f"{window.start} to {window.end}"
    return company.once(f"comparison of people {when} {company.engine}", made)


def _result(company: Company, window: Window | None) -> RepComparison | None:
    made = _RESULTS.setdefault(company.book, {})
    key = (company.as_of, company.scope, company.engine, window)
    if key not in made:
        try:
            made[key] = compare_reps(company, window=window)
        except DataError:
            made[key] = None
    return made[key]
