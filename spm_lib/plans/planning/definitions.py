"""The metric ids that target plans add: odds of a target, and the result to be expected."""

from __future__ import annotations

from spm_lib.model import declaring

_declare = declaring(
    "plans",
    prefix="target.",
    null_rule="null where the person sells nothing today",
    date_field="period_start",
    table="targets",
)
_BY = ("rep_id", "team")
_SOURCE = "Simulated deals with common random numbers (Glasserman & Yao 1992)"


def declare_plan_ids() -> None:
    """Put the ids of target plans into the registry."""
    _declare(
        "odds",
        "Odds of reaching the target",
        "scenarios whose bookings in the period reach the target / scenarios",
        numerator="scenarios that reach it",
        denominator="scenarios",
        source=_SOURCE,
        reading="Low and high tell how exact the simulation is, not how sure the future.",
        dimensions=_BY,
    )
    _declare(
        "expected",
        "Expected result in the target's period",
        "mean over scenarios of bookings in the period; low and high are P10 and P90",
        numerator="bookings per scenario",
        denominator="scenarios",
        unit="money",
        source=_SOURCE,
        dimensions=_BY,
    )
