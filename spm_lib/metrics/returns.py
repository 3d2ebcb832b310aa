"""What selling costs and returns: compensation cost, commission rate, return, cost per deal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import narwhals.stable.v2 as nw

from spm_lib.metrics.cost_ratios import (
    BROUGHT_OVER_COST,
    COST_OVER_BROUGHT,
    GAIN_OVER_COST,
    SOURCE,
    Reason,
    Rows,
    as_read,
    beside_costs,
    brought_by,
)
from spm_lib.metrics.costs import names_of
from spm_lib.metrics.deals import NO_AMOUNT, outcome_is
from spm_lib.metrics.definition import Measure
from spm_lib.metrics.measure import declare
from spm_lib.metrics.orders import NO_COST
from spm_lib.metrics.statistic import Statistic
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

Number = int | float | Fraction | Decimal | str
PAY = names_of("people", "incentives")
INCENTIVES = names_of("incentives")


def return_on_cost(brought: Number, cost: Number) -> Fraction | None:
    """Return (brought - cost) / cost, exactly; None where nothing was spent.

    Examples
    --------
    >>> float(return_on_cost(500, 150))
    2.3333333333333335
    """
    spent = Fraction(cost)
    return (Fraction(brought) - spent) / spent if spent else None


def payback_months(
    cost_per_customer: Number, monthly_revenue: Number, margin: Number
) -> Fraction | None:
    """Return in how many months a new customer's gross profit pays what winning him cost.

    ``monthly_revenue`` is a customer's, ``margin`` its gross share. None where they bring nothing.

    Examples
    --------
    >>> payback_months(1200, 250, "0.8")
    Fraction(6, 1)
    """
    monthly = Fraction(monthly_revenue) * Fraction(margin)
    return Fraction(cost_per_customer) / monthly if monthly > 0 else None


def won_money(company: Company) -> nw.LazyFrame:
    """Return the deals as what costs brought: the amounts of won ones; null amounts set aside."""
    rows, amount, won = company.rows("opportunities"), nw.col("amount"), outcome_is("won")
    return brought_by(rows, "closed_day", amount, left_out=won, missing=[_no("amount", NO_AMOUNT)])


def _won_deals(company: Company) -> nw.LazyFrame:
    rows = company.rows("opportunities")
    return brought_by(rows, "closed_day", nw.lit(1), left_out=outcome_is("won"))


def _created_deals(company: Company) -> nw.LazyFrame:
    return brought_by(company.rows("opportunities"), "created_day", nw.lit(1))


def order_money(company: Company) -> nw.LazyFrame:
    """Return the order lines as what costs brought; lines without an amount are set aside."""
    lines = company.rows("orders")
    return brought_by(lines, "day", nw.col("amount"), missing=[_no("amount", NO_AMOUNT)])


def order_profit(company: Company) -> nw.LazyFrame:
    """Return the gross profit of order lines; those without an amount or a cost are set aside."""
    lines, profit = company.rows("orders"), nw.col("amount") - nw.col("cost")
    return brought_by(
        lines, "day", profit, missing=[_no("amount", NO_AMOUNT), _no("cost", NO_COST)]
    )


def _no(column: str, reason: str) -> Reason:
    return reason, nw.col(column).is_null()


WON, SALES = "Sum of the amounts of deals won in the window", "Sum of order lines in the window"
ALL_COSTS = "All costs whose period starts in the window"
PAY_COSTS = "Salaries and all incentive pay whose period starts in the window"
INCENTIVE_COSTS = "Incentive pay whose period starts in the window"
NO_SALARIES = (
    "Only what is paid for results: salaries are not in it, so it is not the compensation cost of "
    "sales."
)


def _declared(
    name: str,
    text: str,
    statistic: Statistic,
    *,
    rows: Rows,
    orders: bool = False,
    unit: str = "ratio",
    reading: str,
    **told: str,
) -> Measure:
    more = told.get("date_field", "date" if orders else "closed_on")
    definition = MetricId(
        id=name,
        name=text,
        formula=told["formula"],
        numerator=told["numerator"],
        denominator=told["denominator"],
        unit=unit,
        date_field=f"{more}, period_start",
        null_rule="Null where the denominator is 0, or no cost was booked.",
        table="costs+orders" if orders else "costs+opportunities",
        room="metrics",
        source=SOURCE,
        reading=reading,
        dimensions=("rep_id",),
    )
    return declare(Measure(definition, statistic, as_read, date="_event_day", rows=rows))


CCOS = _declared(
    "ccos",
    "Compensation cost of sales",
    COST_OVER_BROUGHT,
    rows=beside_costs(won_money, kinds=PAY),
    formula="(Salaries + incentive pay) / won amount",
    numerator=PAY_COSTS,
    denominator=WON,
    reading=(
        "All pay of the ledger's people over what they won; SPIFs and bonuses are in it, travel, "
        "tools and training are not. A cost counts whole in the period in which it starts."
    ),
)
CCOS_ORDERS = _declared(
    "ccos.orders",
    "Compensation cost of sales by orders",
    COST_OVER_BROUGHT,
    rows=beside_costs(order_money, kinds=PAY),
    orders=True,
    formula="(Salaries + incentive pay) / sales by orders",
    numerator=PAY_COSTS,
    denominator=SALES,
    reading=(
        "All pay of the ledger's people over what was ordered; SPIFs and bonuses are in it, "
        "travel, tools and training are not. A cost counts whole in the period in which it starts."
    ),
)
COMMISSION_RATE = _declared(
    "commission_cost_rate",
    "Commission cost rate",
    COST_OVER_BROUGHT,
    rows=beside_costs(won_money, kinds=INCENTIVES),
    formula="Incentive pay / won amount",
    numerator=INCENTIVE_COSTS,
    denominator=WON,
    reading=NO_SALARIES,
)
COMMISSION_RATE_ORDERS = _declared(
    "commission_cost_rate.orders",
    "Commission cost rate by orders",
    COST_OVER_BROUGHT,
    rows=beside_costs(order_money, kinds=INCENTIVES),
    orders=True,
    formula="Incentive pay / sales by orders",
    numerator=INCENTIVE_COSTS,
    denominator=SALES,
    reading=NO_SALARIES,
)
EFFICIENCY = _declared(
    "sales_efficiency",
    "Sales efficiency",
    BROUGHT_OVER_COST,
    rows=beside_costs(won_money),
    formula="Won amount / cost of selling",
    numerator=WON,
    denominator=ALL_COSTS,
    reading=(
        "Won amount for each unit spent on people, incentives, tools, training, travel and "
        "campaigns, as far as the ledger holds them. Costs come before what they bring: a short "
        "window of a growing company shows too little."
    ),
)
ROI_REVENUE = _declared(
    "sales_roi.revenue",
    "Sales ROI on revenue",
    GAIN_OVER_COST,
    rows=beside_costs(won_money),
    formula="(Won amount - cost of selling) / cost of selling",
    numerator="Sum of the amounts of deals won in the window, less all costs of it",
    denominator=ALL_COSTS,
    reading=(
        "Revenue is not profit: what was sold also cost something to make. The version on gross "
        "profit says what is left."
    ),
)
ROI_PROFIT = _declared(
    "sales_roi.gross_profit",
    "Sales ROI on gross profit",
    GAIN_OVER_COST,
    rows=beside_costs(order_profit),
    orders=True,
    formula="(Gross profit - cost of selling) / cost of selling",
    numerator="Sum of amount less cost of the order lines in the window, less all costs of it",
    denominator=ALL_COSTS,
    reading=(
        "Below 0, selling cost more than what was sold left over. Lines without a cost are set "
        "aside; where many are, it is too low."
    ),
)
PER_CREATED = _declared(
    "cost.per_created",
    "Cost per opportunity",
    COST_OVER_BROUGHT,
    rows=beside_costs(_created_deals),
    unit="money",
    date_field="created_on",
    formula="Cost of selling / created deals",
    numerator=ALL_COSTS,
    denominator="Number of deals created in the window",
    reading=(
        "All costs of selling over the deals that began; those that were won bear the cost of "
        "those that were not."
    ),
)
PER_WON = _declared(
    "cost.per_won",
    "Cost per won deal",
    COST_OVER_BROUGHT,
    rows=beside_costs(_won_deals),
    unit="money",
    formula="Cost of selling / won deals",
    numerator=ALL_COSTS,
    denominator="Number of deals won in the window",
    reading=(
        "All costs of selling of the window, those of lost and open deals too, over the deals won "
        "in it."
    ),
)
