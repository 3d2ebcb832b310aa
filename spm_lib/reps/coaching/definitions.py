"""The metric ids of coaching: every number a plan prints, defined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, declaring
from spm_lib.reps.skills.breakdowns import names_of

_EARNED = (
    "only earned gaps: people differ clearly, 10 cases, below the middle with 90%, and at least "
    "five others to compare with"
)
_PAIRED = "only pairs that were made"
_GOLDSTEIN = "Goldstein & Spiegelhalter (1996), JRSS A 159:385"
_CROUSE = "Crouse (2016), IEEE Trans. Aerospace and Electronic Systems 52:1679"


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the answer for one id: ``(company, by, window) -> figures``."""

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        names = names_of(by)
        if names not in ((), ("rep_id",)):
            return []
        wanted = read_window(window, company.calendar) or company.default_window()
        found = company.once(f"coaching {wanted.label}", lambda: _all(company, wanted))
        return [f for f in found if f.metric == metric and ("rep_id" in f.by) == bool(names)]

    return figures


def _all(company: Company, window: Any) -> list[Figure]:
    from spm_lib.reps.coaching.plan import plan_coaching

    try:
        return plan_coaching(company, window=window).figures()
    except DataError:
        return []


_declare = declaring("reps", compute=compute, dimensions=("rep_id",), null_rule=_EARNED)


def declare_coaching_ids() -> None:
    """Put the ids of coaching into the registry."""
    _declare(
        "coaching.own",
        "Own level of the skill to coach",
        "pooled conversion of the stage, win rate or deal size, mix of deals allowed for",
        source=_GOLDSTEIN,
    )
    _declare(
        "coaching.middle",
        "Middle of all people in that skill",
        "median of the pooled levels of all people compared",
        source=_GOLDSTEIN,
    )
    _declare(
        "coaching.p_below",
        "Chance that the person is below the middle",
        "posterior draws in which the person is below the median of all / draws",
        numerator="draws below the median",
        denominator="draws",
        source=_GOLDSTEIN,
    )
    _declare(
        "coaching.gap",
        "Money at stake in a gap",
        "won amount x (middle / own level - 1)",
        unit="money",
        reading="What closing the whole gap would have brought in the window, all else equal.",
    )
    _declare_pairs()
    for name, title, formula in (
        ("coaching.people", "People looked at for coaching", "people compared who are still there"),
        ("coaching.gaps", "Gaps worth coaching", "earned gaps, two per person at most"),
        ("coaching.pairs", "Mentor pairs", "pairs of the assignment that gains most"),
    ):
        _declare(name, title, formula, unit="count", null_rule="never null", dimensions=())


def _declare_pairs() -> None:
    _declare(
        "coaching.pair.p_better",
        "Chance that the mentor is the better one",
        "posterior draws in which the mentor is above the mentee in the skill / draws",
        numerator="draws in which the mentor is above the mentee",
        denominator="draws",
        null_rule=_PAIRED,
        source=_GOLDSTEIN,
    )
    _declare(
        "coaching.pair.gain",
        "Money if the mentee came up to the mentor",
        "won amount x max(0, mentor's level / own level - 1)",
        unit="money",
        null_rule=_PAIRED,
        source=_CROUSE,
        reading="What pairs are chosen by, not what to expect: nobody comes up all the way.",
    )
    _declare(
        "coaching.pair.cases",
        "Cases until a rise to the middle would show",
        "cases before and as many after that show the rise with a chance of 80%, two-sided at 5%",
        unit="count",
        null_rule=_PAIRED,
        source="Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 4.2",
    )
    _declare(
        "coaching.pair.months",
        "Months until a rise to the middle would show",
        "cases that are needed / cases per month in the window",
        unit="months",
        null_rule=_PAIRED,
        reading="Usually years: one person's number is no proof of coaching.",
    )
    _declare_effect()


def _declare_effect() -> None:
    peers = (
        "null where for most of the coached nobody who was not coached started alike, or nobody is "
        "named as coached"
    )
    shared: dict[str, Any] = {"unit": "points", "null_rule": peers, "compute": None}
    source = "Angrist & Pischke (2009), 5.2; Stuart (2010), Statistical Science 25:1"
    _declare(
        "coaching.effect",
        "Rise of the coached beyond peers who started alike",
        "mean of (after - pooled start) of the coached - mean of it of their uncoached peers",
        source=source,
        reading="Not a proof either: the coached were chosen.",
        **shared,
    )
    _declare(
        "coaching.effect.plain",
        "Change of the coached on their own",
        "mean of (win rate after - win rate before) of the coached",
        reading="Says little: whoever is picked when low rises by himself.",
        **shared,
    )
    _declare(
        "coaching.effect.regression",
        "Change to be expected without coaching",
        "mean of (pooled start - win rate before) of the coached",
        source="Efron & Morris (1975), JASA 70:311",
        **shared,
    )
    _declare(
        "coaching.effect.peers",
        "Uncoached peers compared with",
        "uncoached people whose pooled start lies within half a standard deviation",
        source=source,
        **{**shared, "unit": "count"},
    )
    numbers: dict[str, Any] = {**shared, "unit": "number"}
    _declare(
        "coaching.effect.number",
        "Change of a number beyond peers who started alike",
        "mean of (after - pooled start) of the coached - mean of it of their uncoached peers",
        source=source,
        reading="In the unit of the metric; counts and sums per week. The spread of a case is "
        "pooled over all people.",
        **numbers,
    )
    _declare(
        "coaching.effect.number.regression",
        "Change of a number to be expected without coaching",
        "mean of (pooled start - number before) of the coached",
        source="Morris (1983), JASA 78:47",
        **numbers,
    )
