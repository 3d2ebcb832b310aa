"""The metric ids of pay: what a statement prints, and what pay is expected to cost."""

from __future__ import annotations

from collections.abc import Callable

from spm_lib.model import MetricId, declaring

_NEVER = "never null"
_OWN = "null where the person is paid in the plan's currency"
_UNKNOWN = "null where the plan states none"


def declare_pay_ids() -> None:
    """Put the numbers of pay into the registry.

    They are those of one kept version of a pay period, or of simulated years, which no window of
    a company can give.
    """
    declare = declaring(
        "incentives", prefix="pay.", unit="money", date_field="", table="", dimensions=("rep_id",)
    )
    declare("final", "Final pay", "sum of the payment lines of the period", null_rule=_NEVER)
    declare("line", "Payment line", "one line of the payment", null_rule=_NEVER)
    declare(
        "volume",
        "Credited volume",
        "amounts of the period's transactions x the person's share; team sales of a manager left "
        "out",
        null_rule="null where the plan pays on units only",
    )
    declare("credited", "Credited amount", "amount x share of credit", null_rule=_UNKNOWN)
    declare("deal", "Pay of a deal", "what the deal brought of the earnings of the period",
            null_rule="null where it brought nothing")  # fmt: skip
    declare("payout", "Paid out", "final pay / payout rate", null_rule=_OWN)
    declare(
        "payout.rate",
        "Payout rate",
        "plan's currency per 1 of the currency that the person is paid in",
        unit="ratio",
        null_rule=_OWN,
        reading="The latest rate on or before the last day of the period, or the one that the "
        "plan fixes.",
    )
    declare("share", "Share of credit", "credited / amount", unit="ratio", null_rule=_NEVER)
    declare("base", "Paid on", "what the component is paid on, over the days that count",
            null_rule="null where nothing is measured")  # fmt: skip
    declare("base.count", "Units paid on", "number of things, over the days that count",
            unit="count", null_rule="null where nothing is measured")  # fmt: skip
    declare("quota", "Quota", "quota of the days that count, after proration and ramp",
            null_rule=_UNKNOWN)  # fmt: skip
    declare("quota.count", "Quota in units", "quota of the days that count, after proration and "
            "ramp", unit="count", null_rule=_UNKNOWN)  # fmt: skip
    declare("quota.stated", "Target as stated", "targets whose period touches the days that count",
            null_rule=_UNKNOWN)  # fmt: skip
    declare("attainment", "Attainment", "what counts for the quota / quota", unit="ratio",
            null_rule="null without a quota")  # fmt: skip
    declare("rate", "Rate of the band", "rate that the plan states for the band", unit="ratio",
            null_rule=_UNKNOWN)  # fmt: skip
    declare("raw", "Earned before gate and multiplier", "rate table or curve at the result",
            null_rule=_NEVER)  # fmt: skip
    declare("gate", "Gate", "1 where the gate is passed", unit="ratio", null_rule=_NEVER)
    declare("multiplier", "Multiplier", "product of the multipliers", unit="ratio",
            null_rule=_NEVER)  # fmt: skip
    declare("withheld", "Withheld above the cap", "earned above the cap, and not paid",
            null_rule=_NEVER)  # fmt: skip
    declare("earned_before", "Earned in earlier periods", "earned to date before the period",
            null_rule=_NEVER)  # fmt: skip
    declare("earned", "Earned", "earned x gate x multiplier - withheld - earned before, rounded",
            null_rule=_NEVER)  # fmt: skip
    declare("correction.original", "Paid originally", "what the closed period paid",
            null_rule=_NEVER)  # fmt: skip
    declare("correction.corrected", "Corrected", "what the closed period pays as known now",
            null_rule=_NEVER)  # fmt: skip
    declare("correction.difference", "Correction", "corrected - paid originally", null_rule=_NEVER)
    _declare_beside(declare)
    _declare_replays(declare)
    _declare_expected(declare)


def _declare_beside(declare: Callable[..., object]) -> None:
    """Put what stands beside the lines of a payment into the registry."""
    declare("balance", "Balance after the period", "carried, owed, or above the cap",
            null_rule="null where it is 0")  # fmt: skip
    declare(
        "average",
        "Mean monthly pay",
        "pay of the last 12 worked months / those months",
        null_rule="null without a worked month",
        reading="A month counts if the person was in the plan on each of its days; months with "
        "leave, where it is stated, are left out. Where the plan changed in them, each stretch "
        "between the changes has a mean of its own. Not legal advice.",
    )
    declare("exchange_rate", "Exchange rate", "reporting currency per 1 of the deal's currency",
            unit="ratio", null_rule="null where the deal is in the reporting currency")  # fmt: skip


def _declare_replays(declare: Callable[..., object]) -> None:
    """Put the numbers of a plan that is tried on past deals into the registry."""
    declare("replay.cost", "Cost of the plan", "all that the plan pays for the deals that it is "
            "tried on", dimensions=("plan",), null_rule=_NEVER)  # fmt: skip
    declare("replay.sales", "Sales that the plan pays for", "what its main measure adds up",
            dimensions=("plan",), null_rule="null where it counts things")  # fmt: skip
    declare("replay.cost_rate", "Commission cost rate on past deals",
            "cost of the plan / sales, without base pay", unit="ratio", dimensions=("plan",),
            null_rule="null without sales")  # fmt: skip
    declare("replay.at", "Cost at an attainment", "cost where all deals are scaled to it",
            dimensions=("plan", "attainment"), null_rule="null without quotas")  # fmt: skip
    declare("replay.pay", "Pay of a person", "what the plan pays a person for these deals",
            dimensions=("plan", "rep_id"), null_rule=_NEVER)  # fmt: skip
    declare("replay.change", "Change of pay", "pay of the plan as it stands - of the one beside it",
            dimensions=("rep_id",), null_rule=_NEVER)  # fmt: skip
    declare("curve", "Pay by attainment", "pay of a pay period at a share of the usual quota",
            dimensions=("plan", "attainment"), null_rule=_NEVER)  # fmt: skip


def _declare_expected(declare: Callable[..., MetricId]) -> None:
    source = "Simulated years of the company, each paid by the plan's rules"
    declare("expected", "Expected pay", "mean over simulated years of what the plans pay; low and "
            "high are P10 and P90", null_rule=_NEVER, source=source)  # fmt: skip
    declare("cost_rate", "Expected commission cost rate", "expected pay / expected bookings of "
            "the people paid", unit="ratio", null_rule="null where nothing is sold",
            source=source)  # fmt: skip
    declare("ccos", "Expected compensation cost of sales", "(base pay + expected pay) / expected "
            "bookings of the people paid", unit="ratio",
            null_rule="null where base pay is not in the costs",
            reading="Base pay is the cost of people (salaries) of the last 12 months.",
            source=source)  # fmt: skip
