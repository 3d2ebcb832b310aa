"""The metric dictionary: importing it declares every id; it says what each of them means."""

from __future__ import annotations

from spm_lib.core.language import Language
from spm_lib.metrics import (
    activities,
    against_target,
    costs,
    customers_won,
    cycles,
    deals,
    growth,
    losses,
    orders,
    pipelines,
    productivity,
    returns,
    stage_times,
    stages,
    velocities,
    win_rates,
)
from spm_lib.model.registry import MetricId

DECLARING = (
    deals,
    win_rates,
    stages,
    stage_times,
    cycles,
    velocities,
    pipelines,
    against_target,
    activities,
    losses,
    orders,
    costs,
    returns,
    customers_won,
    productivity,
    growth,
)
TEXTS = ("name", "formula", "numerator", "denominator", "null_rule", "source", "reading")
UNITS = {
    "count": "number",
    "ratio": "ratio",
    "money": "money",
    "days": "days",
    "money per day": "money per day",
    "per won": "per won deal",
    "per call": "per call",
    "per meeting": "per meeting",
    "per proposal": "per proposal",
}


def definition_rows(metric: MetricId, spoken: Language) -> list[tuple[str, str]]:
    """Return a definition as (label, text) pairs in a language; empty parts are left out.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> from spm_lib.model.registry import metric_id
    >>> definition_rows(metric_id("win_rate.closed.count"), language("en"))[1]
    ('Formula', 'Won / (won + lost)')
    """
    say = spoken.text
    rows = [
        (say("Name"), say(metric.name)),
        (say("Formula"), say(metric.formula)),
        (say("Numerator"), say(metric.numerator) if metric.denominator else ""),
        (say("Denominator"), say(metric.denominator) if metric.denominator else ""),
        (say("Unit"), say(UNITS.get(metric.unit, metric.unit))),
        (say("Date field"), metric.date_field),
        (say("Without a value"), say(metric.null_rule)),
        (say("Read from"), metric.table.replace("+", ", ")),
        (say("Variants"), ", ".join(metric.variants)),
        (say("How to read it"), say(metric.reading) if metric.reading else ""),
        (say("Source"), say(metric.source) if metric.source else ""),
    ]
    return [(label, text) for label, text in rows if text]
