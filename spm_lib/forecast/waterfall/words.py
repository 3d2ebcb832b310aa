"""What a waterfall says in words: how the pipeline moved, what moved it, what cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.statement import Amount, Phrase, Statement
from spm_lib.forecast.horizon import day_number

if TYPE_CHECKING:
    from spm_lib.core.calendar import Period
    from spm_lib.forecast.waterfall.between_days import Waterfall

NAMES = {
    "start": "Open at the start",
    "new": "New",
    "reopened": "Reopened",
    "pulled_in": "Pulled in",
    "slipped_in": "Slipped in from before",
    "owner_in": "Taken over",
    "up": "Raised",
    "down": "Lowered",
    "pushed": "Pushed out",
    "moved_earlier": "Moved to before",
    "owner_out": "Handed over",
    "lost": "Lost",
    "deleted": "Deleted",
    "won": "Won",
    "end": "Open at the end",
}
TOLD = 3  # the bars named in the finding


def waterfall_findings(made: Waterfall) -> tuple[Statement, ...]:
    """Return the finding, and what the data cannot tell."""
    return (headline(made), *_unpriced(made), *_lacking(made))


def headline(made: Waterfall) -> Statement:
    """Return how the pipeline moved and the bars that moved it most."""
    start, end, currency = made.start.amount, made.end.amount, made.company.currency
    largest = made.bars.filter(pl.col("amount").fill_null(0) != 0)
    largest = largest.sort(pl.col("amount").abs(), descending=True, maintain_order=True).head(TOLD)
    named = tuple(
        Statement(
            "{bar} {amount}",
            {"bar": Phrase(NAMES[bar]), "amount": Amount(abs(amount), currency)},
        )
        for bar, amount in largest.select("bar", "amount").iter_rows()
    )
    values: dict[str, object] = {"since": made.since, "until": made.until}
    if start is None or end is None:
        text = (
            "From {since} to {until} deals left the open pipeline; what it was worth is not known."
        )
        return Statement(text, values)
    values |= {"start": Amount(start, currency), "end": Amount(end, currency), "bars": named}
    period = _period(made)
    if period is not None:
        values["period"] = period
    if not named:
        return Statement(_STILL[period is not None], values)
    way = "rose" if end > start else "fell" if end < start else "came back"
    return Statement(_MOVED[way, period is not None], values)


_STILL = {
    False: "Nothing changed in the open pipeline from {since} to {until}: {end}.",
    True: "Nothing changed in the pipeline due in {period} from {since} to {until}: {end}.",
}
_MOVED = {
    ("rose", False): "The open pipeline rose from {start} to {end}: {bars}.",
    ("fell", False): "The open pipeline fell from {start} to {end}: {bars}.",
    ("came back", False): "The open pipeline came back to where it was, {end}: {bars}.",
    ("rose", True): "The pipeline due in {period} rose from {start} to {end}: {bars}.",
    ("fell", True): "The pipeline due in {period} fell from {start} to {end}: {bars}.",
    ("came back", True): "The pipeline due in {period} came back to where it was, {end}: {bars}.",
}


def _period(made: Waterfall) -> Period | str | None:
    """Return the period that deals are due in, as a period of the calendar where it is one."""
    if made.due is None:
        return None
    for grain in ("month", "quarter", "year"):
        period = made.company.calendar.period_of(made.due.start, grain)
        if period.window == made.due:
            return period
    return made.due.label


def due_label(made: Waterfall) -> str:
    """Return the label of the period that deals are due in: "2026-Q4", or its two days."""
    period = _period(made)
    return "" if period is None else period if isinstance(period, str) else period.label


def _unpriced(made: Waterfall) -> list[Statement]:
    if not made.end.unpriced or made.end.amount is None:
        return []
    text = (
        "{deals:1 open deal has|{deals} open deals have} no amount; without one a deal counts as 0."
    )
    return [Statement(text, {"deals": made.end.unpriced}, kind="note")]


def _lacking(made: Waterfall) -> list[Statement]:
    """Return, reason by reason, which bars the data cannot tell."""
    reasons: dict[str, list[str]] = {}
    for bar, why in made.lacks.items():
        reasons.setdefault(why.text, []).append(bar)
    return [
        Statement(
            "Not told: {bars}, for {reason}.",
            {"bars": tuple(Phrase(NAMES[bar]) for bar in bars), "reason": Phrase(reason)},
            kind="note",
        )
        for reason, bars in reasons.items()
    ]


def days_of(made: Waterfall) -> int:
    """Return how many days the waterfall spans."""
    return day_number(made.until) - day_number(made.since)
