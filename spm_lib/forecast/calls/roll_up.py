"""Calls: what people said they would close, rolled up by the hierarchy of a day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.core.errors import DataError
from spm_lib.model import Company, places_on

FIRST_CHOICES = ("commit", "call", "forecast")
ROLLED = {
    "level": pl.String,
    "id": pl.String,
    "call": pl.Int64,
    "own_call": pl.Int64,
    "people": pl.Int64,
    "called": pl.Int64,
}


def call_grain(company: Company) -> str:
    """Return for what periods people call: "month", "quarter" or "year".

    Raises
    ------
    DataError
        If there are no calls, or their periods begin on days on which none of these does.
    """
    starts = sorted(set(company.table("forecast_calls")["period_start"].to_list()))
    if not starts:
        raise DataError(
            "There are no forecast calls.",
            found="no rows in forecast_calls",
            do="Map [tables.forecast_calls]",
        )
    calendar = company.calendar
    closest = min((after - before).days for before, after in pairwise(starts)) if starts[1:] else 90
    for grain, least in (("year", 360), ("quarter", 80), ("month", 0)):
        begins = all(calendar.period_of(day, grain).start == day for day in starts)
        if begins and closest >= least:
            return grain
    raise DataError(
        "Forecast calls are for periods that are no months, quarters or years.",
        found=f"period_start {starts[0]}, {starts[-1]}",
        do="Give the first day of each period as period_start",
    )


def call_category(company: Company, asked: str | None = None) -> str:
    """Return the category that counts as the call: the one asked for, else commit, else the first.

    Raises
    ------
    DataError
        If nobody called in the category asked for.
    """
    found = company.table("forecast_calls")["category"].fill_null("")
    counted = found.value_counts(sort=False).sort("count", "category", descending=[True, False])
    names = counted["category"].to_list()
    if asked is not None:
        if asked not in names:
            raise DataError(
                f"Nobody called in the category '{asked}'.",
                found=", ".join(sorted(names)) or "no calls",
                do="Name one of these",
            )
        return asked
    for choice in FIRST_CHOICES:
        for name in names:
            if name.casefold() == choice:
                return name
    return names[0] if names else ""


def standing_calls(
    company: Company, period: Period, *, on: date, category: str | None = None
) -> pl.DataFrame:
    """Return what everybody's call for a period was at the end of a day: the last one said.

    Columns out: ``rep_id``, ``submitted_on`` (Date), ``amount`` (Int64 minor units: the whole
    period, what is won in it included).
    """
    wanted = call_category(company, category)
    calls = company.table("forecast_calls").filter(
        (pl.col("period_start") == period.start)
        & (pl.col("category").fill_null("") == wanted)
        & (pl.col("submitted_on") <= on)
        & pl.col("amount").is_not_null()
    )
    last = calls.sort("rep_id", "submitted_at", maintain_order=True).group_by(
        "rep_id", maintain_order=True
    )
    return last.last().select("rep_id", "submitted_on", "amount")


def roll_up(
    company: Company, period: Period, *, on: date, category: str | None = None
) -> pl.DataFrame:
    """Return the calls for a period as they stood on a day, rolled up by the hierarchy of that day.

    A manager is who has people on that day. His own call is one for all of them, a total beside
    theirs and never added to it; it stands in ``own_call``.

    Columns out: ``level`` ("rep", "manager", "company"), ``id`` (null: the company), ``call``
    (Int64 minor units: the sum of the people's calls; null: nobody called), ``own_call`` (what the
    manager called; of the company, the sum of what its topmost managers called if all did),
    ``people`` (how many there are), ``called`` (how many of them called).
    """
    said = dict(standing_calls(company, period, on=on, category=category)
                .select("rep_id", "amount").iter_rows())  # fmt: skip
    below = people_below(company, on)
    members = {*places_on(company, on)["rep_id"], *said}
    sellers = sorted(rep for rep in members if rep not in below)
    rows: list[tuple[object, ...]] = [
        ("rep", rep, said.get(rep), None, 1, int(rep in said)) for rep in sellers
    ]
    for manager in sorted(below):
        if company.scope.rep_ids is not None and manager not in company.scope.rep_ids:
            continue  # whose team is not all in sight
        mine = sorted(below[manager] & set(sellers))
        rows.append(("manager", manager, *_summed(mine, said, own=said.get(manager))))
    top = [m for m in sorted(below) if not any(m in people for people in below.values())]
    own = [said[m] for m in top if m in said]
    whole = sum(own) if own and len(own) == len(top) else None
    rows.append(("company", None, *_summed(sellers, said, own=whole)))
    return pl.DataFrame(rows, schema=ROLLED, orient="row")


def people_below(company: Company, on: date) -> dict[str, set[str]]:
    """Return everybody under each manager on a day, at any depth."""
    direct: dict[str, set[str]] = {}
    for rep, _, manager in places_on(company, on).iter_rows():
        if manager is not None and manager != rep:
            direct.setdefault(manager, set()).add(rep)
    return {manager: _deep(manager, direct) for manager in direct}


def _deep(manager: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = set(direct.get(manager, ()))
    while ahead:
        one = ahead.pop()
        if one not in found and one != manager:
            found.add(one)
            ahead |= direct.get(one, set())
    return found


def _summed(
    people: list[str], said: dict[str, int], *, own: int | None
) -> tuple[int | None, int | None, int, int]:
    calls = [said[rep] for rep in people if rep in said]
    return (sum(calls) if calls else None), own, len(people), len(calls)


def before_close(period: Period, weeks: int) -> date:
    """Return the day that many weeks before the period closes (its end is the first day after)."""
    return period.end - timedelta(weeks=weeks)
