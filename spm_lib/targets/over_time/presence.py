"""How much of a person is there on a day: hire and leave dates, part-time, leave, ramp."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.months import months_after
from spm_lib.targets.ratio import Ratio, share_of_one


@dataclass(frozen=True)
class Presence:
    """The share of a full person that is there, constant from each day of ``since`` on.

    ``since`` ascends; before its first day the person is not there.
    """

    since: tuple[date, ...]
    share: tuple[Fraction, ...]

    def pieces(self, window: Window) -> list[tuple[date, date, Fraction]]:
        """Return the stretches of a window in which the share does not change, and the share."""
        cuts = [day for day in self.since if window.start < day < window.end]
        starts = [window.start, *cuts]
        ends = [*cuts, window.end]
        return [(a, b, self.on(a)) for a, b in zip(starts, ends, strict=True) if a < b]

    def within(self, window: Window) -> tuple[tuple[date, ...], tuple[Fraction, ...]]:
        """Return ``since`` and ``share`` as a window sees them: the same for all alike in it."""
        pieces = self.pieces(window)
        return tuple(start for start, _, _ in pieces), tuple(share for _, _, share in pieces)

    def on(self, day: date) -> Fraction:
        """Return the share that is there on a day."""
        place = bisect_right(self.since, day)
        return self.share[place - 1] if place else Fraction(0)


def presences(
    people: pl.DataFrame, *, ramp: Sequence[Ratio] = (), absences: pl.DataFrame | None = None
) -> dict[str, Presence]:
    """Return the presence of each person.

    Parameters
    ----------
    people
        ``rep_id`` and, where known, Date ``hired_on`` (null: long ago), Date ``left_on`` (first
        day no longer there; null: stays) and ``part_time`` (share of full time; null: 1).
    ramp
        Share of a full person in the first, second, ... month after the hire date.
    absences
        ``rep_id``, Date ``start`` and ``end`` (first day back; null: stays so), ``away`` (share of
        the person that is away; null: all). Leave and dated part-time alike; several at once
        multiply what is left.

    Raises
    ------
    DataError
        If an absence ends before it starts or is of nobody known.
    ParameterError
        If a share is not from 0 to 1.
    """
    ramping = [share_of_one(step, "A month of the ramp") for step in ramp]
    away = _absences(absences, known=set(people["rep_id"]))
    found = {}
    for row in people.to_dicts():
        part = _part_time(row.get("part_time"))
        found[row["rep_id"]] = _presence(
            row.get("hired_on"), row.get("left_on"), part, ramping, away.get(row["rep_id"], [])
        )
    return found


def _presence(
    hired: date | None,
    left: date | None,
    part: Fraction,
    ramp: Sequence[Fraction],
    away: Sequence[tuple[date, date | None, Fraction]],
) -> Presence:
    steps = [months_after(hired, k) for k in range(len(ramp) + 1)] if hired else []
    cuts = {hired or date.min, *steps, *(day for start, end, _ in away for day in (start, end))}
    since = sorted(day for day in {*cuts, left} if day is not None)

    def share(day: date) -> Fraction:
        if (hired and day < hired) or (left and day >= left):
            return Fraction(0)
        month = bisect_right(steps, day) - 1
        there = part * (ramp[month] if 0 <= month < len(ramp) else 1)
        for start, end, gone in away:
            if start <= day and (end is None or day < end):
                there *= 1 - gone
        return there

    return Presence(tuple(since), tuple(share(day) for day in since))


def _part_time(share: Ratio | None) -> Fraction:
    return share_of_one(1 if share is None else share, "Part-time")


def _absences(
    frame: pl.DataFrame | None, *, known: set[str]
) -> dict[str, list[tuple[date, date | None, Fraction]]]:
    found: dict[str, list[tuple[date, date | None, Fraction]]] = {}
    for row in [] if frame is None else frame.to_dicts():
        who, start, end = row["rep_id"], row["start"], row.get("end")
        if who not in known or start is None or (end is not None and end < start):
            raise DataError(
                "An absence is of nobody here, or ends before it starts.",
                found=f"{who}: {start} to {end}",
                do="Give rep_id, start and end (the first day back, null where it goes on)",
            )
        away = 1 if row.get("away") is None else row["away"]
        found.setdefault(who, []).append(
            (start, end, share_of_one(away, "What is away of a person"))
        )
    return found
