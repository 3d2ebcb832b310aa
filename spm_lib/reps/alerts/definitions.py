"""The metric ids of the alerts: every number they print, defined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spm_lib.model import Company, Figure, declaring
from spm_lib.reps.skills.breakdowns import names_of

_ROBBINS = (
    "Robbins (1970), Annals of Mathematical Statistics 41:1397; Ville (1939); de Heide & Grunwald "
    "(2021), Psychonomic Bulletin & Review 28:795"
)
_WATCH = "ratios with fewer than 20 cases since the start of last fiscal year are left out"
_HITS = "deals won; visits to a stage that went forward; new deals with the activity in 7 days"
_CASES = "deals won or lost; visits to a stage that ended so; deals still open after 7 days"
_OTHERS = "withheld with fewer than five to compare with; one who has over a third is left out"


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``; the watch is its own."""

    def figures(
        company: Company,
        by: str | Sequence[str] | None = None,
        window: Any = None,  # noqa: ARG001 - a watch begins where it always began
    ) -> list[Figure]:
        names = names_of(by)
        if names not in ((), ("rep_id",)):
            return []
        found = company.once("changed rates", lambda: _all(company))
        return [f for f in found if f.metric == metric and ("rep_id" in f.by) == bool(names)]

    return figures


def _all(company: Company) -> list[Figure]:
    from spm_lib.reps.alerts.changed_rates import changed_rates

    return changed_rates(company).figures()


_declare = declaring("reps", compute=compute, dimensions=("rep_id",), null_rule=_WATCH)


def declare_alert_ids() -> None:
    """Put the ids of the alerts into the registry."""
    _declare(
        "alert.evidence",
        "Evidence that a ratio has changed",
        "highest so far of: likelihood of the cases if it changed at some week / if it never did",
        unit="times",
        source=_ROBBINS,
        reading="An alarm is raised at 20 times the number of ratios of a person that are watched. "
        "However often one looks, luck alone names at most one in 20 people within two years, for "
        "whatever ratio.",
    )
    before = "hits / cases before the week in which the change most likely began"
    after = "hits / cases from the week on in which the change most likely began"
    parts = {"numerator": _HITS, "denominator": _CASES}
    _declare("alert.before", "Ratio before the change", before, **parts)
    _declare("alert.after", "Ratio since the change", after, **parts)
    others = {**parts, "null_rule": _OTHERS}
    _declare("alert.others_before", "Ratio of the others before that", before, **others)
    _declare("alert.others_after", "Ratio of the others since then", after, **others)
    whole: dict[str, Any] = {"unit": "count", "dimensions": ()}
    _declare(
        "alert.people",
        "People of whom a ratio is watched",
        "people with 20 cases of a ratio or more since the start of last fiscal year",
        **whole,
    )
    _declare(
        "alert.watches",
        "Ratios of people that are watched",
        "pairs of person and ratio with 20 cases or more since the start of last fiscal year",
        **whole,
    )
    _declare(
        "alert.raised",
        "People of whom a ratio has really changed",
        "people with a ratio whose evidence of a change reached 20 times the number of ratios in "
        "some week of the watch",
        **whole,
    )
