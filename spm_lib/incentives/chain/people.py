"""Who is paid by the plan on which days: people, their roles, and whether a seller is known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.plan.plan import Component, Plan

FIRST, LAST = date.min, date.max


@dataclass(frozen=True)
class Stay:
    """A person's row: role on the days ``[start, end)``."""

    start: date
    end: date
    role: str | None
    hired_on: date | None


def stays_of(people: pl.DataFrame) -> dict[str, list[Stay]]:
    """Return each person's rows, in order.

    Raises
    ------
    PayError
        If rows of one person overlap.
    """
    found: dict[str, list[Stay]] = defaultdict(list)
    rows = people.sort("rep_id", "valid_from", nulls_last=False)
    for rep, start, end, role, hired in rows.select(
        "rep_id", "valid_from", "valid_to", "role", "hired_on"
    ).iter_rows():
        found[rep].append(Stay(start or FIRST, end or LAST, role, hired))
    twice = [
        rep for rep, stays in found.items() if any(b.start < a.end for a, b in pairwise(stays))
    ]
    if twice:
        raise refused("Rows of one person overlap.", twice, do="End each row before the next one")
    return dict(found)


def spans(
    stays: list[Stay], component: Component, plan: Plan, window: tuple[date, date]
) -> list[tuple[date, date]]:
    """Return the days of a window on which a component pays a person, joined where they touch."""
    roles = component.roles or plan.plan.roles
    begin = max(window[0], component.valid_from or FIRST, plan.plan.valid_from)
    end = min(window[1], component.valid_to or LAST, plan.plan.valid_to)
    found: list[tuple[date, date]] = []
    for stay in stays:
        start, stop = max(begin, stay.start), min(end, stay.end)
        if start >= stop or (roles and stay.role not in roles):
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
    return found


def check_sellers(people: pl.DataFrame, given: pl.DataFrame) -> None:
    """Refuse credit to people who are not known, or not on that day.

    Raises
    ------
    PayError
        If there is any; names the sellers, and deals of theirs.
    """
    days = given.select("rep_id", "date").unique()
    if not days.join(people, on="rep_id", how="anti").is_empty():
        unknown = given.join(people, on="rep_id", how="anti").select("rep_id", "transaction_id")
        first = unknown.group_by("rep_id", maintain_order=True).first().iter_rows()
        raise refused(
            "Deals are credited to sellers whom nobody knows.",
            (f"{rep} ({deal})" for rep, deal in first),
            do="Add them to people, or correct the seller of these deals",
        )
    on_day = (pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("date"))) & (
        pl.col("valid_to").is_null() | (pl.col("date") < pl.col("valid_to"))
    )
    known = days.join(people, on="rep_id").filter(on_day).select("rep_id", "date").unique()
    gaps = days.join(known, on=["rep_id", "date"], how="anti").sort("rep_id", "date")
    if not gaps.is_empty():
        raise refused(
            "Deals are credited to people on days on which they have no row.",
            (f"{rep} on {day}" for rep, day in gaps.iter_rows()),
            do="Close the gap in their valid_from and valid_to, or correct the deals",
        )
