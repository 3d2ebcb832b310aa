"""The counts of the stage funnel as metric ids: of the deals created, or arrived, in a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from spm_lib.metrics import Measured, measure
from spm_lib.model import Company, Figure, metric_id, register

COUNTS = {
    "advanced": "Deals that went on to a later stage",
    "lost": "Deals lost at the stage",
    "still_open": "Deals still open at the stage",
    "skipped": "Deals that passed the stage without a visit",
    "re_entered": "Further visits of deals that came back to the stage",
    "lost_stage_unknown": "Lost deals whose last stage is not known, counted at the first",
}
ARRIVED = {
    "advanced": "Deals that went on to a later stage, by arrival",
    "lost": "Deals lost at the stage, by arrival",
    "still_open": "Deals still open at the stage, by arrival",
    "skipped": "Deals that passed the stage without a visit, by arrival",
    "re_entered": "Further visits of deals that came back to the stage, by arrival",
    "lost_stage_unknown": "Lost deals whose last stage is not known, by arrival at the first",
}
_FORMULAS = {
    "stage_conversion.cohort": (
        "Number of such deals among those created in the window, stage by stage"
    ),
    "stage_conversion.period": (
        "Number of such deals among those that first reached the stage, or passed it, in the "
        "window, stage by stage"
    ),
}
_IDS = {"stage_conversion.cohort": "stage_flow", "stage_conversion.period": "stage_flow.period"}


def flow_id(base: str, column: str) -> str:
    """Return the id of one count of a stage conversion.

    Examples
    --------
    >>> flow_id("stage_conversion.period", "lost")
    'stage_flow.period.lost'
    """
    return f"{_IDS[base]}.{'lost_unknown' if column == 'lost_stage_unknown' else column}"


def flow_of(made: Measured, column: str) -> list[Figure]:
    """Return one count of a stage conversion as figures, one per row of its frame."""
    metric = flow_id(made.metric.id, column)
    return [
        replace(f, metric=metric, unit="count", value=str(n), low=None, high=None, counts={})
        for f, n in zip(made.figures(), made.frame[column], strict=True)
    ]


def declare_stage_flow() -> None:
    """Put the counts of both stage conversions into the registry."""
    for column, text in COUNTS.items():
        _declare("stage_conversion.cohort", column, text)
    for column, text in ARRIVED.items():
        _declare("stage_conversion.period", column, text)


def _declare(base: str, column: str, text: str) -> None:
    metric = flow_id(base, column)
    register(
        replace(
            metric_id(base),
            id=metric,
            name=text,
            formula=_FORMULAS[base],
            numerator="Number of such deals",
            denominator="",
            unit="count",
            null_rule="Never null: without deals it is 0.",
            room="reports",
            source="",
            variants=tuple(flow_id(base, other) for other in COUNTS if other != column),
            reading="Entered = advanced + lost + still open.",
            counts=(),
            compute=_compute(base, column),
        )
    )


def _compute(base: str, column: str) -> Callable[..., list[Figure]]:
    def compute(company: Company, by: Any = None, window: Any = None) -> list[Figure]:
        return flow_of(measure(company, base, by=by, window=window), column)

    return compute
