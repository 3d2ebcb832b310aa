"""Against the target: attainment of what was to be reached, coverage of what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.metrics.deals import NO_AMOUNT, outcome_is
from spm_lib.metrics.definition import Context, Measure, amount_where, flag, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.measured import FIXED
from spm_lib.metrics.statistic import SUM, Statistic
from spm_lib.metrics.target_values import (
    add_targets,
    current_target,
    finished_targets,
    groups_with_target,
)
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

NO_LONGER_OPEN_NOR_DUE = "neither due nor won in the window"


def _groups(frame: pl.DataFrame, own: Sequence[str]) -> list[str]:
    return [c for c in frame.columns if c not in (*FIXED, "_row", *own)]


def _divide(metric: str) -> Callable[[pl.DataFrame, Context], pl.DataFrame]:
    """Return the step that divides the actual value by the target of the same group and window."""

    def finish(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
        frame = add_targets(
            frame, company=context.company, metric=metric, by=_groups(frame, ())
        ).rename({"value": "actual"})
        target = pl.col("target")
        ratio = pl.when(target > 0).then(pl.col("actual").cast(pl.Float64) / target)
        return frame.with_columns(ratio.alias("value"))

    return finish


def _won(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first(*outcome_is("won")).alias("_left_out"),
        when_first((NO_AMOUNT, nw.col("amount").is_null())).alias("_missing"),
        nw.col("amount").alias("_numerator"),
    )


def _lines(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first().alias("_left_out"),
        when_first((NO_AMOUNT, nw.col("amount").is_null())).alias("_missing"),
        nw.col("amount").alias("_numerator"),
    )


def _due_or_won(rows: nw.LazyFrame, context: Context) -> nw.LazyFrame:
    due, closed = nw.col("expected_day"), nw.col("closed_day")
    open_ = (nw.col("outcome") == "open") & ~due.is_null()
    open_ = open_ & (due >= context.start) & (due < context.end)
    won = (nw.col("outcome") == "won") & ~closed.is_null()
    won = won & (closed >= context.start) & (closed < context.end)
    if context.window is None:
        open_, won = nw.col("outcome") == "open", nw.col("outcome") == "won"
    known = ~nw.col("amount").is_null()
    return rows.with_columns(
        when_first(
            ("lost", nw.col("outcome") == "lost"),
            ("open without an expected close", _undated_open(context)),
            (NO_LONGER_OPEN_NOR_DUE, ~(open_ | won)),
            (NO_AMOUNT, ~known),
        ).alias("_left_out"),
        amount_where(open_ & known).alias("_due"),
        flag(open_ & known).alias("_due_deals"),
        amount_where(won & known).alias("_won"),
    )


def _undated_open(context: Context) -> nw.Expr:
    open_ = (nw.col("outcome") == "open") & nw.col("expected_day").is_null()
    return open_ & nw.lit(context.window is not None)


def _sums(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    names = {"_due": "open_due", "_due_deals": "n", "_won": "won"}
    totals = [pl.col(name).sum().alias(text) for name, text in names.items()]
    sums = cells.group_by(by, maintain_order=True).agg(*totals) if by else cells.select(*totals)
    nothing = pl.lit(None, dtype=pl.Float64)
    return sums.with_columns(value=nothing, low=nothing, high=nothing)


def _cover(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Divide what is open and due by what is missing to the target; null where nothing is."""
    frame = frame.with_columns(pl.col("open_due", "won").fill_null(0))
    groups = _groups(frame, ("open_due", "won"))
    frame = add_targets(frame, company=context.company, metric="won.amount", by=groups)
    frame = frame.with_columns(remaining=pl.col("target") - pl.col("won"))
    ratio = pl.col("open_due").cast(pl.Float64) / pl.col("remaining")
    return frame.with_columns(value=pl.when(pl.col("remaining") > 0).then(ratio))


def _attainment(name: str, text: str, *, of: str, table: str, reading: str) -> MetricId:
    return MetricId(
        id=name,
        name=text,
        formula="Reached / target",
        numerator=of,
        denominator="Sum of the targets whose period lies in the window",
        unit="ratio",
        date_field="closed_on" if table == "opportunities" else "date",
        null_rule="Null where no target was set, or a target of 0.",
        table=table,
        room="metrics",
        variants=tuple(v for v in ("attainment", "attainment.orders") if v != name),
        reading=reading,
        dimensions=("rep_id",),
    )


def _finished(metric: str) -> Callable[[Company], Window | None]:
    def window(company: Company) -> Window | None:
        return finished_targets(company, metric)

    return window


def _with_target(metric: str) -> Callable[[Company, Sequence[str], pl.DataFrame], pl.DataFrame]:
    """Return the step that names those who have a target, though they may have no deal."""

    def expected(company: Company, groups: Sequence[str], windows: pl.DataFrame) -> pl.DataFrame:
        return groups_with_target(windows, company=company, metric=metric, groups=groups)

    return expected


def _current(company: Company) -> Window | None:
    return current_target(company, "won.amount")


ATTAINMENT = declare(
    Measure(
        _attainment(
            "attainment",
            "Target attainment",
            of="Sum of the amounts of deals won in the window",
            table="opportunities",
            reading=(
                "Without a window: all target periods that are over. A period that still goes on "
                "shows what has been reached so far."
            ),
        ),
        SUM,
        _won,
        date="closed_day",
        finish=_divide("won.amount"),
        default_window=_finished("won.amount"),
        expected=_with_target("won.amount"),
    )
)
ATTAINMENT_ORDERS = declare(
    Measure(
        _attainment(
            "attainment.orders",
            "Quota attainment by orders",
            of="Sum of the amounts of order lines in the window",
            table="orders",
            reading="For clients whose targets are set on orders (metric orders.amount).",
        ),
        SUM,
        _lines,
        date="day",
        finish=_divide("orders.amount"),
        default_window=_finished("orders.amount"),
        expected=_with_target("orders.amount"),
    )
)
COVERAGE = declare(
    Measure(
        MetricId(
            id="coverage",
            name="Pipeline coverage",
            formula="Open due in the window / (target - won)",
            numerator="Sum of the amounts of open deals whose expected close lies in the window",
            denominator="Target of the window minus what was won in it",
            unit="ratio",
            date_field="expected_close, closed_on",
            null_rule="Null where no target was set or it is already reached.",
            table="opportunities",
            room="metrics",
            source=(
                "Open pipeline over remaining target; not its inverse, which some products print."
            ),
            reading=(
                "How many times the open pipeline covers what is missing. Without a window: the "
                "target period that goes on at as_of. By team, a won deal counts in the team of "
                "the day on which it was won, an open one in its owner's team at as_of."
            ),
            dimensions=("rep_id",),
        ),
        Statistic("coverage", _sums, sums=("_due", "_due_deals", "_won")),
        _due_or_won,
        date="closed_day",  # the team: on the close of a won deal, at as_of of an open one
        windowed=True,
        finish=_cover,
        default_window=_current,
        expected=_with_target("won.amount"),
    )
)
