"""The metric ids of the pace to the target."""

from __future__ import annotations

from spm_lib.forecast.pace.figures import compute
from spm_lib.model import MetricId, register

_TARGET = "null where targets do not cover the period"
_PAST = "null with fewer than four closed periods before"


def declare_pace_ids() -> None:
    """Put the ids of the pace into the registry."""
    _declare("missing", "Missing to the target", "target - won so far in the period, 0 at least")
    _declare(
        "days_left",
        "Working days left",
        "days of the working week from the day after the report's date to the period's end, "
        "without public holidays",
        unit="count",
    )
    _declare(
        "needed_per_day",
        "Needed per working day",
        "missing to the target / working days left",
        unit="money per day",
        null_rule="null where no working day is left",
    )
    _declare(
        "won_per_day",
        "Won per working day so far",
        "won in the period / its working days up to the report's date",
        unit="money per day",
        null_rule="null before its first working day",
    )
    _declare(
        "week.needed",
        "Needed in the week",
        "missing to the target, shared out by what past periods brought in such days; even over "
        "working days with fewer than four of them",
        reading="Weeks add up to what is missing.",
    )
    _declare("week.days", "Working days of the week", "working days left in the week", unit="count")
    _declare(
        "source.needed",
        "Needed from a source",
        "missing to the target, in the parts in which the forecast expects what is to come",
        null_rule="not told without a forecast",
    )
    _declare_coverage()


def _declare_coverage() -> None:
    _declare(
        "conversion",
        "Open value won by the end of the period",
        "won by the end of past periods from deals open as many days before it / their value then",
        unit="ratio",
        null_rule=_PAST,
        source="Cochran (1977), Sampling Techniques, 6.3",
        reading="All open deals count, whenever they are due.",
    )
    _declare(
        "new",
        "Usual new business",
        "mean won value in past periods of deals that were not open as many days before their end",
        null_rule=_PAST,
    )
    _declare("open", "Value of open deals", "sum of the amounts of open deals", null_rule=_PAST)
    _declare(
        "coverage.needed",
        "Coverage needed",
        "1 / open value won by the end of the period",
        unit="ratio",
        null_rule=_PAST,
        reading="From this company's own past, not a rule of thumb.",
    )
    _declare(
        "coverage.now",
        "Coverage now",
        "value of open deals / (missing to the target - usual new business)",
        unit="ratio",
        null_rule="null where usual new business brings what is missing",
    )
    _declare(
        "pipeline.needed",
        "Pipeline needed",
        "(missing to the target - usual new business) x coverage needed",
        null_rule=_PAST,
    )


def _declare(
    name: str,
    title: str,
    formula: str,
    *,
    unit: str = "money",
    null_rule: str = _TARGET,
    reading: str = "",
    source: str = "",
) -> None:
    register(
        MetricId(
            id=f"pace.{name}",
            name=title,
            formula=formula,
            numerator=formula,
            denominator="",
            unit=unit,
            date_field="closed_at",
            null_rule=null_rule,
            table="opportunities",
            room="forecast",
            reading=reading,
            source=source,
            dimensions=(),
            compute=compute(f"pace.{name}"),
        )
    )
