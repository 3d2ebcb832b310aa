"""The metric ids of tactical mistakes: every number they print, defined."""

from __future__ import annotations

from typing import Any

from spm_lib.model import Company, Figure, declaring, of_all

_MH = "Greenland & Robins (1985), Biometrics 41:55; Anderson, Cain & Gelber (1983), JCO 1:710"
_BH = "Benjamini & Hochberg (1995), JRSS B 57:289"
_FEW = "nothing is told of a rule whose data is not there, nor a price with fewer than 30 deals"
_LIKE = "deals of the same stage, size, age, time in stage and owner that kept it, on the same days"


def _all(company: Company, _window: Any) -> list[Figure]:
    from spm_lib.process.mistakes.find import find_mistakes

    return company.once("mistake figures", lambda: find_mistakes(company).figures())


_declare = declaring(
    "process", compute=of_all(_all), date_field="created_at", null_rule=_FEW, prefix="mistake."
)


def declare_mistake_ids() -> None:
    """Put the ids of tactical mistakes into the registry."""
    _declare_counts()
    _declare(
        "win_rate",
        "Win rate with the mistake",
        "won in time / open deals that broke the rule, on past days",
        numerator="deals won within the time in which nine of ten won deals close",
        denominator="open deals that broke the rule on a past day, by what was known then",
        source=_MH,
    )
    _declare(
        "win_rate_gap",
        "Gap in win rate that goes with the mistake",
        "win rate of deals that broke it - that of like deals that kept it, pooled over strata",
        denominator=_LIKE,
        source=_MH,
        reading="Below 0: deals with it are won less often. It is associated with that, which is "
        "not to say it causes it.",
    )
    _declare(
        "q",
        "Chance that the gap is luck, the number of rules allowed for",
        "p of the gap, adjusted for all rules that were compared",
        source=_BH,
        reading="Found is what is at most 8% here, with a gap below 0.",
    )
    _declare(
        "cost",
        "Money that goes with the mistake",
        "- gap in win rate x amount exposed",
        unit="money",
        source=_MH,
        null_rule="null where no amount is known; below 0 deals with it are won more often",
    )
    _declare(
        "limit",
        "What is usual among won deals",
        "quantile of won deals of the stage; of its pipeline with fewer than 20, else as stated",
        unit="days",
        null_rule="never null",
    )


def _declare_counts() -> None:
    _declare("tried", "Rules compared", "rules that have a gap in win rate", unit="count",
             null_rule="never null", source=_BH)  # fmt: skip
    _declare(
        "count",
        "Deals with the mistake",
        "open deals that break the rule on as_of and do not rest for a reason; of rules on ended "
        "deals those of twelve months",
        unit="count",
        null_rule="not told of a rule whose data is not there",
    )
    _declare(
        "exposed_amount",
        "Amount exposed to the mistake",
        "sum of the amounts of the deals that break the rule",
        unit="money",
        null_rule="null where no amount of theirs is known",
    )
    _declare(
        "snoozed",
        "Deals at rest for a reason",
        "open deals that break the rule, but rest until a day that is still to come",
        unit="count",
        null_rule="not told of a rule whose data is not there",
    )
    _declare(
        "cases",
        "Deals that had the mistake before",
        "deals that broke the rule on a past day, by what was known then",
        unit="count",
        source=_MH,
    )
    _declare(
        "version",
        "Version of the rule",
        "version of the rule by which deals were judged; it rises whenever what the rule judges "
        "changes",
        unit="count",
        null_rule="not told of a rule whose data is not there",
        reading="Compare two runs only where the versions are the same.",
    )
