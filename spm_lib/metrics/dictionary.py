"""The metric dictionary: every declared id with its definition, as text and as a page of the docs.

``pytest tests/metrics --golden`` (``make golden``) rewrites ``docs/metrics.md``.
"""

from __future__ import annotations

from pathlib import Path

from spm_lib.core.language import Language, language
from spm_lib.metrics import (
    activities,
    against_target,
    cycles,
    deals,
    losses,
    orders,
    pipelines,
    stage_times,
    stages,
    velocities,
    win_rates,
)
from spm_lib.model.registry import MetricId, metric_ids

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
)
PAGE = Path("docs") / "metrics.md"
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


def page() -> str:
    """Return ``docs/metrics.md``: every declared metric, in English with its Hebrew name."""
    hebrew = language("he")
    ours = [m for m in metric_ids() if m.room != "own"]
    parts = [
        "# Metrics",
        "",
        "Made from the registry (`make golden`). Every printed number has one of these ids; "
        "`spm metrics ID` prints its definition and its values.",
        "",
        "| id | name | Hebrew | unit |",
        "|---|---|---|---|",
        *(
            f"| [`{m.id}`](#{_anchor(m.id)}) | {m.name} | {hebrew.text(m.name)} | {m.unit} |"
            for m in ours
        ),
        "",
    ]
    for metric in ours:
        parts += [*_section(metric), ""]
    return "\n".join(parts)


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _section(metric: MetricId) -> list[str]:
    rows = definition_rows(metric, language("en"))
    lines = [f"## {metric.id}", ""]
    lines += [f"- **{label}**: {text}" for label, text in rows]
    example = EXAMPLES.get(metric.id)
    return [*lines, f"- **Example**: {example}"] if example else lines


EXAMPLES = {
    "win_rate.closed.count": "3 won, 7 lost, 90 open: 3 / 10 = 30 % (95 %: 10.8 % to 60.3 %).",
    "win_rate.created": "100 created, 3 won, 7 lost, 90 open: 3 / 100 = 3 %.",
    "win_rate.closed.value": "Won 50 and 30, lost 20: 80 / 100 = 80 %.",
    "velocity": "18 deals x 24 % x 42,000 / 78 days = 2,326.15 per day.",
    "deal.mean_amount": "Won 100, 200 and one without an amount: 300 / 2 = 150, n = 2.",
    "account.won_amount_mean": "Customer A won 100 and 50, customer B won 30: 180 / 2 = 90.",
    "coverage": "Target 100, won 40, open and due 90: 90 / 60 = 1.5.",
    "attainment": "Won 84 against a target of 100: 84 %.",
    "stage_conversion.cohort": (
        "10 deals reached the stage: 6 went on, 3 were lost there, 1 is still open: 6 / 10 = 60 %."
    ),
    "cycle.won.median_days": "Won after 10, 20 and 60 days: 20.",
    "cycle.won.mean_days": "Won after 10, 20 and 60 days: 30.",
    "activity.per_won": "120 activities and 4 won deals in the month: 30.",
    "lost.reason.share": "5 of 20 lost deals were lost on price: 25 %.",
}
