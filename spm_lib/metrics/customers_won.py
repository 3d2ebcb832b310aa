"""What it costs to win a new customer: customers whose first won deal lies in the window."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from spm_lib.metrics.cost_ratios import COST_OVER_BROUGHT, SOURCE, as_read, beside_costs, brought_by
from spm_lib.metrics.deals import outcome_is
from spm_lib.metrics.definition import Measure
from spm_lib.metrics.measure import declare
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

NO_ACCOUNT, REPEAT = "no account", "customer won before"
UNDATED = "no date of close"


def _first_deals(company: Company) -> nw.LazyFrame:
    """Return the first won deal of each customer: of several on one day the first by its key."""
    rows = company.rows("opportunities")
    known = ~nw.col("account_id").is_null() & ~nw.col("closed_day").is_null()
    won = rows.filter(nw.col("set_aside").is_null() & (nw.col("outcome") == "won") & known)
    won = won.select("account_id", "closed_day", "opportunity_id")
    days = won.group_by("account_id").agg(nw.col("closed_day").min().alias("_first"))
    first = won.join(days, on="account_id", how="inner").filter(
        nw.col("closed_day") == nw.col("_first")
    )
    return (
        first.group_by("account_id")
        .agg(nw.col("opportunity_id").min().alias("opportunity_id"))
        .select("opportunity_id", nw.lit(1).alias("_new"))
    )


def _new_customers(company: Company) -> nw.LazyFrame:
    rows = company.rows("opportunities")
    rows = rows.join(_first_deals(company), on="opportunity_id", how="left")
    others = [
        *outcome_is("won"),
        (NO_ACCOUNT, nw.col("account_id").is_null()),
        (UNDATED, nw.col("closed_day").is_null()),
        (REPEAT, nw.col("_new").is_null()),
    ]
    return brought_by(rows, "closed_day", nw.lit(1), left_out=others)


CAC = declare(
    Measure(
        MetricId(
            id="cac",
            name="Cost of winning a customer",
            formula="Cost of selling / new customers",
            numerator="All costs whose period starts in the window",
            denominator="Number of customers whose first won deal was won in the window",
            unit="money",
            date_field="closed_on, period_start",
            null_rule="Null where no new customer was won, or no cost was booked.",
            table="costs+opportunities",
            room="metrics",
            source=SOURCE,
            reading=(
                "A customer is new with the first won deal that the data know of: in their first "
                "months too many are. All costs are in it, those of selling to old customers too."
            ),
            dimensions=("rep_id",),
        ),
        COST_OVER_BROUGHT,
        as_read,
        date="_event_day",
        rows=beside_costs(_new_customers),
    )
)
