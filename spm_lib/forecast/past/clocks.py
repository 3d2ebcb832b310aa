"""The clocks of a client: the pace of winning, of getting on, and of new deals, day by day."""

from __future__ import annotations

import numpy as np

from spm_lib.forecast.past.calendar_pace import Pace, fit_pace
from spm_lib.forecast.past.exposure import won_level
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.lives import NEVER

LOOK_BACK = 5 * 365
_LITTLE = 1e-9


def winning_pace(history: History) -> Pace:
    """Return how fast open deals are won on each day, all else being equal."""
    return history.once("winning pace", lambda: _winning(history))


def progress_pace(history: History) -> Pace:
    """Return how fast deals change stage or close on each day, per open deal."""
    return history.once("progress pace", lambda: _progress(history))


def arrival_pace(history: History) -> Pace:
    """Return how fast deals are created on each day, apart from the trend."""
    return history.once("arrival pace", lambda: _arrivals(history))


def _since(history: History) -> int:
    return max(history.since, history.origin - LOOK_BACK)


def _winning(history: History) -> Pace:
    since, origin = _since(history), history.origin
    level = won_level(history.lives, since=since, origin=origin)
    return fit_pace(
        history.calendar,
        history.won.day,
        level + _LITTLE,
        since=since,
        origin=origin,
        base=progress_pace(history),
    )


def _progress(history: History) -> Pace:
    since, origin, lives = _since(history), history.origin, history.lives
    spans = lives.stretches
    moved = spans.since[spans.since > lives.created[spans.deal]]
    closed = lives.closed[lives.closed <= origin]
    days = np.arange(since, origin + 1)
    there = np.searchsorted(np.sort(lives.created), days, side="left")
    there -= np.searchsorted(np.sort(lives.closed), days, side="left")
    level = np.maximum(there, 0.01).astype(float)
    events = np.concatenate([moved, closed])
    return fit_pace(history.calendar, events, level, since=since, origin=origin, trend=True)


def _arrivals(history: History) -> Pace:
    origin, created = history.origin, history.lives.created
    first = int(created[created > -NEVER].min(initial=origin))
    since = max(first, origin - LOOK_BACK)
    level = np.ones(origin - since + 1)
    return fit_pace(history.calendar, created, level, since=since, origin=origin, trend=True)
