"""Alerts in words: who has really changed, in what, since when, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.core.statement import Share, Statement
from spm_lib.metrics.touches import MANY

if TYPE_CHECKING:
    from spm_lib.reps.alerts.changed_rates import Alerts

MOST = 5


def alerts_words(alerts: Alerts) -> tuple[Statement, ...]:
    """Return the statements of the alerts, newest first."""
    if not alerts.watched.height and not alerts.unwatched:
        text = "Nobody has decided the 20 deals since {start} that a watch of the win rate needs."
        return (Statement(text, {"start": alerts.watch.start}),)
    names = dict(alerts.company.table("reps").select("rep_id", "name").drop_nulls().iter_rows())
    rows = alerts.raised.head(MOST).iter_rows(named=True)
    told = [alert_words(row, name=names.get(row["rep_id"], row["rep_id"])) for row in rows]
    if not alerts.watched.height:
        return _unwatched(alerts)
    return (*(told or [_quiet(alerts)]), *_unwatched(alerts), *_rate(alerts))


def alert_words(row: dict[str, Any], *, name: str) -> Statement:
    """Return one alert: a ratio that has really changed, and since when."""
    kind, _, what = row["ratio"].partition(":")
    values = {
        "name": name,
        "what": MANY.get(what, what) if kind == "early" else what,
        "since": row["since"],
        "before": Share(row["before"] or 0.0),
        "after": Share(row["after"] or 0.0),
        "n_before": row["n_before"],
        "n_after": row["n_after"],
    }
    return Statement(_TEXTS[kind, row["direction"]], values)


_TEXTS = {
    ("win_rate", "down"): (
        "{name}'s win rate has really fallen: {before} of {n_before:1 deal|{n_before} deals} "
        "until {since}, {after} of {n_after:1 deal|{n_after} deals} since."
    ),
    ("win_rate", "up"): (
        "{name}'s win rate has really risen: {before} of {n_before:1 deal|{n_before} deals} "
        "until {since}, {after} of {n_after:1 deal|{n_after} deals} since."
    ),
    ("stage", "down"): (
        "Of {name}'s deals fewer go forward from {what}: {before} of {n_before:1 deal|{n_before} "
        "deals} until {since}, {after} of {n_after:1 deal|{n_after} deals} since."
    ),
    ("stage", "up"): (
        "Of {name}'s deals more go forward from {what}: {before} of {n_before:1 deal|{n_before} "
        "deals} until {since}, {after} of {n_after:1 deal|{n_after} deals} since."
    ),
    ("early", "down"): (
        "Of {name}'s new deals fewer have this activity in their first seven days: {what}. It was "
        "{before} of {n_before:1 deal|{n_before} deals} until {since}, and is {after} of "
        "{n_after:1 deal|{n_after} deals} since."
    ),
    ("early", "up"): (
        "Of {name}'s new deals more have this activity in their first seven days: {what}. It was "
        "{before} of {n_before:1 deal|{n_before} deals} until {since}, and is {after} of "
        "{n_after:1 deal|{n_after} deals} since."
    ),
}


def _quiet(alerts: Alerts) -> Statement:
    rate = (
        "The win rate of {people:1 person has not|none of {people} people has} changed by more "
        "than luck does since {start}."
    )
    any_ = (
        "Not one of the {watches:1 ratio|{watches} ratios} of {people:1 person|{people} people} "
        "has changed by more than luck does since {start}: win rates, shares that go forward from "
        "a stage, activity on new deals."
    )
    values = {"people": alerts.people, "start": alerts.watch.start}
    if alerts.ratios == 1:
        return Statement(rate, values)
    return Statement(any_, {**values, "watches": alerts.watched.height})


def _unwatched(alerts: Alerts) -> tuple[Statement, ...]:
    text = (
        "{people:1 person is|{people} people are} not watched: too few others have deals enough "
        "to compare with."
    )
    many = len(alerts.unwatched)
    return (Statement(text, {"people": many}, "why"),) if many else ()


def _rate(alerts: Alerts) -> tuple[Statement, ...]:
    against = (
        "Each is watched against the others' deals of the same week, {weeks:1 week|{weeks} weeks} "
        "so far. If nothing changes, at most {level} of people are ever named by luck in two years "
        "of weekly looks."
    )
    alone = (
        "Each is watched against the own past, {weeks:1 week|{weeks} weeks} so far. If nothing "
        "changes, at most {level} of people are ever named by luck in two years of weekly looks."
    )
    values = {"weeks": alerts.weeks, "level": Share(alerts.level)}
    first = Statement(against if alerts.against_others else alone, values, "why")
    if alerts.ratios == 1:
        return (first,)
    together = (
        "That holds for all {ratios:1 ratio|{ratios} ratios} of a person together: the more are "
        "watched, the surer each one must be."
    )
    return (first, Statement(together, {"ratios": alerts.ratios}, "why"))
