"""The metric ids of the way from lead to deal: every number it prints, defined."""

from __future__ import annotations

from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, declaring, of_all

_RIPE = "leads that came in the window and have had the time in which nine of ten converted do so"
_WILSON = "Wilson 1927; Brown, Cai and DasGupta 2001 (interval)."


def _all(company: Company, window: Any) -> list[Figure]:
    from spm_lib.process.leads.lead_flow import lead_flow

    asked = read_window(window, company.calendar) or company.default_window()
    try:
        return lead_flow(company, window=asked).figures()
    except DataError:
        return []


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
