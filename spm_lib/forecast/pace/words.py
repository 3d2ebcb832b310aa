"""What the pace to the target says in words: what is missing, and what usually brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spm_lib.core.statement import Amount, Share, Statement

if TYPE_CHECKING:
    from spm_lib.forecast.pace.needed import Pace

NAMES = {
    "won": "Won already",
    "open": "From open deals",
    "new": "From deals not yet created",
    "later": "Still to come",
}


def pace_findings(pace: Pace) -> tuple[Statement, ...]:
    """Return what is missing per working day, and whether the pipeline usually brings it."""
    return (_missing(pace), *_covered(pace))


def _missing(pace: Pace) -> Statement:
    values: dict[str, object] = {
        "period": pace.period,
        "target": _money(pace, pace.target),
        "won": _money(pace, pace.won),
    }
    if not pace.missing:
        return Statement("The target of {target} for {period} is reached: {won} is won.", values)
    values |= {"missing": _money(pace, pace.missing), "left": pace.left}
    if not pace.left:
        text = (
            "{missing} is missing to the target of {target} for {period}, and no working day is "
            "left."
        )
        return Statement(text, values)
    values["each"] = _money(pace, round(pace.missing / pace.left))
    if not pace.passed:
        text = (
            "{missing} is missing to the target of {target} for {period}: {each} on each of "
            "{left:the 1 working day|the {left} working days} left."
        )
        return Statement(text, values)
    values["so_far"] = _money(pace, round(pace.won / pace.passed))
    text = (
        "{missing} is missing to the target of {target} for {period}: {each} on each of "
        "{left:the 1 working day|the {left} working days} left. So far each brought {so_far}."
    )
    return Statement(text, values)


def _covered(pace: Pace) -> list[Statement]:
    made, needed = pace.conversion, pace.pipeline_needed
    if made is None or made.won.value is None or not pace.missing:
        return []
    values: dict[str, object] = {
        "rate": Share(made.won.value),
        "low": Share(max(made.won.low or 0.0, 0.0)),
        "high": Share(made.won.high or 0.0),
        "n": made.won.n,
        "new": _money(pace, made.new),
    }
    text = (
        "As long before the end of {n} past periods, {rate} of the value of open deals was still "
        "won in the period (95% interval {low} to {high}); deals that came later brought {new}."
    )
    told = [Statement(text, values, kind="why")]
    if needed is None or pace.coverage_now is None or pace.coverage_needed is None:
        return told
    values = {
        "now": pace.coverage_now,
        "needed": pace.coverage_needed,
        "open": _money(pace, made.open),
        "gap": _money(pace, abs(needed - made.open)),
    }
    lacking = needed > made.open
    text = (
        "All open deals together, {open}, are {now} times what they must bring; by this "
        "company's own past {needed} times are needed: {gap} of pipeline is lacking."
        if lacking
        else "All open deals together, {open}, are {now} times what they must bring; by this "
        "company's own past {needed} times are needed: {gap} more than that is there."
    )
    return [*told, Statement(text, values, kind="todo" if lacking else "why")]


def _money(pace: Pace, minor: int) -> Amount:
    return Amount(minor, pace.company.currency)
