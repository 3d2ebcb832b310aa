"""Orders: what was sold, order by order."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from spm_lib.metrics.deals import NO_AMOUNT
from spm_lib.metrics.definition import Context, Measure, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import MEAN, SUM, Statistic, distinct, mean_per
from spm_lib.model.registry import MetricId


def _lines(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first().alias("_left_out"),
        when_first((NO_AMOUNT, nw.col("amount").is_null())).alias("_missing"),
        nw.col("amount").alias("_numerator"),
    )


def _profits(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    """Return what lines left over: those without an amount or a cost are set aside."""
    return rows.with_columns(
        when_first().alias("_left_out"),
        when_first(
            (NO_AMOUNT, nw.col("amount").is_null()), (NO_COST, nw.col("cost").is_null())
        ).alias("_missing"),
        (nw.col("amount") - nw.col("cost")).alias("_numerator"),
        nw.col("amount").alias("_denominator"),
    )


def _all_lines(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(when_first().alias("_left_out"))


NO_COST = "no cost"


def _definition(name: str, text: str, formula: str, *, unit: str, **more: str) -> MetricId:
    return MetricId(
        id=name,
        name=text,
        formula=formula,
        numerator=more.get("numerator", formula),
        denominator=more.get("denominator", ""),
        unit=unit,
        date_field="date",
        null_rule=more.get("null_rule", "Never null: without orders it is 0."),
        table="orders",
        room="metrics",
        source=more.get("source", ""),
        reading=more["reading"],
        dimensions=("rep_id", "account_id", "product_id"),
    )


def _declare(definition: MetricId, statistic: Statistic, *, money: bool) -> Measure:
    return declare(Measure(definition, statistic, _lines if money else _all_lines, date="day"))


ORDERS_AMOUNT = _declare(
    _definition(
        "orders.amount",
        "Sales by orders",
        "Sum of the amounts of order lines in the window",
        unit="money",
        reading="Each line counts on the date of its order; lines without an amount are set aside.",
    ),
    SUM,
    money=True,
)
ORDERS_COUNT = _declare(
    _definition(
        "orders.count",
        "Orders",
        "Number of different orders in the window",
        unit="count",
        reading="An order of several lines counts once; the receipt counts its lines.",
    ),
    distinct("order_id"),
    money=False,
)
ORDER_MEAN = _declare(
    _definition(
        "order.mean_amount",
        "Average order",
        "Sales by orders / orders",
        unit="money",
        numerator="Sum of the amounts of order lines in the window",
        denominator="Number of different orders in the window",
        null_rule="Null where there is no order with an amount.",
        source="Mean with a t interval (Cochran 1977); no interval without a spread.",
        reading="A few very large orders pull the mean up.",
    ),
    mean_per("order_id"),
    money=True,
)
GROSS_PROFIT = declare(
    Measure(
        _definition(
            "orders.gross_profit",
            "Gross profit by orders",
            "Sum of amount less cost of the order lines in the window",
            unit="money",
            reading="Below 0, what was sold cost more than it brought. Lines without a cost are "
            "set aside.",
        ),
        SUM,
        _profits,
        date="day",
    )
)
GROSS_MARGIN = declare(
    Measure(
        _definition(
            "orders.gross_margin",
            "Gross margin by orders",
            "Gross profit / sales by orders",
            unit="ratio",
            numerator="Sum of amount less cost of the order lines in the window",
            denominator="Sum of the amounts of the same lines",
            null_rule="Null where no line has an amount and a cost.",
            source="Ratio estimator with a linearised t interval (Cochran 1977); no interval "
            "without a spread.",
            reading="Lines without a cost are in neither part.",
        ),
        MEAN,
        _profits,
        date="day",
    )
)
