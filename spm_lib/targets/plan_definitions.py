"""The metric ids of a target plan: what is shared out, when it is due, and whether it is fair.

Most depend on a plan and are told where it is; season, ramp and results per head are answered for
any company.
"""

from __future__ import annotations

from spm_lib.model import declaring
from spm_lib.targets.plan_figures import per_head_figures, ramp_figures, season_figures

_PLAN = "null without a target plan"
_HAMILTON = "Largest remainder (Hamilton); clamping as in CSS Flexible Box Layout 9.7"
_declare = declaring("targets", date_field="period_start", null_rule=_PLAN, table="targets")


def declare_plan_ids() -> None:
    """Put the ids of sharing out, time, capacity and fairness into the registry."""
    _declare_shares()
    _declare_time()
    _declare_capacity()
    _declare_gap()
    _declare_fairness()


def _declare_shares() -> None:
    _declare(
        "target.value",
        "Target of a person, team or company",
        "pool x share by the chosen bases, inside floor and ceiling, in whole steps",
        unit="money",
        source=_HAMILTON,
        reading="Targets of those below add up to target + over-assignment exactly.",
    )
    _declare(
        "target.over_assignment",
        "Over-assignment of a level",
        "sum of the targets below / target - 1",
        numerator="sum of the targets below",
        denominator="target",
    )
    _declare(
        "target.over_assignment.all",
        "Over-assignment of all levels",
        "product over the levels of (1 + over-assignment) - 1",
        reading="Levels multiply: 5%, 8% and 5% are 19.1%.",
    )
    _declare(
        "target.attainment_needed",
        "Average attainment that reaches the company's target",
        "1 / (1 + over-assignment of all levels)",
    )
    _declare(
        "target.own_odds",
        "Odds of the target from own past results",
        "years drawn from the person's own past periods that reach the target / years drawn",
        source="Efron (1979), Annals of Statistics 7:1",
        null_rule="null with fewer than four past periods",
        reading="It knows no open deals; with deals, odds of simulated deals are better.",
    )


def _declare_time() -> None:
    _declare(
        "target.time_there",
        "Share of the year a person is there",
        "weight of the days the person is there, by part-time, leave and ramp / weight of all days",
    )
    _declare(
        "target.due",
        "Target due so far",
        "sum over the rows in force of value x weight of the days over / weight of the period",
        unit="money",
        reading="After a change in mid-year the old and the new row count for their own time.",
    )
    _declare(
        "season.index",
        "Season",
        "result per working day of the month / mean of the twelve months, growth taken out",
        numerator="result per working day of the month",
        denominator="mean of the twelve months",
        date_field="closed_on",
        table="opportunities",
        null_rule="no answer with fewer than two whole years",
        source="Quasi-Poisson (McCullagh & Nelder 1989, 6.2); pooled (Morris 1983)",
        reading="Drawn to 1 as far as the years disagree; far-out deals count at the fence.",
        compute=season_figures,
    )
    _declare(
        "ramp.share",
        "Ramp of new people",
        "won by hires in their month / won per head and day by ramped people at the same time",
        numerator="won amount of hires in a month after hiring",
        denominator="won amount of ramped people in their place",
        date_field="closed_on",
        table="opportunities",
        null_rule="no answer with fewer than three hires",
        source="Ratio of sums (Cochran 1977, 6.3), made to rise",
        reading="Who left counts until the last day; a newcomer weaker for good lowers the curve.",
        compute=ramp_figures,
    )


def _declare_capacity() -> None:
    _declare(
        "capacity.per_head",
        "Results per ramped head and year",
        "won amount of ramped people in the window / their years on board",
        numerator="won amount of ramped people in the window",
        denominator="years ramped people were there",
        unit="money",
        date_field="closed_on",
        table="opportunities",
        null_rule="no answer where no ramped person sold anything",
        compute=per_head_figures,
    )
    _declare(
        "capacity.attrition",
        "Attrition",
        "people who left in the last three years / years people were there",
        numerator="people who left",
        denominator="years people were there",
        date_field="left_on",
        table="reps",
        null_rule="null without hire dates",
    )
    _declare(
        "capacity.heads",
        "Heads expected to be there",
        "sum over people of presence x chance to have stayed, ramped and ramping apart",
        unit="count",
    )
    _declare(
        "capacity.bookings",
        "Capacity",
        "ramped heads x results per head + ramping heads x results per head x ramp",
        unit="money",
        reading="It takes for granted that there is pipeline for all.",
    )
    _declare(
        "capacity.pipeline_to_create",
        "Pipeline still to be created",
        "(target - open pipeline x win rate by value) / win rate by value",
        unit="money",
        null_rule="null without a win rate",
    )


def _declare_gap() -> None:
    _declare("capacity.gap", "Gap to the target", "target - capacity", unit="money")
    _declare(
        "capacity.gap.hires",
        "Hires that close the gap",
        "fewest hires on the given day with which capacity reaches the target",
        unit="count",
        null_rule="null where no number of hires can",
    )
    _declare(
        "capacity.gap.productivity",
        "Rise of results per head that closes the gap",
        "gap / capacity",
        numerator="gap to the target",
        denominator="capacity",
        null_rule="null without capacity",
    )
    _declare(
        "capacity.gap.attrition",
        "Attrition at which the gap closes",
        "greatest attrition with which capacity reaches the target",
        null_rule="null where even none leaving is not enough",
    )


def _declare_fairness() -> None:
    few = "null with fewer than eight people"
    for name, title, of in (
        ("last_year", "Target to last year's result", "last year's result"),
        ("last_target", "Target to last target", "last target"),
        ("potential", "Target to potential", "potential of the territory"),
    ):
        _declare(
            f"fairness.to_{name}",
            title,
            f"target / {of}",
            numerator="target",
            denominator=of,
            null_rule="null where the divisor is unknown or 0",
        )
    _declare(
        "fairness.variation",
        "How unequal targets are",
        "standard deviation over people of a target's ratio / mean of it",
        null_rule=few,
    )
    _declare(
        "fairness.attainment.deviation",
        "Spread of attainment",
        "standard deviation of attainment over people",
        null_rule="null with fewer than two people",
    )
    _declare(
        "fairness.attainment.near",
        "People near their target",
        "people within 20 points of 100% / people with a target",
        numerator="people within 20 points of 100%",
        denominator="people with a target",
        null_rule="null where nobody has a target",
    )
    _declare(
        "fairness.correlation",
        "Odds or attainment against size or growth",
        "Spearman's rank correlation over people",
        null_rule=few,
        source="Fieller, Hartley & Pearson (1957), Biometrika 44:470",
        reading="Zero is wanted: fair targets are as likely in small territories as in large ones.",
    )
