"""The metric ids of the playbook: every number it prints, defined."""

from __future__ import annotations

from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.model import Company, Figure, declaring, of_all

_LANDMARK = "deals still open some days after entering the stage, with time enough to be won after"
_FEW = "nothing is told of a stage with fewer than 200 such deals or three people, or no history"
_NO_AMOUNTS = "nothing is told without a history of amounts"
_MUNDLAK = "Mundlak (1978), Econometrica 46:69; Anderson, Cain & Gelber (1983), JCO 1:710"
_BH = "Benjamini & Hochberg (1995), JRSS B 57:289"
_GROUPS = (
    "Of the best closers and of the others, five people or more each, in stages entered after they "
    "were chosen; of all together where nobody can be told apart."
)


def _all(company: Company, _window: Any) -> list[Figure]:
    from spm_lib.process.playbook.playbook import make_playbook

    def made() -> list[Figure]:
        try:
            return make_playbook(company).figures()
        except DataError:
            return []

    return company.once("playbook", made)


_declare = declaring(
    "process", compute=of_all(_all), prefix="playbook.", date_field="entered_at", null_rule=_FEW
)


def declare_playbook_ids() -> None:
    """Put the ids of the playbook into the registry."""
    _declare_tests()
    _declare_basis()
    _declare_numbers()
    _declare_discounts()


def _declare_tests() -> None:
    _declare(
        "odds",
        "Odds of winning with it against without, at this stage",
        "odds ratio of a logistic model of winning after the stage's first days: the same person's "
        "deals with the behaviour against those without, errors clustered by person",
        unit="odds",
        source=_MUNDLAK,
        reading="1: no difference. It is associated with winning, which is not to say it causes "
        "it.",
    )
    _declare(
        "share",
        "Share won with it at this stage, other things equal",
        "share won after the stage's first days, at so many times its odds",
        source=_MUNDLAK,
    )
    _declare(
        "held_out",
        "Odds of winning with it at this stage, newest third only",
        "odds ratio of the same model on the newest third of the deals",
        unit="odds",
        source=_MUNDLAK,
    )
    _declare(
        "q",
        "Chance that it is luck, all stages tried allowed for",
        "p of the comparison, adjusted for all comparisons of all stages",
        source=_BH,
        reading="Found is what is at most 8% here; of odds, also on the same side in the newest "
        "third.",
    )


def _declare_basis() -> None:
    _declare(
        "tried",
        "Comparisons made for the playbook",
        "behaviours x stages, on winning and between the best closers and the others",
        unit="count",
        source=_BH,
        null_rule=_FEW,
    )
    _declare(
        "done",
        "Deals with this behaviour in the stage's first days",
        "deals with it / all such deals",
        numerator="deals with the behaviour in the stage's first days",
        denominator=_LANDMARK,
    )
    _declare(
        "base",
        "Share won after the stage's first days",
        "won within the time in which nine of ten won deals close / all such deals",
        numerator="deals won in that time",
        denominator=_LANDMARK,
        source=_MUNDLAK,
    )
    _declare(
        "log_loss_gain",
        "Gain of knowing the behaviours at this stage, on deals not seen",
        "log-loss per deal of a model without them - with them, on the newest third, learned "
        "before",
        unit="number",
        reading="Above 0: they tell wins from losses on deals the model has not seen.",
    )


def _declare_numbers() -> None:
    _declare(
        "habit",
        "How often a group does it at this stage",
        "mean of the people's own shares of deals with the behaviour",
        reading=_GROUPS,
    )
    _declare(
        "contacts",
        "Touches in the stage's first days",
        "median number of activities from entering the stage to the end of its first days",
        unit="count",
        reading=_GROUPS,
    )
    _declare(
        "first_touch",
        "Days to the first touch at this stage",
        "mean of the people's own mean days from entering the stage to the first activity; where "
        "there was none in its first days, all of these",
        unit="days",
        reading=_GROUPS,
    )
    _declare(
        "stay",
        "Days in the stage",
        "Kaplan-Meier median of the days from entering the stage to leaving it",
        unit="days",
        source="Kaplan & Meier (1958), JASA 53:457",
        reading=_GROUPS,
        null_rule="null where not half of the visits have ended",
    )


def _declare_discounts() -> None:
    _declare(
        "discounted",
        "Visits to the stage in which the amount was lowered",
        "mean of the people's own shares of ended visits with a lower amount",
        reading=_GROUPS,
        null_rule=_NO_AMOUNTS,
    )
    _declare(
        "discount_day",
        "Days from entering the stage to the first lower amount",
        "median over ended visits in which the amount was lowered",
        unit="days",
        reading=_GROUPS,
        null_rule=_NO_AMOUNTS,
    )
    _declare(
        "cuts",
        "Times an amount was lowered in the stage",
        "changes to a lower amount above 0 while a deal was in the stage, or on leaving it",
        unit="count",
        reading="Written down with a loss it does not count: nobody was granted it.",
        null_rule=_NO_AMOUNTS,
    )
