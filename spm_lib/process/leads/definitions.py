"""The metric ids of the way from lead to deal: every number it prints, defined."""

from __future__ import annotations

from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, declaring, of_all

_RIPE = "leads that came in the window and have had the time in which nine of ten converted do so"
_RIDGE = "Le Cessie & van Houwelingen (1992), Applied Statistics 41:191"
_NO_SCORE = "nothing is told with fewer than 200 leads; no chances where the score does not hold"
_WILSON = "Wilson 1927; Brown, Cai and DasGupta 2001 (interval)."


def _all(company: Company, window: Any) -> list[Figure]:
    from spm_lib.process.leads.lead_flow import lead_flow
    from spm_lib.process.leads.lead_score import lead_score

    asked = read_window(window, company.calendar) or company.default_window()
    found: list[Figure] = []
    for made in (lambda: lead_flow(company, window=asked), lambda: lead_score(company)):
        try:
            found += made().figures()
        except DataError:
            continue
    return found


_declare = declaring(
    "process",
    compute=of_all(_all),
    prefix="lead.",
    table="leads",
    date_field="created_at",
    null_rule="nothing is told where no lead has had its time, nor of answers where none is known",
)


def declare_lead_ids() -> None:
    """Put the ids of the way from lead to deal into the registry."""
    _declare_flow()
    _declare_score()


def _declare_flow() -> None:
    _declare(
        "step",
        "Leads by how far they came",
        "leads that came, were answered, became a deal, whose deal is known, and that were won",
        unit="count",
        reading="Each step counts only after all before it; what is lost between two steps is lost "
        "at the hand-over.",
    )
    _declare(
        "answered",
        "Share of leads answered",
        "leads answered in their time / leads",
        numerator="leads answered in their time",
        denominator=_RIPE,
        source=_WILSON,
    )
    _declare(
        "conversion",
        "Share of leads that became deals",
        "leads converted in their time / leads",
        numerator="leads converted in their time",
        denominator=_RIPE,
        source=_WILSON,
        reading="By answer: of leads not yet converted one day after they came, conversion after "
        "it. Associated is not caused.",
    )
    _declare(
        "response_days",
        "Days to the first answer of a lead",
        "Kaplan-Meier median of the days from coming in to the first answer",
        unit="days",
        source="Kaplan & Meier (1958), JASA 53:457",
        null_rule="null where not half of the leads were answered in their time",
    )


def _declare_score() -> None:
    _declare(
        "score_gain",
        "Gain of the lead score over the rate of the source, on leads not seen",
        "log-loss per lead of the rate of its source - of the score, on the newest third of leads",
        unit="number",
        source=_RIDGE,
        null_rule=_NO_SCORE,
        reading="Above 0 with its whole interval: the score foretells more than the source does.",
    )
    _declare(
        "score_said",
        "Share of a group of leads that the score foretold to become deals",
        "mean chance of the leads of the group, of the newest third, not learned from",
        source=_RIDGE,
        null_rule=_NO_SCORE,
    )
    _declare(
        "score_became",
        "Share of a group of leads that became deals",
        "leads converted in their time / leads of the group",
        numerator="leads converted in their time",
        denominator="leads of the newest third whose chance was alike, about a fifth of them each",
        source=_WILSON,
        null_rule=_NO_SCORE,
        reading="The intervals hold for all groups together, at 95%.",
    )
    _declare(
        "score",
        "Chance that a lead becomes a deal, by what was known when it came in",
        "logistic model on what is known when a lead comes in, ridge 1",
        source=_RIDGE,
        null_rule=_NO_SCORE,
        reading="The interval is of what became of earlier leads with such a chance. Associated is "
        "not caused.",
    )
