"""The metric ids of what goes with winning: every number it prints, defined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.model import Company, Figure, declaring
from spm_lib.reps.skills.breakdowns import names_of

_LANDMARK = "deals still open at the end of their first days, with time enough to be won after it"
_FEW = "nothing is told with fewer than 200 such deals, three people, or without any behaviour"
_MUNDLAK = "Mundlak (1978), Econometrica 46:69; Anderson, Cain & Gelber (1983), JCO 1:710"
_BH = "Benjamini & Hochberg (1995), JRSS B 57:289"
_FLEISS = "Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 4.2"


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``.

    They are of all deals that had their time: neither a breakdown nor a window is told.
    """

    def figures(
        company: Company,
        by: str | Sequence[str] | None = None,
        window: Any = None,  # noqa: ARG001 - all deals that had their time
    ) -> list[Figure]:
        if names_of(by):
            return []
        return [f for f in _all(company) if f.metric == metric]

    return figures


def _all(company: Company) -> list[Figure]:
    from spm_lib.reps.closers.habits import closing_habits

    def made() -> list[Figure]:
        try:
            return closing_habits(company).figures()
        except DataError:
            return []

    return company.once("closing habits", made)


_declare = declaring("reps", compute=compute, date_field="created_at", null_rule=_FEW)


def declare_closers_ids() -> None:
    """Put the ids of what goes with winning into the registry."""
    _declare_tests()
    _declare(
        "closers.base",
        "Share won after the first days",
        "won within the time in which nine of ten won deals close / all such deals",
        numerator="deals won in that time",
        denominator=_LANDMARK,
        source=_MUNDLAK,
    )
    _declare(
        "closers.done",
        "Deals with this behaviour in the first days",
        "deals with it / all such deals",
        numerator="deals with the behaviour in their first days",
        denominator=_LANDMARK,
    )
    _declare(
        "closers.log_loss_gain",
        "Gain of knowing the behaviours, on deals not seen",
        "log-loss per deal of a model without them - with them, on the newest third, learned "
        "before",
        unit="number",
        reading="Above 0: they tell wins from losses on deals the model has not seen.",
    )
    _declare(
        "closers.experiment",
        "Deals that each arm of an experiment needs",
        "deals per arm that show a rise by so many points with a chance of 80%, two-sided at 5%",
        unit="count",
        source=_FLEISS,
        null_rule="null where the rise would lead above 100%",
    )


def _declare_tests() -> None:
    _declare(
        "closers.odds",
        "Odds of winning with it against without",
        "odds ratio of a logistic model that splits each behaviour into the person's mean "
        "(between) and what differs from it on the deal (within), errors clustered by person",
        unit="odds",
        source=_MUNDLAK,
        reading="1: no difference. It is associated with winning, which is not to say it "
        "causes it.",
    )
    _declare(
        "closers.share",
        "Share won with it, other things equal",
        "share won after the first days, at so many times its odds",
        source=_MUNDLAK,
    )
    _declare(
        "closers.q",
        "Chance that it is luck, the number tried allowed for",
        "p of the odds ratio, adjusted for all comparisons made",
        source=_BH,
        reading="Found is what is at most 8% here and on the same side in the newest third.",
    )
    _declare(
        "closers.held_out",
        "Odds of winning with it, newest third only",
        "odds ratio of the same model on the newest third of the deals",
        unit="odds",
        source=_MUNDLAK,
    )
    _declare(
        "closers.tried",
        "Comparisons of behaviour made",
        "behaviours looked at, within people and (with enough of them) between people",
        unit="count",
        source=_BH,
    )
