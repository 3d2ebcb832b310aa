"""The metric ids of the change waterfall."""

from __future__ import annotations

from spm_lib.forecast.waterfall.figures import compute
from spm_lib.model import MetricId, register

_DEALS = "open deals, or those planned to close in the period asked for"
_NEVER = "null where amounts of open deals are not known"
_UNPRICED = "null where none of its deals has an amount"
_HISTORY = "null, never 0, where the history does not tell it"
_ADDS = "Start and all bars add up to the end, to the cent."
_LEFT = "Below zero: it left the pipeline."
_PERIOD = "Told only for deals due in a period."
_BARS = {
    "new": (
        "New in the pipeline",
        "first amounts of deals that came to be in the days asked for",
        _NEVER,
        "",
    ),
    "reopened": (
        "Reopened",
        "amounts of closed deals that were opened again",
        _HISTORY,
        "",
    ),
    "pulled_in": (
        "Pulled in",
        "amounts of deals whose planned close moved into the period from later, or from none; a "
        "deal won in it without being planned for it is pulled in and won",
        _HISTORY,
        _PERIOD,
    ),
    "slipped_in": (
        "Slipped in from before",
        "amounts of deals whose planned close moved into the period from before it",
        _HISTORY,
        _PERIOD,
    ),
    "owner_in": (
        "Taken over",
        "amounts of open deals that came from an owner outside the group",
        _HISTORY,
        "",
    ),
    "up": (
        "Amounts raised",
        "sum of all rises in the amounts of deals while in the pipeline",
        _HISTORY,
        "An amount told for the first time counts as a rise from 0.",
    ),
    "down": (
        "Amounts lowered",
        "sum of all falls in the amounts of deals while in the pipeline, discounts at the win "
        "among them",
        _HISTORY,
        "",
    ),
    "pushed": (
        "Pushed out",
        "amounts of deals whose planned close moved from the period to later, or to none",
        _HISTORY,
        _PERIOD,
    ),
    "moved_earlier": (
        "Moved to before",
        "amounts of deals whose planned close moved from the period to before it",
        _HISTORY,
        _PERIOD,
    ),
    "owner_out": (
        "Handed over",
        "amounts of open deals that went to an owner outside the group",
        _HISTORY,
        "",
    ),
    "lost": (
        "Lost from the pipeline",
        "last amounts of deals before they were lost",
        _UNPRICED,
        _LEFT,
    ),
    "deleted": (
        "Deleted from the pipeline",
        "last amounts of open deals that a later kept state no longer holds",
        _HISTORY,
        "Known only where dated states are kept (`spm snapshot`).",
    ),
    "won": (
        "Won from the pipeline",
        "amounts won of deals that left the pipeline by being won",
        _UNPRICED,
        _LEFT,
    ),
}


def declare_waterfall_ids() -> None:
    """Put the waterfall's ids into the registry."""
    day = "sum of the amounts of deals in the pipeline at the end of the day"
    _declare("start", "Pipeline at the start", day, null_rule=_NEVER, reading=_ADDS)
    _declare("end", "Pipeline at the end", day, null_rule=_NEVER, reading=_ADDS)
    for bar, (title, formula, null_rule, reading) in _BARS.items():
        _declare(bar, title, formula, null_rule=null_rule, reading=reading)
    _declare(
        "others",
        "What the other deals of a bar did",
        "sum over the deals of a bar but the three largest, signed",
        null_rule="not told where a bar has no more than three deals",
        people=False,
    )
    _declare(
        "deal",
        "What one deal did to the pipeline",
        "sum of what the deal added to one bar, signed",
        null_rule="deals that did not change are left out",
        people=False,
    )


def _declare(
    name: str, title: str, formula: str, *, null_rule: str, reading: str = "", people: bool = True
) -> None:
    register(
        MetricId(
            id=f"waterfall.{name}",
            name=title,
            formula=formula,
            numerator=_DEALS,
            denominator="",
            unit="money",
            date_field="entered_at, created_at, closed_at",
            null_rule=null_rule,
            table="opportunities",
            room="forecast",
            reading=reading,
            dimensions=("rep_id",) if people else (),
            compute=compute(f"waterfall.{name}"),
        )
    )
