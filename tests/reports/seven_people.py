"""Seven people in two teams, whose every id, name, customer and amount is nobody else's."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl

AS_OF = date(2026, 9, 15)
NAMES = {
    "RA01": "Alma Orange",
    "RB02": "ברק שחור",
    "RC03": "Cyrus Violet",
    "RD04": "דנה ירוקה",
    "RE05": "Emil Scarlet",
    "RF06": "פנינה זהב",
    "RG07": "Greta Indigo",
}
REPS = tuple(NAMES)
MANAGERS = {"RM08": REPS[:4], "RM09": REPS[4:]}
STAGES = ("Lead", "Offer", "Terms")
FILE = """version = 1
[workspace]
id = "seven"
name = "Seven Ltd"
currency = "ILS"
language = "en"
as_of = "2026-09-15"
calendar = { week = "mon-fri" }
[stages]
open = ["Lead", "Offer", "Terms"]
won = ["Won"]
lost = ["Lost"]
"""


def amount_of(rep: str, number: int) -> int:
    """Return an amount whose first four digits say whose it is."""
    place = REPS.index(rep) + 1
    return int(f"{place}7{place}3{number % 1000:03d}")


def target_of(rep: str) -> int:
    """Return the target of a month, told apart by its last digits."""
    return 9_000_000 + 111 * (REPS.index(rep) + 1)


def deals_and_history(reps: tuple[str, ...], rng: random.Random) -> tuple[list[dict], list[dict]]:
    """Return deals of two years and more, with every stage they were in and their dates."""
    deals, events = [], []
    for number in range(90 * len(reps)):
        rep = reps[number % len(reps)]
        key = f"OP-{rep}-{number}"
        day = date(2024, 5, 1) + timedelta(rng.randrange(860))
        due, created, at = day + timedelta(60), day, 0
        deal = {"opportunity_id": key, "rep_id": rep, "account_id": f"AC-{rep}-{number % 9}"}
        deal |= {"amount": amount_of(rep, number), "created_at": created, "closed_at": None}
        while True:
            stage = STAGES[at]
            event = {"opportunity_id": key, "entered_at": day, "stage": stage}
            events.append({**event, "expected_close": due, "rep_id": rep})
            day += timedelta(rng.randrange(4, 45))
            lost, won = rng.random() < 0.22, at == 2
            if day > AS_OF or rng.random() < 0.03:
                deal["stage"] = stage
                break
            if lost or won:
                deal |= {"stage": "Lost" if lost else "Won", "closed_at": day}
                break
            at += 1
            due += timedelta(rng.choice([0, 0, 40]))
        step = f"step of {rep}" if rng.random() < 0.6 else None
        deals.append({**deal, "expected_close": due, "next_step": step})
        if deal["closed_at"]:
            event = {"opportunity_id": key, "entered_at": deal["closed_at"], "rep_id": rep}
            events.append({**event, "stage": deal["stage"], "expected_close": due})
    return deals, events


def make_tables(reps: tuple[str, ...] = REPS) -> dict[str, list[dict]]:
    """Return the tables of a company of these people."""
    deals, events = deals_and_history(reps, random.Random(11))
    months = [(2025, m) for m in range(1, 13)] + [(2026, m) for m in range(1, 13)]
    targets = [
        {
            "rep_id": rep,
            "period_start": date(year, month, 1),
            "period_end": date(year + month // 12, month % 12 + 1, 1),
            "metric": "won.amount",
            "value": target_of(rep),
        }
        for year, month in months
        for rep in reps
    ]
    people = [
        {"rep_id": rep, "name": NAMES[rep], "hired_on": date(2020, 1, 1 + REPS.index(rep))}
        for rep in reps
    ]
    teams = [
        {
            "rep_id": rep,
            "team": f"team of {manager}",
            "manager_id": manager,
            "valid_from": date(2020, 1, 1),
        }
        for manager, under in MANAGERS.items()
        for rep in under
        if rep in reps
    ]
    accounts = [
        {"account_id": f"AC-{rep}-{n}", "name": f"Customer {n} of {rep}"}
        for rep in reps
        for n in range(9)
    ]
    return {
        "opportunities": deals,
        "stage_events": events,
        "reps": people,
        "memberships": teams,
        "accounts": accounts,
        "targets": targets,
    }


def write_seven(folder: Path, *, reps: tuple[str, ...] = REPS, language: str = "en") -> Path:
    """Write the client, and return its workspace file."""
    text = FILE.replace('language = "en"', f'language = "{language}"')
    for name, rows in make_tables(reps).items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
        columns = ", ".join(f'{c} = "{c}"' for c in rows[0])
        text += f'[tables.{name}]\npath = "{name}.csv"\ncolumns = {{ {columns} }}\n'
    path = folder / "spm.toml"
    path.write_text(text, encoding="utf-8")
    return path


def marks(rep: str) -> list[str]:
    """Return what betrays a person in any file: id, name, customers, steps, targets."""
    name = NAMES[rep]
    words = [rep, name, name[::-1], f"of {rep}", str(target_of(rep)), str(target_of(rep) * 12)]
    return [*words, *(str(amount_of(rep, n)) for n in range(90 * 7) if REPS[n % 7] == rep)]
