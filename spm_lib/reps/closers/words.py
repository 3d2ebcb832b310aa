"""What goes with winning, in words: associations, never causes, and what would tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.statement import Share, Statement
from spm_lib.metrics.associations import odds_to_share
from spm_lib.reps.closers.experiment import POINTS, deals_per_arm

if TYPE_CHECKING:
    from spm_lib.reps.closers.habits import ClosingHabits

MOST = 4


def closers_words(result: ClosingHabits) -> tuple[Statement, ...]:
    """Return the statements of what goes with winning, most important first."""
    found = result.table.filter("found")
    within = found.filter(pl.col("term") == "within").head(MOST)
    between = found.filter(pl.col("term") == "between").head(MOST)
    words = [_within(result, row) for row in within.iter_rows(named=True)]
    words += [_between(result, row) for row in between.iter_rows(named=True)]
    return (*(words or [_nothing(result)]), _basis(result), *_held_out(result), *_advice(result))


def _shares(result: ClosingHabits, row: dict[str, Any]) -> dict[str, object]:
    base = result.base
    return {
        "behaviour": result.behaviour(row["behaviour"]).statement,
        "base": Share(base),
        **{name: Share(odds_to_share(base, row[name])) for name in ("odds", "low", "high")},
    }


def _within(result: ClosingHabits, row: dict[str, Any]) -> Statement:
    more = (
        "{behaviour} is associated with winning: where {base} of deals are won, {odds} of the same "
        "person's deals with it are ({low} to {high})."
    )
    less = (
        "{behaviour} is associated with losing: where {base} of deals are won, {odds} of the same "
        "person's deals with it are ({low} to {high})."
    )
    return Statement(more if row["odds"] > 1 else less, _shares(result, row))


def _between(result: ClosingHabits, row: dict[str, Any]) -> Statement:
    more = (
        "{behaviour}: people who do it more often win more ({odds} for {base}, {low} to {high}). "
        "That may be the people, not what they do."
    )
    less = (
        "{behaviour}: people who do it more often win less ({odds} for {base}, {low} to {high}). "
        "That may be the people, not what they do."
    )
    return Statement(more if row["odds"] > 1 else less, _shares(result, row))


def _nothing(result: ClosingHabits) -> Statement:
    text = (
        "Nothing that was done in the first {days:1 day|{days} days} stands out among those who "
        "win: {tried:1 comparison was made, and it|{tried} comparisons were made, and none} is "
        "clear of luck once their number is allowed for."
    )
    return Statement(text, {"days": result.first.days, "tried": result.tried})


def _basis(result: ClosingHabits) -> Statement:
    text = (
        "Looked at: {deals:1 deal|{deals} deals} still open {days:1 day|{days} days} after the "
        "creation, and how {deals:it|they} ended in the {horizon:1 day|{horizon} days} after that; "
        "{tried:1 comparison|{tried} comparisons}, of which at most {share} of those called found "
        "may be luck."
    )
    values = {
        "deals": result.deals,
        "days": result.first.days,
        "horizon": result.first.horizon,
        "tried": result.tried,
        "share": Share(result.false_share),
    }
    return Statement(text, values, "why")


def _held_out(result: ClosingHabits) -> list[Statement]:
    if result.gain is None:
        return []
    better = (
        "Held-out check: on the newest third of the deals, a model that knows these behaviours "
        "tells wins from losses better than one that does not."
    )
    worse = (
        "Held-out check: on the newest third of the deals, a model that knows these behaviours "
        "tells wins from losses no better than one that does not."
    )
    return [Statement(better if result.gain > 0 else worse, kind="why")]


def _advice(result: ClosingHabits) -> list[Statement]:
    first = result.table.filter(pl.col("found") & (pl.col("odds") > 1)).head(1)
    text = (
        "Associated is not caused. An experiment would tell: {arm:1 deal|{arm} deals} with it and "
        "as many without show a rise of {points} points from {base} four times in five."
    )
    values = {
        "arm": deals_per_arm(result.base)[POINTS[1]] or 0,
        "points": POINTS[1],
        "base": Share(result.base),
    }
    return [Statement(text, values, "todo")] if first.height and values["arm"] else []
