"""Sales velocity: money per day, from opportunities, win rate, deal size and cycle."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.cycles import UNCLOSED, UNCREATED
from spm_lib.metrics.deals import OPPORTUNITY_DIMENSIONS
from spm_lib.metrics.definition import Context, Measure, amount_where, flag, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import Statistic
from spm_lib.model.registry import MetricId

Number = int | Fraction | Decimal | str


def velocity(
    *, opportunities: Number, win_rate: Number, mean_amount: Number, cycle_days: Number
) -> Fraction | None:
    """Return opportunities x win rate x mean amount / cycle, per day, exactly.

    Null (None) where the cycle is 0 days. Money comes out in the unit it came in.
    Source: the usual sales velocity equation.

    Examples
    --------
    >>> per_day = velocity(
    ...     opportunities=18, win_rate="0.24", mean_amount=42000, cycle_days=78
    ... )
    >>> round(float(per_day), 2)
    2326.15
    """
    worked, rate, amount, days = (
        Fraction(n) for n in (opportunities, win_rate, mean_amount, cycle_days)
    )
    return worked * rate * amount / days if days else None


_SUMS = ("_won", "_closed", "_won_amount", "_won_priced", "_cycle", "_cycled")


def _worked(rows: nw.LazyFrame, context: Context) -> nw.LazyFrame:
    closed, day = nw.col("outcome") != "open", nw.col("closed_day")
    inside = closed
    if context.window is not None:
        inside = closed & ~day.is_null() & (day >= context.start) & (day < context.end)
    days = day - nw.col("created_day")
    known = rows.with_columns(inside.alias("_here"), days.alias("_days"))
    here, won = nw.col("_here"), nw.col("_here") & (nw.col("outcome") == "won")
    cycled = won & ~nw.col("_days").is_null() & (nw.col("_days") >= 0)
    priced = won & ~nw.col("amount").is_null()
    parts = known.with_columns(
        won.alias("_is_won"), cycled.alias("_is_cycled"), priced.alias("_is_priced")
    )
    return parts.with_columns(
        when_first(
            ("closed before the window", closed & ~day.is_null() & (day < context.start)),
            ("created after the window", nw.col("created_day") >= context.end),
            *_undated(context, inside=here),
        ).alias("_left_out"),
        flag(nw.col("_is_won")).alias("_won"),
        flag(here).alias("_closed"),
        amount_where(nw.col("_is_priced")).alias("_won_amount"),
        flag(nw.col("_is_priced")).alias("_won_priced"),
        amount_where(nw.col("_is_cycled"), "_days").alias("_cycle"),
        flag(nw.col("_is_cycled")).alias("_cycled"),
    )


def _undated(context: Context, *, inside: nw.Expr) -> list[tuple[str, nw.Expr]]:
    """Return the rules for deals of which no one can say whether a window saw them worked."""
    if context.window is None:
        return []
    closed = nw.col("outcome") != "open"
    return [
        (UNCLOSED, closed & nw.col("closed_day").is_null()),
        (UNCREATED, nw.col("created_day").is_null() & ~inside),
    ]


def _finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    names = ("_rows", *_SUMS)
    totals = [pl.col(name).sum() for name in names]
    sums = cells.group_by(by, maintain_order=True).agg(*totals) if by else cells.select(*totals)
    values = [_value(*row) for row in sums.select(names).iter_rows()]
    return sums.select(
        *by,
        pl.Series("value", values, dtype=pl.Float64),
        pl.col("_rows").alias("n"),
        pl.lit(None, dtype=pl.Float64).alias("low"),
        pl.lit(None, dtype=pl.Float64).alias("high"),
    )


def _value(
    worked: int, won: int, closed: int, amount: int, priced: int, days: int, cycled: int
) -> float | None:
    """Return minor units per day from the sums; null where a part of it is undefined."""
    if not (worked and closed and priced and cycled and days):
        return None
    per_day = velocity(
        opportunities=worked,
        win_rate=Fraction(won, closed),
        mean_amount=Fraction(amount, priced),
        cycle_days=Fraction(days, cycled),
    )
    return None if per_day is None else float(per_day)


VELOCITY = declare(
    Measure(
        MetricId(
            id="velocity",
            name="Sales velocity",
            formula="Opportunities worked x win rate by count x average deal / mean won cycle",
            numerator="Deals worked in the window x win rate by count x average deal",
            denominator="Mean won cycle in calendar days",
            unit="money per day",
            date_field="created_on, closed_on",
            null_rule="Null where nothing was closed or won, or the mean cycle is 0 days.",
            table="opportunities",
            room="metrics",
            source="The usual sales velocity equation; computed with exact fractions.",
            reading=(
                "A deal is worked in the window if it was created before the window's end and "
                "not closed before its start; deals whose dates do not tell are set aside. Compare "
                "windows of the same length only: a longer window has more deals worked."
            ),
            dimensions=OPPORTUNITY_DIMENSIONS,
        ),
        Statistic("velocity", _finish, sums=_SUMS),
        _worked,
        date="closed_day",
        windowed=True,
    )
)
