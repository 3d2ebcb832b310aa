"""Own development goals tracked: the metric before and since, and against peers, not the past."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import SpmError
from spm_lib.metrics import measure
from spm_lib.model import Company, Figure
from spm_lib.reps import CoachingEffect, coached_numbers, coaching_effect, number_effect
from spm_lib.reps.coarse import FEWEST
from spm_lib.team.responses.response import Goal, Response

DAYS = 183  # of each side, as where coaching is checked
Untold = Literal["", "no_number", "no_noise", "too_early", "few_peers"]
Unit = Literal["points", "own", "weekly"]
_UNITS: dict[str, Unit] = {"share": "points", "flow": "weekly", "interval": "own"}


@dataclass(frozen=True)
class Progress:
    """How a goal's metric moved since the goal was set.

    Attributes
    ----------
    rep_id, goal
        Whose goal, and the goal.
    since
        The day on which the person first set a goal on this metric.
    before, after
        The person's own number of the half year before that day, and since it (half a year at
        most); null where the metric tells no single number of the person.
    effect
        The change against uncoached peers who started alike, coarse: a ratio in whole points, any
        other number to two digits, for the difference of two reports may not tell what one peer
        did; null where it is not told.
    untold
        Why it is not: the data tell no single number of the person; the metric does not tell how
        far one person's number moves by luck (see ``coached_numbers``); too little happened since;
        or fewer than five peers started alike. Empty where it is told.
    unit
        What the effect is in: points of a ratio, the metric's own unit, or that unit in a week.
    """

    rep_id: str
    goal: Goal
    since: date
    before: Figure | None
    after: Figure | None
    effect: CoachingEffect | None
    untold: Untold = ""
    unit: Unit = "points"


def goal_progress(
    company: Company,
    responses: Iterable[Response],
    *,
    rep_ids: Iterable[str] | None = None,
) -> list[Progress]:
    """Return how the goals of people's newest responses go, sorted by person.

    Parameters
    ----------
    company
        The whole company on the day: peers are people of any team.
    responses
        Everybody's newest response to each letter: who has a goal on the same metric is no
        uncoached peer.
    rep_ids
        Whose goals are told; None: everybody's.
    """
    by_person: dict[str, list[Response]] = {}
    for response in sorted(responses, key=lambda r: (r.rep_id, r.version)):
        by_person.setdefault(response.rep_id, []).append(response)
    wanted = set(by_person) if rep_ids is None else set(rep_ids)
    began = {rep: _began(own, company.as_of) for rep, own in by_person.items()}
    return [
        _progress(company, rep_id, goal, began)
        for rep_id, own in by_person.items()
        if rep_id in wanted
        for goal in own[-1].goals
    ]


def _began(own: Sequence[Response], on: date) -> dict[str, date]:
    """Return the day on which a person first set a goal on each metric."""
    found: dict[str, date] = {}
    for response in own:
        for goal in response.goals:
            day = min(response.read_on, on)
            found[goal.metric] = min(found.get(goal.metric, day), day)
    return found


def _progress(
    company: Company, rep_id: str, goal: Goal, began: Mapping[str, Mapping[str, date]]
) -> Progress:
    since = began[rep_id][goal.metric]
    sides = [_own(company, goal.metric, rep_id, window) for window in _windows(company, since)]
    told = Progress(rep_id, goal, since, sides[0], sides[1], None)
    if sides[0] is None and sides[1] is None:
        return replace(told, untold="no_number")
    return _against_peers(company, told, began)


def _windows(company: Company, since: date) -> Iterator[Window]:
    half, tomorrow = timedelta(days=DAYS), company.as_of + timedelta(days=1)
    yield Window(since - half, since)
    yield Window(since, max(min(since + half, tomorrow), since + timedelta(days=1)))


def _own(company: Company, metric: str, rep_id: str, window: Window) -> Figure | None:
    """Return a person's number; null where there is none, or one for each of several parts."""
    try:
        found = measure(company, metric, by="rep_id", window=window).figures()
    except SpmError:  # a table that the client has not
        return None
    own = [figure for figure in found if figure.by.get("rep_id") == rep_id]
    return own[0] if len(own) == 1 else None


def _against_peers(
    company: Company, told: Progress, began: Mapping[str, Mapping[str, date]]
) -> Progress:
    """Return the progress with its comparison, or why there is none."""
    rep_id, metric = told.rep_id, told.goal.metric
    numbers = coached_numbers(company, metric, {rep_id: told.since}, days=DAYS)
    if numbers is None:
        return replace(told, untold="no_noise")
    kind, frame = numbers
    others = [rep for rep, own in began.items() if metric in own and rep != rep_id]
    frame = frame.filter(~pl.col("rep_id").is_in(others))
    found = coaching_effect(frame) if kind == "share" else number_effect(frame)
    told = replace(told, unit=_UNITS[kind])
    if not found.coached:
        return replace(told, untold="too_early")
    if found.effect is None or found.peers < FEWEST:
        return replace(told, untold="few_peers")
    own = frame.filter("coached").select("before", "after").row(0)
    decimals = 2 if kind == "share" else _decimals(max(map(abs, own)))
    return replace(told, effect=_coarse(found, decimals))


def _decimals(size: float) -> int:
    """Return the decimals at which a number of a size has two digits.

    Examples
    --------
    >>> [round(number, _decimals(number)) for number in (23_418.0, 8.31, 0.0417)]
    [23000.0, 8.3, 0.042]
    """
    return 1 - math.floor(math.log10(size)) if size else 0


def _coarse(found: CoachingEffect, decimals: int) -> CoachingEffect:
    told = ("effect", "low", "high", "plain", "regression")
    rounded = {name: round(getattr(found, name), decimals) + 0.0 for name in told}  # no -0
    return replace(found, **rounded)
