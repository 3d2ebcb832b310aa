"""The numbers of a team's state as figures, each with its metric id, n and receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from spm_lib.model import Figure, Receipt, SetAside
from spm_lib.stats import wilson
from spm_lib.team.following.acceptance import Acceptance
from spm_lib.team.following.due import Due
from spm_lib.team.records.promise import Promise


def team_figures(
    standings: Acceptance,
    promises: Sequence[Promise],
    due: Sequence[Due],
    *,
    on: date,
    scoped: bool,
) -> list[Figure]:
    """Return the figures of a team's state on a day, in a fixed order.

    Parameters
    ----------
    standings, promises, due
        Of the people in scope.
    on
        The day.
    scoped
        Whether a scope left people out.
    """
    people = len(standings.standings)
    waiting = len(standings.unanswered)
    worries, owed = sum(standings.worries.values()), len(standings.owed)
    open_ = [promise for promise in promises if promise.open]
    overdue = sum(promise.overdue(on) for promise in open_)
    late = sum(item.overdue for item in due)
    counts = [
        ("unanswered", waiting, people, "answered"),
        ("worries", worries, worries, ""),
        ("replies_owed", owed, worries, "replied"),
        ("requests_open", sum(len(s.requests) for s in standings.standings), 0, ""),
        ("promises_open", len(open_), len(promises), "closed"),
        ("promises_overdue", overdue, len(open_), "in time"),
        ("checklist_overdue", late, len(due), "in time"),
    ]
    made = [_rate(standings, on), _confidence(standings, on), _growth(standings, on)]
    made += [_count(name, n, max(read, n), rest, on) for name, n, read, rest in counts]
    return [replace(f, receipt=replace(f.receipt, scoped=scoped)) for f in made]


def _rate(standings: Acceptance, on: date) -> Figure:
    n, accepted = len(standings.standings), standings.accepted
    low, high = wilson(accepted, n)
    return Figure(
        metric="team.acceptance_rate",
        as_of=on,
        unit="ratio",
        value=_ratio(accepted / n if n else None),
        receipt=Receipt(n),
        n=n,
        low=_ratio(low),
        high=_ratio(high),
    )


def _confidence(standings: Acceptance, on: date) -> Figure:
    given = standings.confidences
    waiting = len(standings.unanswered)
    return Figure(
        metric="team.confidence_mean",
        as_of=on,
        unit="ratio",
        value=_ratio(sum(given) / len(given) if given else None),
        receipt=Receipt(len(given), {"not answered": SetAside(waiting)} if waiting else {}),
        n=len(given),
    )


def _growth(standings: Acceptance, on: date) -> Figure:
    known = sum(one.letter.growth is not None for one in standings.standings)
    unknown = len(standings.standings) - known
    return Figure(
        metric="team.growth_asked",
        as_of=on,
        unit="ratio",
        value=_ratio(standings.growth),
        receipt=Receipt(known, {"growth not known": SetAside(unknown)} if unknown else {}),
        n=known,
    )


def worry_figures(standings: Acceptance, *, on: date, scoped: bool) -> list[Figure]:
    """Return how many worries there are of each category, the most frequent first; not the 0s.

    Parameters
    ----------
    standings
        Of the people in scope.
    on
        The day.
    scoped
        Whether a scope left people out.
    """
    counted = standings.worries
    every = sum(counted.values())
    made = [
        (category, _count("worries", n, every, "of another category", on))
        for category, n in counted.items()
        if n
    ]
    return [
        replace(f, by={"category": category}, receipt=replace(f.receipt, scoped=scoped))
        for category, f in made
    ]


def _count(name: str, n: int, read: int, rest: str, on: date) -> Figure:
    aside = {rest: SetAside(read - n)} if read > n else {}
    return Figure(f"team.{name}", on, "count", str(n), Receipt(n, aside), n=n)


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"
