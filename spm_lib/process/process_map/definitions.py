"""The metric ids of the process map: every number it prints, defined."""

from __future__ import annotations

from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, declaring, of_all

_BEGAN = "visits to the stage that began in the window"
_CONSERVED = (
    "Entered = advanced + skipped a stage + back + won + lost + still there. A deal that comes "
    "back to a stage is a visit more."
)


def _all(company: Company, window: Any) -> list[Figure]:
    from spm_lib.process.process_map.walks import process_map

    asked = read_window(window, company.calendar) or company.default_window()
    try:
        return process_map(company, window=asked).figures()
    except DataError:
        return []


_declare = declaring(
    "process",
    compute=of_all(_all),
    prefix="process.",
    date_field="entered_at",
    null_rule="nothing is told where no history of stages is known",
    reading=_CONSERVED,
)


def declare_process_map_ids() -> None:
    """Put the ids of the process map into the registry."""
    _declare(
        "entered",
        "Visits to a stage",
        "visits that began in the window, stage by stage",
        unit="count",
    )
    _declare(
        "moved",
        "Visits to a stage by way out",
        "visits that began in the window, by where they had gone by as_of",
        unit="count",
    )
    _declare(
        "share",
        "Share of visits by way out",
        "visits that took this way out / all visits to the stage",
        numerator="visits that took this way out by as_of",
        denominator=_BEGAN,
        source="Wilson 1927; Brown, Cai and DasGupta 2001 (interval).",
    )
    _declare(
        "median_days",
        "Days in a stage by way out",
        "median of the calendar days from entering the stage to leaving it that way; of what is "
        "still there, until as_of",
        unit="days",
    )
