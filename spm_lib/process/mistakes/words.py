"""Tactical mistakes in words: what goes with losing, never what causes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spm_lib.core.statement import Amount, Points, Share, Statement
from spm_lib.process.mistakes.rule import OWNERS

if TYPE_CHECKING:
    from spm_lib.process.mistakes.result import Mistakes, Verdict

MOST = 3


def mistakes_words(made: Mistakes) -> tuple[Statement, ...]:
    """Return the findings: the dearest mistakes, what they rest on, and what to do about them."""
    dearest = made.found[:MOST]
    told = [_found(made, v) for v in dearest] or [_nothing(made)]
    commonest = [] if dearest else _commonest(made)
    todo = [_todo(v) for v in dearest if v.open]
    return (*told, *commonest, *_basis(made), *_unjudged(made), *todo)


def _found(made: Mistakes, verdict: Verdict) -> Statement:
    gap, cost = verdict.gap, verdict.cost
    assert gap is not None
    values: dict[str, object] = {
        "rule": verdict.rule.name,
        "points": Points(-gap.gap),
        "low": Points(-gap.high),
        "high": Points(-gap.low),
        "deals": verdict.open,
    }
    if not verdict.open or cost is None:
        text = (
            "{rule}: associated with a win rate {points} lower than that of like deals ({low} to "
            "{high}). Open deals with it today: {deals}."
        )
        return Statement(text, values)
    money = [Amount(minor, made.company.currency) for minor in (*cost, verdict.exposed or 0)]
    names = ("cost", "cost_low", "cost_high", "exposed")
    text = (
        "{rule}: associated with a win rate {points} lower than that of like deals ({low} to "
        "{high}). On {deals:1 open deal|{deals} open deals} worth {exposed} that goes with {cost} "
        "({cost_low} to {cost_high})."
    )
    return Statement(text, values | dict(zip(names, money, strict=True)))


def _nothing(made: Mistakes) -> Statement:
    if not made.tried:
        text = "No mistake can be priced: too few deals tell what went with it before."
        return made.untold or Statement(text)
    text = (
        "No mistake clearly goes with losing: {tried:1 rule was compared|{tried} rules were "
        "compared, and their number is allowed for}."
    )
    return Statement(text, {"tried": made.tried})


def _commonest(made: Mistakes) -> list[Statement]:
    open_ones = [v for v in made.judged if v.open and not v.rule.ended]
    if not open_ones:
        return []
    most = max(open_ones, key=lambda v: v.open)
    text = "The commonest: {rule}, in {deals:1 open deal|{deals} open deals}."
    return [Statement(text, {"rule": most.rule.name, "deals": most.open})]


def _basis(made: Mistakes) -> list[Statement]:
    if not made.tried or made.horizon is None:
        return []
    text = (
        "Looked at: open deals on {days:1 day|{days} days} past, judged by what was known then, "
        "and whether they were won in the {horizon:1 day|{horizon} days} after it; deals of one "
        "stage, size, age and owner are compared. {tried:1 rule|{tried} rules} compared; at most "
        "{share} of those called found may be luck. Associated is not caused."
    )
    values = {
        "days": len(made.landmarks),
        "horizon": made.horizon,
        "tried": made.tried,
        "share": Share(made.false_share),
    }
    return [Statement(text, values, "why")]


def _unjudged(made: Mistakes) -> list[Statement]:
    gone = [v for v in made.verdicts if v.lacking]
    if not gone:
        return []
    text = (
        "{n:1 rule is|{n} rules are} not judged, for the data does not tell what "
        "{n:it needs|they need}."
    )
    return [Statement(text, {"n": len(gone)}, "note")]


def _todo(verdict: Verdict) -> Statement:
    text = "{owner}, on {deals:1 open deal|{deals} open deals}: {fix}"
    values = {
        "owner": OWNERS[verdict.rule.owner],
        "deals": verdict.open,
        "fix": verdict.rule.fix,
    }
    return Statement(text, values, "todo")
