"""The metric ids of target plans: every number that they print, defined."""

from __future__ import annotations

from spm_lib.model import declaring

_declare = declaring(
    "plans", prefix="plan.", null_rule="never null", date_field="closed_on", table="targets"
)
_BY = ("rep_id", "team")


def declare_plan_ids() -> None:
    """Put the ids of target plans into the registry."""
    _declare(
        "target",
        "Target of the plan",
        "the company's target, shared out by the scenario's weights, limits, locks and rows",
        unit="money",
        dimensions=_BY,
    )
    _declare(
        "over_assignment",
        "Over-assignment of the plan",
        "sum of people's targets / the company's target - 1",
        numerator="sum of people's targets",
        denominator="the company's target",
        null_rule="null where the company's target is 0",
    )
    _declare(
        "last_year",
        "Result of the last twelve whole months",
        "the plan's metric in the last twelve whole months before its date",
        unit="money",
        dimensions=_BY,
    )
    _declare(
        "growth",
        "Growth that the plan asks for",
        "target / (result of a whole past year, for as long as the person is there) - 1",
        numerator="target",
        denominator="past result, for as long as the person is there",
        null_rule="null where nothing was sold, or the person was there for under 90 days",
        dimensions=_BY,
    )
    _declare(
        "to_potential",
        "Target to potential",
        "target / potential",
        numerator="target",
        denominator="potential",
        null_rule="null where the potential is not known or 0",
        dimensions=_BY,
    )
    _declare_odds()


def _declare_odds() -> None:
    _declare(
        "odds",
        "Odds of reaching the plan's target",
        "scenarios whose bookings in the period reach the target / scenarios",
        numerator="scenarios that reach it",
        denominator="scenarios",
        null_rule="null where the person sells nothing today",
        reading="Low and high tell how exact the simulation is, not how sure the future.",
        dimensions=_BY,
    )
    _declare(
        "expected",
        "Expected result in the plan's period",
        "mean over scenarios of bookings in the period; low and high are P10 and P90",
        numerator="bookings per scenario",
        denominator="scenarios",
        unit="money",
        null_rule="null where the person sells nothing today",
        dimensions=_BY,
    )
