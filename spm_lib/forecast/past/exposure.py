"""Occurrence and exposure: how many days deals sat in each stage for how long, day by day."""

from __future__ import annotations

import numpy as np

from spm_lib.forecast.past.landmarks import TIME
from spm_lib.forecast.past.lives import Lives

BUCKETS = len(TIME) + 1


def won_level(lives: Lives, *, since: int, origin: int) -> np.ndarray:
    """Return the wins that open deals should have brought per day of ``[since, origin]``.

    Each open deal counts with the daily rate of its stage and time in stage, all days being alike.
    """
    sat = sat_by_day(lives, since=since, origin=origin)
    wins = np.bincount(
        closing_cells(lives, since=since, origin=origin, won=True), minlength=len(sat)
    )
    days = sat.sum(axis=1)
    rate = np.divide(wins, days, out=np.zeros(len(sat)), where=days > 0)
    return rate @ sat


def closing_cells(lives: Lives, *, since: int, origin: int, won: bool) -> np.ndarray:
    """Return the cell in which each won (or lost) deal sat on the day before its close."""
    spans = lives.stretches
    closed = lives.closed[spans.deal]
    last = (spans.since < closed) & (spans.until >= closed) & (lives.won[spans.deal] == won)
    last &= (closed >= since) & (closed <= origin)
    return _cell(lives, last, closed[last] - 1)


def moves(lives: Lives, *, since: int, origin: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cell left and the stage entered of every move between open stages."""
    spans = lives.stretches
    same = (spans.deal[1:] == spans.deal[:-1]) & (spans.stage[1:] != spans.stage[:-1])
    left = np.append(same & (spans.until[:-1] == spans.since[1:]), [False])
    left &= (spans.until >= since) & (spans.until <= origin)
    to = np.append(spans.stage[1:], [0])[left]
    return _cell(lives, left, spans.until[left] - 1), to


def _cell(lives: Lives, rows: np.ndarray, day: np.ndarray) -> np.ndarray:
    spans = lives.stretches
    time = np.searchsorted(TIME, day - spans.entered[rows], side="right")
    return spans.stage[rows] * BUCKETS + time


def sat_by_day(lives: Lives, *, since: int, origin: int) -> np.ndarray:
    """Return deals open at the start of each day, per cell: (cells, days)."""
    spans = lives.stretches
    until = np.minimum(np.minimum(spans.until, lives.closed[spans.deal]), origin)
    shape = (int(spans.stage.max(initial=0)) + 1) * BUCKETS, origin - since + 2
    change = np.zeros(shape[0] * shape[1])
    rows = np.flatnonzero(until >= since)
    lows, highs = (0, *TIME), (*TIME, 10**8)
    for bucket, (low, high) in enumerate(zip(lows, highs, strict=True)):
        rows = rows[until[rows] > spans.entered[rows] + low]
        begun = spans.entered[rows]
        start = np.maximum(spans.since[rows], begun + low) + 1
        end = np.minimum(until[rows], begun + high) + 1
        start = np.clip(start, since, origin + 1) - since
        end = np.clip(end, since, origin + 1) - since
        some = end > start
        cell = (spans.stage[rows[some]] * BUCKETS + bucket) * shape[1]
        change += np.bincount(cell + start[some], minlength=len(change))
        change -= np.bincount(cell + end[some], minlength=len(change))
    return np.cumsum(change.reshape(shape), axis=1)[:, :-1]
