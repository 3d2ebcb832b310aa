"""The metric ids of forecast calls."""

from __future__ import annotations

from spm_lib.forecast.calls.figures import compute
from spm_lib.model import MetricId, register

_LAST = (
    "the last call submitted by the day, of the category that counts (commit where there is one)"
)
_NO_CALL = "null where nobody called"
_CLOSED = "null without a closed period in which something was won"


def declare_call_ids() -> None:
    """Put the ids of calls into the registry."""
    _declare(
        "call",
        "Call",
        "amount of the last call for the period; won in it by then is part of it",
        numerator=_LAST,
        null_rule=_NO_CALL,
        reading="A manager's call is for all his people, and never added to theirs.",
    )
    _declare(
        "rolled_up",
        "Calls rolled up",
        "sum of the last calls of the people under a manager, by the hierarchy of that day",
        numerator=_LAST,
        null_rule=_NO_CALL,
    )
    _declare(
        "called",
        "Share of people who called",
        "people with a call for the period / people",
        numerator="people with a call",
        denominator="people under the manager on that day",
        unit="ratio",
        null_rule="null without people",
    )
    _declare(
        "bias",
        "Signed bias of calls",
        "sum (call - won) / sum won, over closed periods, by the calls that stood some weeks "
        "before the close",
        numerator="sum of call - won by the same people",
        denominator="sum of won",
        unit="ratio",
        null_rule=_CLOSED,
        reading="Below zero: called too little (sandbagging); above: too much (happy ears).",
        source="Cochran (1977), Sampling Techniques, 6.3; Benjamini & Hochberg (1995)",
    )
    _declare_mix()


def _declare_mix() -> None:
    _declare(
        "error",
        "Error of calls, model and mix",
        "sum |forecast - won| / sum won, over closed periods",
        numerator="sum of |forecast - won|",
        denominator="sum of won",
        unit="ratio",
        null_rule=_CLOSED,
        reading="The mix of each period takes its weight from periods closed before it only.",
        people=False,
    )
    _declare(
        "weight",
        "Weight of the call in the mix",
        "weight with the smallest error over closed periods, drawn towards one half",
        numerator="sum of |weight x call + (1 - weight) x model - won|",
        unit="ratio",
        null_rule="one half where calls and model never differed",
        people=False,
    )
    _declare(
        "best_weight",
        "Weight that would have been best",
        "weight of the call with the smallest error over all scored periods, with hindsight",
        numerator="sum of |weight x call + (1 - weight) x model - won|",
        unit="ratio",
        null_rule=_CLOSED,
        people=False,
    )
    _declare(
        "model",
        "What the model expects of those who called",
        "won in the period so far + expected of the rest, of the people who called",
        numerator="expected won value",
        null_rule=_NO_CALL,
        people=False,
    )
    _declare(
        "mix",
        "Calls and model mixed",
        "weight x call + (1 - weight) x model, for the period ahead",
        numerator="calls and the model's expectation",
        null_rule=_NO_CALL,
        people=False,
    )


def _declare(
    name: str,
    title: str,
    formula: str,
    *,
    numerator: str,
    null_rule: str,
    denominator: str = "",
    unit: str = "money",
    reading: str = "",
    source: str = "",
    people: bool = True,
) -> None:
    register(
        MetricId(
            id=f"calls.{name}",
            name=title,
            formula=formula,
            numerator=numerator,
            denominator=denominator,
            unit=unit,
            date_field="submitted_at, closed_at",
            null_rule=null_rule,
            table="forecast_calls",
            room="forecast",
            reading=reading,
            source=source,
            dimensions=("rep_id",) if people else (),
            compute=compute(f"calls.{name}"),
        )
    )
