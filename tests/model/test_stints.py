"""Stints against a naive walk through every deal's changes."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest

from spm_lib.model import company_from_frames

START = date(2026, 1, 1)
RANK = {"Lead": 0, "Proposal": 1, "Talks": 2, "Won": 3, "Lost": -1}


def history(seed: int, deals: int = 40) -> list[dict]:
    """Changes with ties, skips, back steps, re-entries and field changes, shuffled by deal."""
    rng = random.Random(seed)
    rows = []
    for n in range(deals):
        day = START + timedelta(days=rng.randrange(30))
        for _ in range(rng.randrange(1, 9)):
            stage = rng.choice([*RANK, None, None])
            rows.append({"opportunity_id": f"d{n}", "entered_at": day, "stage": stage})
            day += timedelta(days=rng.choice([0, 0, 1, 5]))
    by_day = sorted(rows, key=lambda r: (r["entered_at"], rng.random()))
    order: dict[tuple, int] = {}
    for row in by_day:
        key = (row["opportunity_id"], row["entered_at"])
        row["seq"] = order[key] = order.get(key, 0) + 1
    rng.shuffle(by_day)
    return by_day


def naive_stints(rows: list[dict]) -> list[tuple]:
    found = []
    for deal in sorted({r["opportunity_id"] for r in rows}):
        mine = [r for r in rows if r["opportunity_id"] == deal]
        mine.sort(key=lambda r: (r["entered_at"], r["seq"]))
        visits: list[list] = []
        for row in mine:
            if row["stage"] is not None and (not visits or visits[-1][0] != row["stage"]):
                visits.append([row["stage"], row["entered_at"]])
        seen: dict[str, int] = {}
        for n, (stage, entered) in enumerate(visits):
            seen[stage] = seen.get(stage, 0) + 1
            after = visits[n + 1] if n + 1 < len(visits) else None
            left, following = (after[1], after[0]) if after else (None, None)
            last = after is None
            number = (n + 1, seen[stage], RANK[stage])
            found.append((deal, stage, entered, left, following, *number, last))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_stints_are_what_a_walk_through_the_changes_finds(settings, seed) -> None:
    rows = history(seed)
    made = company_from_frames({"stage_events": pl.DataFrame(rows)}, settings).stints
    columns = ["opportunity_id", "stage", "entered_on", "left_on", "next_stage", "seq", "visit"]
    got = made.sort("opportunity_id", "seq").select([*columns, "stage_rank", "is_last"]).rows()
    assert got == naive_stints(rows)


def test_stints_conserve_deals(settings) -> None:
    """Each deal is entered once at the start and is somewhere at the end."""
    made = company_from_frames({"stage_events": pl.DataFrame(history(99))}, settings).stints
    deals = made["opportunity_id"].n_unique()
    assert made["is_last"].sum() == deals
    assert (made["seq"] == 1).sum() == deals
    assert made["left_on"].null_count() == deals
    entered, left = made["entered_day"], made["left_day"]
    assert ((left - entered).drop_nulls() >= 0).all()


def test_the_order_of_the_rows_breaks_ties_and_is_noticed(settings) -> None:
    rows = pl.DataFrame(
        {
            "opportunity_id": ["d", "d", "d"],
            "entered_at": [START] * 3,
            "stage": ["Lead", "Proposal", "Won"],
        }
    )
    company = company_from_frames({"stage_events": rows}, settings)
    assert company.stints["stage"].to_list() == ["Lead", "Proposal", "Won"]
    assert company.table("opportunities")["outcome"].to_list() == ["won"]
    assert [n.rows for n in company.notices if n.kind == "tie"] == [1]


def test_a_reopened_deal_counts_once_by_its_last_close(settings) -> None:
    days = [START + timedelta(days=n) for n in (0, 10, 20, 30)]
    rows = pl.DataFrame(
        {
            "opportunity_id": ["d"] * 4,
            "entered_at": days,
            "stage": ["Lead", "Won", "Talks", "Won"],
            "rep_id": ["ann", None, "bob", None],
        }
    )
    company = company_from_frames({"stage_events": rows}, settings)
    facts = [
        company.at(day).table("opportunities").select("outcome", "closed_on", "rep_id").row(0)
        for day in (days[0], days[1], days[2], days[3])
    ]
    assert facts == [
        ("open", None, "ann"),
        ("won", days[1], "ann"),
        ("open", None, "bob"),
        ("won", days[3], "bob"),
    ]
    assert company.stints["visit"].to_list() == [1, 1, 1, 2]


def test_credit_goes_to_the_owner_at_the_close(settings) -> None:
    """The deal's row names today's owner, the history the one who won it."""
    deals = pl.DataFrame(
        {"opportunity_id": ["d"], "stage": ["Won"], "rep_id": ["zoe"], "closed_at": [START]}
    )
    events = pl.DataFrame(
        {
            "opportunity_id": ["d", "d", "d"],
            "entered_at": [START - timedelta(days=9), START, START + timedelta(days=5)],
            "stage": ["Lead", "Won", None],
            "rep_id": ["ann", None, "zoe"],
        }
    )
    company = company_from_frames({"opportunities": deals, "stage_events": events}, settings)
    assert company.table("opportunities")["rep_id"].to_list() == ["ann"]
    assert company.stints["rep_id"].to_list() == ["ann", "ann"]


def test_value_at_loss_is_the_last_one_known_before_it(settings) -> None:
    deals = pl.DataFrame({"opportunity_id": ["d"], "stage": ["Lost"], "closed_at": [START]})
    events = pl.DataFrame(
        {
            "opportunity_id": ["d", "d"],
            "entered_at": [START - timedelta(days=9), START],
            "stage": ["Lead", "Lost"],
            "amount": [70, None],
        }
    )
    company = company_from_frames({"opportunities": deals, "stage_events": events}, settings)
    assert company.table("opportunities")["amount"].to_list() == [7000]
