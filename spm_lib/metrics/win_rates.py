"""Win rates: three of them, by name, because no two products mean the same by the words."""

from __future__ import annotations

from datetime import timedelta

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.metrics.deals import NO_AMOUNT, OPPORTUNITY_DIMENSIONS
from spm_lib.metrics.definition import EPOCH, Context, Measure, amount_where, flag, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import SHARE, VALUE_SHARE
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

WILSON = "Wilson 1927; Brown, Cai and DasGupta 2001 (interval)."
MATURE_SHARE = 0.9
NEGATIVE = "negative amount"  # a credit note, say: there is no share of it
INVERSE = {"value": "value", "low": "high", "high": "low"}  # of a limit the other one


def _won() -> nw.Expr:
    return nw.col("outcome") == "won"


def _closed_by_count(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first(("open", nw.col("outcome") == "open")).alias("_left_out"),
        flag(_won()).alias("_numerator"),
        nw.lit(1).alias("_denominator"),
    )


def _closed_by_value(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first(("open", nw.col("outcome") == "open")).alias("_left_out"),
        when_first(
            (NO_AMOUNT, nw.col("amount").is_null()),
            (NEGATIVE, nw.col("amount") < 0),
        ).alias("_missing"),
        amount_where(_won()).alias("_numerator"),
        nw.col("amount").alias("_denominator"),
    )


def _created(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first().alias("_left_out"),
        flag(_won()).alias("_numerator"),
        nw.lit(1).alias("_denominator"),
    )


def _inverted(frame: pl.DataFrame, _context: Context) -> pl.DataFrame:
    """Turn a share and its limits into how often what is worked on must hold what is to be won."""
    times = {to: pl.when(pl.col(of) > 0).then(1 / pl.col(of)) for to, of in INVERSE.items()}
    return frame.with_columns(**times)


def mature_after(company: Company) -> float | None:
    """Return the days in which 90 % of the won deals were won; null where none was.

    A cohort of created deals is mature once its youngest deal is that old.
    """
    cycle = (pl.col("closed_day") - pl.col("created_day")).filter(pl.col("outcome") == "won")
    return company.one("opportunities", cycle.quantile(MATURE_SHARE, "linear"))


def _mark_mature(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Add ``mature``: the cohort's youngest deal is older than the p90 won cycle at as_of."""
    company = context.company
    needed = mature_after(company)
    tomorrow = company.as_of + timedelta(days=1)
    end = pl.col("window_end").fill_null(tomorrow).clip(upper_bound=tomorrow)
    age = pl.lit((tomorrow - EPOCH).days) - end.cast(pl.Int32).cast(pl.Int64)
    mature = age >= needed if needed is not None else pl.lit(value=False)
    return frame.with_columns(mature.alias("mature"))


CLOSED_COUNT = declare(
    Measure(
        MetricId(
            id="win_rate.closed.count",
            name="Win rate by count",
            formula="Won / (won + lost)",
            numerator="Number of deals won in the window",
            denominator="Number of deals won or lost in the window",
            unit="ratio",
            date_field="closed_on",
            null_rule="Null where no deal was closed; never 0 for want of deals.",
            table="opportunities",
            room="metrics",
            source=WILSON,
            variants=("win_rate.closed.value", "win_rate.created"),
            reading=(
                "Of the deals that were decided in the window, the share that was won. Open deals "
                "are not in it."
            ),
            dimensions=OPPORTUNITY_DIMENSIONS,
        ),
        SHARE,
        _closed_by_count,
        date="closed_day",
    )
)
CLOSED_VALUE = declare(
    Measure(
        MetricId(
            id="win_rate.closed.value",
            name="Win rate by value",
            formula="Won amount / (won amount + lost amount)",
            numerator="Sum of the amounts of deals won in the window",
            denominator="Sum of the amounts of deals won or lost in the window",
            unit="ratio",
            date_field="closed_on",
            null_rule="Null where the closed deals carry no amount, or amounts that sum to 0.",
            table="opportunities",
            room="metrics",
            source=(
                "Ratio estimator with a linearised t interval (Cochran 1977); no interval without "
                "a spread."
            ),
            variants=("win_rate.closed.count", "win_rate.created"),
            reading=(
                "Large deals weigh more. Where lost deals carry no amount this rate is too high, "
                "and deals with a negative amount have no share in it: see the receipt."
            ),
            dimensions=OPPORTUNITY_DIMENSIONS,
        ),
        VALUE_SHARE,
        _closed_by_value,
        date="closed_day",
    )
)
CREATED = declare(
    Measure(
        MetricId(
            id="win_rate.created",
            name="Win rate of created deals",
            formula="Won so far / created",
            numerator="Deals created in the window and won by as_of",
            denominator="Number of deals created in the window",
            unit="ratio",
            date_field="created_on",
            null_rule="Null where no deal was created.",
            table="opportunities",
            room="metrics",
            source=WILSON,
            variants=("win_rate.closed.count", "win_rate.closed.value"),
            reading=(
                "A cohort younger than the time in which 90 % of the won deals were won is marked "
                "as not mature: it will still rise."
            ),
            dimensions=OPPORTUNITY_DIMENSIONS,
        ),
        SHARE,
        _created,
        date="created_day",
        finish=_mark_mature,
    )
)
BREAK_EVEN = declare(
    Measure(
        MetricId(
            id="coverage.break_even",
            name="Coverage that the own win rate asks for",
            formula="1 / win rate by value",
            numerator="Sum of the amounts of deals won or lost in the window",
            denominator="Sum of the amounts of deals won in the window",
            unit="ratio",
            date_field="closed_on",
            null_rule="Null where nothing of value was won.",
            table="opportunities",
            room="metrics",
            source="The limits are those of the win rate by value, each turned over.",
            variants=("coverage",),
            reading="How many times open deals must cover what is left at the own win rate.",
            dimensions=OPPORTUNITY_DIMENSIONS,
        ),
        VALUE_SHARE,
        _closed_by_value,
        date="closed_day",
        finish=_inverted,
    )
)
