"""How much of the targets for counts and ratios was reached, as records of figures.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import MetricError
from spm_lib.metrics import measure
from spm_lib.metrics.target_values import add_targets, finished_targets, targets_of
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure
from spm_lib.model.targets import BASIS_POINTS, is_count, is_ratio
from spm_lib.targets.kpis.kpi_targets import values_per_person

ATTAINED = "attainment.kpi"
_BY = ([], ["rep_id"])


def attained_figures(company: Company, by: Any = None, window: Any = None) -> list[Figure]:
    """Return ``attainment.kpi`` of each KPI that has targets in the table of targets.

    Of a count: what people with a target did / the sum of their targets whose period lies in the
    window. Of a ratio: the person's own in the window / the person's target in force there; all
    people's together is not told. Without a window: the periods of each KPI that are over.

    Raises
    ------
    MetricError
        If it is asked for by anything but ``rep_id``.
    """
    asked = [by] if isinstance(by, str) else list(by or [])
    if asked not in _BY:
        raise MetricError(
            "Attainment of KPIs is told of people and of all together.",
            found=", ".join(map(str, asked)),
            do="Break down by rep_id, or by nothing",
        )
    given = read_window(window, company.calendar)
    return [
        figure
        for name, ratio in _kpis(company)
        if (months := given or finished_targets(company, name)) is not None
        for figure in _figures(company, name, months, ratio=ratio, each=bool(asked))
    ]


def _kpis(company: Company) -> list[tuple[str, bool]]:
    """Return each KPI with targets, as metric id and perhaps a part, and whether it is a ratio."""
    told = company.table("targets").filter(is_count() | is_ratio())
    return told.select("metric", is_ratio().alias("ratio")).unique().sort("metric").rows()


def _figures(
    company: Company, name: str, window: Window, *, ratio: bool, each: bool
) -> Iterator[Figure]:
    """Yield the figures of one KPI: per person, or (of a count) of all together."""
    metric, _, part = name.partition(":")
    try:
        did = values_per_person(company, metric, part or None, window)
        receipt = measure(company, metric, window=window).figures()[0].receipt
    except MetricError:  # no such metric here, or no rows for it
        return
    aims = _ratio_aims(company, name, window) if ratio else _count_aims(company, name, window)
    found = {rep: (*did.get(rep, (None if ratio else 0.0, 0)), aim) for rep, aim in aims.items()}
    rows: dict[str | None, tuple[float | None, int, float]] = {**found} if each else {}
    if not each and not ratio and found:
        values, ns, all_aims = zip(*found.values(), strict=True)
        rows = {None: (sum(v or 0.0 for v in values), sum(ns), sum(all_aims))}
    for rep, (value, n, aim) in rows.items():
        reached = None if value is None or not aim else value / aim
        yield Figure(
            metric=ATTAINED,
            as_of=company.as_of,
            unit="ratio",
            receipt=receipt,
            by={"kpi": name} | ({} if rep is None else {"rep_id": rep}),
            window=(window.start, window.end),
            value=None if reached is None else f"{reached:.6f}",
            n=n,
        )


def _count_aims(company: Company, name: str, window: Window) -> dict[str, float]:
    """Return each person's target of a count in a window: those whose period lies in it."""
    reps = targets_of(company, name)["rep_id"].drop_nulls().unique().sort()
    frame = pl.DataFrame({"rep_id": reps}, schema={"rep_id": pl.String}).with_columns(
        window_start=pl.lit(window.start), window_end=pl.lit(window.end)
    )
    told = add_targets(frame, company=company, metric=name, by=["rep_id"]).drop_nulls("target")
    return {rep: float(aim) for rep, aim in told.select("rep_id", "target").iter_rows()}


def _ratio_aims(company: Company, name: str, window: Window) -> dict[str, float]:
    """Return each person's ratio in force in a window; nobody's whose target changes in it."""
    touches = (pl.col("period_start") < window.end) & (pl.col("period_end") > window.start)
    told = targets_of(company, name).drop_nulls("rep_id").filter(touches)
    alone = told.group_by("rep_id").agg(pl.col("value").unique()).sort("rep_id")
    rows = alone.filter(pl.col("value").list.len() == 1).iter_rows()
    return {rep: values[0] / BASIS_POINTS for rep, values in rows}
