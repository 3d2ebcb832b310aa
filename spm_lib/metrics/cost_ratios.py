"""Costs beside what they brought: one frame of both, and the two ratios with their intervals.

What was brought is a sum over deals (or orders) whose number and sizes are chance; what was spent
is known. The variance of such a sum is the sum of the squares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from spm_lib.core import special
from spm_lib.metrics.costs import cost_rows
from spm_lib.metrics.deals import NO_AMOUNT
from spm_lib.metrics.definition import Context, when_first
from spm_lib.metrics.statistic import LEVEL, SQUARES, Finish, Statistic
from spm_lib.model import Company

OTHER_COST = "another kind of cost"
SOURCE = (
    "Costs as booked; of what they brought, the variance of a sum of a Poisson number of amounts "
    "is the sum of their squares (Kaas et al. 2008, Modern Actuarial Risk Theory, 3), by the delta "
    "method. No interval below two deals."
)
_SUMS = ("_numerator", "_denominator", "_brought")
Rows = Callable[[Company], nw.LazyFrame]
Reason = tuple[str, nw.Expr]


def beside_costs(brought: Rows, *, kinds: Collection[str] = ()) -> Rows:
    """Return the reading of costs (of these kinds; none: of all) and of what they brought.

    ``brought`` gives rows as ``brought_by`` makes them. A cost without an amount is set aside;
    so is, where kinds are asked for, one of another kind or none.
    """
    return lambda company: nw.concat([_costs(company, kinds), brought(company)], how="vertical")


def _costs(company: Company, kinds: Collection[str]) -> nw.LazyFrame:
    kind = nw.col("kind").str.to_lowercase()
    other = [(OTHER_COST, kind.is_null() | ~kind.is_in(list(kinds)))] if kinds else []
    rows = cost_rows(company).with_columns(
        nw.col("period_start_day").alias("_event_day"),
        when_first(*other).alias("_left_out"),
        when_first((NO_AMOUNT, nw.col("amount").is_null())).alias("_missing"),
        nw.lit(0).alias("_numerator"),
        nw.col("amount").alias("_denominator"),
    )
    return _side(rows, brought=False)


def brought_by(
    rows: nw.LazyFrame,
    day: str,
    amount: nw.Expr,
    *,
    left_out: Sequence[Reason] = (),
    missing: Sequence[Reason] = (),
) -> nw.LazyFrame:
    """Return rows as what costs brought: what each adds, on its day, unless a reason holds.

    ``left_out`` and ``missing`` are reasons with their conditions, the first that holds counts.
    """
    told = rows.with_columns(
        nw.col(day).alias("_event_day"),
        when_first(*left_out).alias("_left_out"),
        when_first(*missing).alias("_missing"),
        amount.alias("_numerator"),
    )
    return _side(told, brought=True)


def _side(rows: nw.LazyFrame, *, brought: bool) -> nw.LazyFrame:
    """Return one side of the frame, with the columns and types that both sides share."""
    own_team = nw.lit(None, dtype=nw.String) if brought else nw.col("_own_team")
    below = nw.lit(0) if brought else nw.col("_denominator")
    texts = {"rep_id": nw.col("rep_id"), "_own_team": own_team}
    texts |= {name: nw.col(name) for name in ("set_aside", "_left_out", "_missing")}
    whole = {name: nw.col(name) for name in ("_event_day", "amount", "_numerator")}
    whole |= {"_denominator": below, "_brought": nw.lit(1 if brought else 0)}
    return rows.select(
        *(made.cast(nw.String).alias(name) for name, made in texts.items()),
        *(made.cast(nw.Int64).alias(name) for name, made in whole.items()),
    )


def as_read(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    """Return the rows as they are: their reader has classified them."""
    return rows


def _sums(cells: pl.DataFrame, by: Sequence[str]) -> tuple[pl.DataFrame, list[np.ndarray]]:
    names = [*_SUMS, *SQUARES]
    totals = [pl.col(name).sum() for name in names]
    sums = cells.group_by(by, maintain_order=True).agg(*totals) if by else cells.select(*totals)
    wanted = ("_numerator", "_denominator", "_nn")
    return sums.rename({"_brought": "n"}), [sums[c].cast(pl.Float64).to_numpy() for c in wanted]


def _told(sums: pl.DataFrame, *bounds: np.ndarray) -> pl.DataFrame:
    """Return by..., value, n, low, high; no interval below two deals."""
    value, low, high = (pl.Series(b, dtype=pl.Float64, nan_to_null=True) for b in bounds)
    enough = sums["n"] >= 2
    frame = sums.with_columns(value=value, low=low, high=high)
    limits = [pl.when(enough).then(pl.col(c)).alias(c) for c in ("low", "high")]
    return frame.with_columns(limits).drop("_numerator", "_denominator", *SQUARES)


def _over_cost(less: int) -> Finish:
    def finish(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
        sums, (brought, cost, squares) = _sums(cells, by)
        half = special.ndtri(0.5 + LEVEL / 2) * np.sqrt(squares)
        low = np.where(sums["_below"].to_numpy() > 0, brought - half, np.maximum(brought - half, 0))
        cost = np.where(cost > 0, cost, np.nan)
        half = np.where(squares > 0, half, np.nan)
        bounds = (brought / cost, low / cost + 0 * half, (brought + half) / cost)
        return _told(sums, *(bound - less for bound in bounds))

    return finish


def _cost_over(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    sums, (brought, cost, squares) = _sums(cells, by)
    brought = np.where(brought > 0, brought, np.nan)
    factor = np.exp(special.ndtri(0.5 + LEVEL / 2) * np.sqrt(squares) / brought)
    value = np.where(cost != 0, cost / brought, np.nan)
    return _told(sums, value, value / factor, value * factor)


def _sum_of_chance(cells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    nothing = cells.with_columns(_denominator=pl.lit(0), _brought=pl.col("_rows"))
    sums, (brought, _, squares) = _sums(nothing, by)
    half = special.ndtri(0.5 + LEVEL / 2) * np.sqrt(squares)
    low = np.where(sums["_below"].to_numpy() > 0, brought - half, np.maximum(brought - half, 0))
    return _told(sums, brought, low, brought + half)


BROUGHT_OVER_COST = Statistic("brought over cost", _over_cost(0), sums=_SUMS, squares=True)
GAIN_OVER_COST = Statistic("gain over cost", _over_cost(1), sums=_SUMS, squares=True)
COST_OVER_BROUGHT = Statistic("cost over brought", _cost_over, sums=_SUMS, squares=True)
SUM_OF_CHANCE = Statistic(
    "sum of chance", _sum_of_chance, sums=("_numerator", "_denominator"), squares=True
)
