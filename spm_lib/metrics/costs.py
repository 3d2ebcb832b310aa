"""The cost ledger: what selling cost, by kind, period, person or team."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from spm_lib.metrics.deals import NO_AMOUNT
from spm_lib.metrics.definition import Context, Measure, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import SUM
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

SPIFS = ("spif", "spifs", "spiff", "spiffs")
# What companies call the six kinds of the ledger. A name of another language is mapped in the
# workspace file (`values.kind` of [tables.costs]).
KINDS = {
    "people": ("people", "salary", "salaries", "base", "base pay", "payroll", "wages"),
    "incentives": (
        *("incentives", "incentive", "incentive pay", "commission", "commissions"),
        *("bonus", "bonuses", *SPIFS, "accelerator", "accelerators"),
    ),
    "tools": ("tools", "tool", "software", "licences", "licenses"),
    "training": ("training", "coaching", "enablement"),
    "travel": ("travel", "entertainment"),
    "campaigns": ("campaigns", "campaign", "marketing", "advertising", "events"),
}


def names_of(*kinds: str) -> tuple[str, ...]:
    """Return the lower-case names under which costs of these kinds stand in a ledger.

    Raises
    ------
    KeyError
        If there is no such kind.

    Examples
    --------
    >>> names_of("training")
    ('training', 'coaching', 'enablement')
    """
    return tuple(name for kind in kinds for name in KINDS[kind])


def group_of(kind: str | None) -> str:
    """Return the kind of the ledger that a cost's own name means; "other" for any other name.

    Examples
    --------
    >>> [group_of(k) for k in ("Salaries", "SPIF", "rent", None)]
    ['people', 'incentives', 'other', 'other']
    """
    name = (kind or "").strip().lower()
    return next((group for group, names in KINDS.items() if name in names), "other")


def cost_rows(company: Company) -> nw.LazyFrame:
    """Return the costs, with the team that a cost names itself in ``_own_team``."""
    return company.rows("costs").with_columns(nw.col("team").alias("_own_team"))


def _every_cost(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first().alias("_left_out"),
        when_first((NO_AMOUNT, nw.col("amount").is_null())).alias("_missing"),
        nw.col("amount").alias("_numerator"),
    )


COST_AMOUNT = declare(
    Measure(
        MetricId(
            id="cost.amount",
            name="Cost of selling",
            formula="Sum of the costs whose period starts in the window",
            numerator="Sum of the costs whose period starts in the window",
            denominator="",
            unit="money",
            date_field="period_start",
            null_rule="Never null: without costs it is 0.",
            table="costs",
            room="metrics",
            reading=(
                "A cost counts whole in the period in which it starts, and with the person or team "
                "that it names. What the ledger does not hold is not known to be 0."
            ),
            dimensions=("rep_id", "kind"),
        ),
        SUM,
        _every_cost,
        date="period_start_day",
        rows=cost_rows,
    )
)
