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
_WATCH = "people with fewer than 20 decided deals since the start of last fiscal year are left out"
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
        "Evidence that the win rate has changed",
        "highest so far of: likelihood of the deals if it changed at some week / if it never did",
        unit="times",
        source=_ROBBINS,
        reading="An alarm is raised at 20. However often one looks, luck alone raises at most one "
        "in 20 people within two years.",
    )
    before = "won / (won + lost) before the week in which the change most likely began"
    after = "won / (won + lost) from the week on in which the change most likely began"
    won, closed = "won deals", "won and lost deals"
    parts = {"numerator": won, "denominator": closed}
    _declare("alert.before", "Win rate before the change", before, **parts)
    _declare("alert.after", "Win rate since the change", after, **parts)
    _declare(
        "alert.others_before",
        "Win rate of the others before that",
        before,
        **{**parts, "null_rule": _OTHERS},
    )
    _declare(
        "alert.others_after",
        "Win rate of the others since then",
        after,
        **{**parts, "null_rule": _OTHERS},
    )
    _declare(
        "alert.people",
        "People whose win rate is watched",
        "people with 20 decided deals or more since the start of last fiscal year",
        unit="count",
        dimensions=(),
    )
    _declare(
        "alert.raised",
        "People whose win rate has really changed",
        "people whose evidence of a change reached 20 in some week of the watch",
        unit="count",
        dimensions=(),
    )
