"""``measure``: one question, one metric, one answer with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period, Window
from spm_lib.core.errors import MetricError
from spm_lib.core.in_one_go import in_one_go
from spm_lib.metrics.counting import Cells, count_cells
from spm_lib.metrics.definition import EPOCH, Context, Measure
from spm_lib.metrics.dimensions import Dimensions, read_dimensions
from spm_lib.metrics.measured import FIXED, Measured, ordered
from spm_lib.metrics.row_order import in_order, order_of
from spm_lib.metrics.set_aside import reasons_of
from spm_lib.metrics.windows import WindowLike, read_window
from spm_lib.model import Company
from spm_lib.model.figures import Figure
from spm_lib.model.overtaken import told_when_overtaken
from spm_lib.model.registry import MetricId, metric_id, register

By = str | Sequence[str] | None
Answer = Callable[..., Measured]
_MEASURES: dict[str, Measure] = {}
_ANSWERS: dict[str, Answer] = {}


def declare(made: Measure) -> Measure:
    """Declare a measure: its id joins the registry, with figures that generic tests can ask for."""

    def compute(company: Company, by: By = None, window: WindowLike = None) -> list[Figure]:
        return answer(company, made, by=by, window=window).figures()

    definition = replace(made.definition, compute=made.definition.compute or compute)
    made = replace(made, definition=register(definition))
    _MEASURES[made.id] = made
    return made


def declare_answer(definition: MetricId, made: Answer) -> MetricId:
    """Declare a metric that is answered in its own way: ``made(company, id, by=, window=)``."""

    def compute(company: Company, by: By = None, window: WindowLike = None) -> list[Figure]:
        return made(company, definition.id, by=by, window=window).figures()

    _ANSWERS[definition.id] = made
    return register(replace(definition, compute=compute))


def measure(company: Company, metric: str, *, by: By = None, window: WindowLike = None) -> Measured:
    """Return a metric of a company, by columns, in a window.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; it carries as_of and scope.
    metric
        A metric id, such as "win_rate.closed.count".
    by
        Columns to break down by: any column of the metric's rows or of the accounts, products and
        reps they point to (with its table, such as "reps.name", where several have it); team and
        manager_id as dated on the day of the event; week, month, quarter or year (of the metric's
        date field); pipeline; stage.
    window
        ``[start, end)`` on the metric's date field: a Window, two dates, "2026", "2026-Q1",
        "2026-03". None: all that is known at as_of.

    Raises
    ------
    MetricError
        If there is no such metric or column, or the company has no such table.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> answer = measure(example_company(), "win_rate.closed.count", by="rep_id")
    >>> answer.frame.select("rep_id", "value", "n", "used", "set_aside").rows()
    [('ann', 0.75, 4, 4, 1), ('ben', 0.3333333333333333, 3, 3, 2)]
    """
    if metric in _ANSWERS:
        return _ANSWERS[metric](company, metric, by=by, window=window)
    return answer(company, measure_of(metric), by=by, window=window)


def measure_of(metric: str) -> Measure:
    """Return the measure declared under an id.

    Raises
    ------
    MetricError
        If there is none.
    """
    if metric not in _MEASURES:
        metric_id(metric)
        raise MetricError(
            f"The metric '{metric}' is not a single measure.",
            found="a metric of another room",
            do="Ask the room that declares it",
        )
    return _MEASURES[metric]


def answer(company: Company, made: Measure, *, by: By, window: WindowLike) -> Measured:
    """Return what a measure says of a company."""
    _check_tables(company, made)
    known = read_window(window, company.calendar)
    if known is None and made.default_window:
        known = made.default_window(company)
    key = f"answer {made.id} {id(made)} {by!r} {known!r}"
    return company.once(key, lambda: _asked(company, made, by=by, known=known))


def _asked(company: Company, made: Measure, *, by: By, known: Window | None) -> Measured:
    context = Context(company, known)
    with told_when_overtaken(company.book.folder):
        dimensions = read_dimensions(
            by, company=company, columns=made.columns(company), always=_always(made, company)
        )
        if made.windowed and dimensions.period:
            return _one_window_at_a_time(made, context, dimensions)
        return _answered(made, context, dimensions)


def _always(made: Measure, company: Company) -> tuple[str, ...]:
    """Return the columns every result has; stages of several pipelines are told apart."""
    several = "stage" in made.always_by and len(company.settings.pipelines) > 1
    return ("pipeline", *made.always_by) if several else made.always_by


def _check_tables(company: Company, made: Measure) -> None:
    missing = [t for t in made.definition.table.split("+") if not company.has(t)]
    if missing:
        raise MetricError(
            f"The metric '{made.id}' needs the table '{missing[0]}'.",
            found="no such table in this workspace",
            do=f"Map [tables.{missing[0]}] in the workspace file",
        )


def _answered(made: Measure, context: Context, dimensions: Dimensions) -> Measured:
    cells = count_cells(made, context, dimensions)
    grid = _grid(made, cells, context)
    used, names = cells.used, list(dimensions.names)
    reasons = reasons_of(cells, grid)
    frame = in_one_go(
        _joined(grid.lazy(), made.statistic.finish(used, names), names)
        .pipe(_with_used_rows, used, names)
        .with_columns(
            _aside(reasons, grid.height),
            pl.lit(made.id).alias("metric"),
            pl.lit(context.company.as_of).alias("as_of"),
            pl.col("n", "used").fill_null(0).cast(pl.Int64),
            *([] if made.statistic.empty is None else [_filled(made.statistic.empty)]),
        )
    )
    if made.finish:
        frame = made.finish(frame, context)
    return _finished(frame, reasons, made=made, context=context, names=names)


def _filled(empty: int) -> pl.Expr:
    return pl.col("value").fill_null(empty)


def _finished(
    frame: pl.DataFrame, reasons: pl.DataFrame, *, made: Measure, context: Context, names: list[str]
) -> Measured:
    if made.definition.unit.startswith("money"):
        money = [
            pl.col(c).round(0, "half_away_from_zero").cast(pl.Int64, strict=c == "value")
            for c in ("value", "low", "high")
        ]
        frame = frame.with_columns(money)
    extras = [c for c in frame.columns if c not in (*names, *FIXED, "_row")]
    company = context.company
    return Measured(
        ordered(frame, names, extras=extras),
        metric=made.definition,
        unit=unit_of(made.definition.unit, company.currency),
        currency=company.currency,
        by=tuple(names),
        scoped=company.scoped,
        reasons=reasons,
    )


def unit_of(unit: str, currency: str) -> str:
    """Return the unit as figures print it: money with its currency."""
    return unit.replace("money", f"money:{currency}", 1)


def _joined(left: pl.LazyFrame, right: pl.DataFrame, on: list[str]) -> pl.LazyFrame:
    """Join what is told of each group to the groups; of no group, nulls."""
    if on:
        return _beside(left, right.lazy(), on)
    row = right.row(0) if right.height else [None] * right.width
    told = zip(row, right.schema.items(), strict=True)
    return left.with_columns(pl.lit(value, dtype=kind).alias(c) for value, (c, kind) in told)


def _beside(left: pl.LazyFrame, right: pl.LazyFrame, on: list[str]) -> pl.LazyFrame:
    return left.join(right, on=on, how="left", nulls_equal=True, maintain_order="left")


def _with_used_rows(rows: pl.LazyFrame, used: pl.DataFrame, names: list[str]) -> pl.LazyFrame:
    if not names:
        return rows.with_columns(used=pl.lit(used["_rows"].sum(), dtype=pl.Int64))
    return _beside(rows, used.lazy().group_by(names).agg(used=pl.col("_rows").sum()), names)


def _grid(made: Measure, cells: Cells, context: Context) -> pl.DataFrame:
    """Return every group of the result with its window, sorted; groups without a used row too."""
    period, names = cells.dimensions.period, cells.dimensions.groups
    if period is None:
        grid = _one_window(context.window)
    else:
        grid = _periods(cells.frame[period], context, grain=period)
    if names:
        groups = cells.frame.lazy().select(names)
        if made.expected:
            more = made.expected(context.company, names, grid)
            groups = pl.concat([groups, more.lazy().cast(groups.collect_schema())])
        rows = groups.unique().join(grid.lazy(), how="cross")
        grid = _sorted(rows, cells.dimensions.names, context.company)
    return grid.insert_column(0, pl.Series("_row", range(grid.height), dtype=pl.Int64))


def _sorted(rows: pl.LazyFrame, names: Sequence[str], company: Company) -> pl.DataFrame:
    rows = rows.sort(order_of(names, company), nulls_last=True)
    return in_one_go(rows.select(*names, "window_start", "window_end"))


def _one_window(window: Window | None) -> pl.DataFrame:
    start, end = (window.start, window.end) if window else (None, None)
    told = {"window_start": [start], "window_end": [end]}
    return pl.DataFrame(told, schema=dict.fromkeys(told, pl.Date))


def _periods(starts: pl.Series, context: Context, *, grain: str) -> pl.DataFrame:
    """Return the periods of the result, cut at the window's edges; without a window, those met."""
    window, calendar = context.window, context.company.calendar
    first, last = starts.min(), starts.max()
    if window is None and isinstance(first, date) and isinstance(last, date):
        window = Window(first, calendar.period_of(last, grain).end)
    found: list[Period] = calendar.periods(grain, window) if window else []
    window = window or Window(EPOCH, EPOCH)
    return pl.DataFrame(
        {
            grain: [p.start for p in found],
            "window_start": [max(p.start, window.start) for p in found],
            "window_end": [min(p.end, window.end) for p in found],
        },
        schema={grain: pl.Date, "window_start": pl.Date, "window_end": pl.Date},
    )


def _aside(reasons: pl.DataFrame, height: int) -> pl.Series:
    """Return how many rows were set aside for each row of a result."""
    rows = np.zeros(height, dtype=np.int64)
    np.add.at(rows, reasons["row"].to_numpy(), reasons["rows"].to_numpy())
    return pl.Series("set_aside", rows)


def _one_window_at_a_time(made: Measure, context: Context, dimensions: Dimensions) -> Measured:
    """Return a measure whose rows count in several windows, one period after the other."""
    grain = str(dimensions.period)
    company = context.company
    window = context.window or _known_window(company)
    groups = [name for name in dimensions.groups if name not in made.always_by]
    parts = []
    for period in company.calendar.periods(grain, window) or _empty_period(window, grain):
        cut = Window(max(period.start, window.start), min(period.end, window.end))
        part = answer(company, made, by=groups, window=cut)
        parts.append((period, part))
    stacked = _stacked(parts, grain=grain, dimensions=dimensions, company=company)
    if window.days:
        return stacked
    return replace(stacked, frame=stacked.frame.clear(), reasons=stacked.reasons.clear())


def _empty_period(window: Window, grain: str) -> list[Period]:
    return [Period(grain, window.start, window.end, "")]


def _known_window(company: Company) -> Window:
    """Return the window from the first dated row to as_of."""
    first = company.one("opportunities", pl.min_horizontal("created_on", "closed_on").min())
    start = first or company.as_of
    return Window(start, company.as_of + timedelta(days=1))


def _stacked(
    parts: list[tuple[Period, Measured]],
    *,
    grain: str,
    dimensions: Dimensions,
    company: Company,
) -> Measured:
    """Put the answers of several periods into one."""
    names = list(dimensions.names)
    frames, reasons, offset = [], [], 0
    for period, part in parts:
        frames.append(part.frame.with_columns(pl.lit(period.start).alias(grain)))
        reasons.append(part.reasons.with_columns(pl.col("row") + offset))
        offset += part.frame.height
    frame = pl.concat(frames).with_row_index("_old").cast({"_old": pl.Int64})
    frame = in_order(frame, names, company).with_row_index("_new").cast({"_new": pl.Int64})
    moved = frame.select("_old", "_new")
    told = pl.concat(reasons).join(moved, left_on="row", right_on="_old", how="left")
    told = told.select(pl.col("_new").alias("row"), "reason", "rows", "amount").sort(
        "row", "reason"
    )
    first = parts[0][1]
    extras = [c for c in first.frame.columns if c not in (*first.by, *FIXED)]
    return replace(first, frame=ordered(frame, names, extras=extras), by=tuple(names), reasons=told)
