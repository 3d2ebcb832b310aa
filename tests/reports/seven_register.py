"""The register of the seven people: letters, answers, promises, a 1:1 and a review of some."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from spm_lib.team import (
    AREAS,
    Desk,
    Goal,
    Meeting,
    Promise,
    Rating,
    Reply,
    Score,
    Worry,
    open_register,
)
from spm_lib.team.records.kinds import KINDS
from spm_lib.workspace import load_settings
from tests.team.people import ANALYST, letter, promise, response

from .seven_people import REPS

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
HIGH = Worry("target_too_high", "The target doubles while the north shrinks")
DATA = Worry("data", "Three deals of last year are not on my name")
NORTH = Worry("territory", "The north was cut")
WIN_RATE = Goal("win_rate.closed.count", "Qualify harder", date(2026, 12, 31), "Two joint calls")
CALLS = Goal("activity.count", "Ten calls a week", date(2026, 9, 30))


class Written:
    """Writes records as an analyst, each so many days after the letters."""

    def __init__(self, workspace: Path) -> None:
        self.desk = Desk(open_register(load_settings(workspace)), ANALYST)

    def __call__(self, kind: str, record: Any, *, day: int) -> None:
        _, seen = self.desk.find(kind, record.rep_id, KINDS[kind].subject(record))
        self.desk.write(kind, record, seen=seen, at=START + timedelta(days=day))


def agreed(number: int, **more: Any) -> Promise:
    """A promise of RA01 or of the manager, agreed on 3 August."""
    told = {"agreed_on": date(2026, 8, 3), "due": date(2026, 9, 20)}
    return promise("RA01", number, **(told | more))


def rated(rating: int, crm: int) -> Rating:
    scores = [Score(a, crm if a == "crm_hygiene" else rating, "as agreed") for a in AREAS]
    return Rating("RA01", "2026-Q2", tuple(scores))


def write_register(workspace: Path) -> Written:
    """Write half a year of the seven: RA01 and RB02 answered, RA01 has 1:1s, one is overdue."""
    write = Written(workspace)
    days = {"issued_on": date(2026, 3, 1), "start": date(2026, 4, 1), "end": date(2027, 1, 1)}
    for place, rep in enumerate(REPS, start=1):
        asked = {
            "target": 900_000_000 * (5 if rep == "RB02" else place),
            "last_result": 1_000_000_000,
        }
        write("letter", letter(rep, **days, **asked), day=0)
    read = date(2026, 3, 3)
    remarks = {"decision": "accept_with_remarks", "confidence": 2, "worries": (HIGH, DATA)}
    write("response", response("RA01", read_on=read, goals=(WIN_RATE, CALLS), **remarks), day=2)
    write("response", response("RB02", read_on=read, confidence=1, worries=(NORTH,)), day=2)
    found = Reply("RA01", DATA.category, DATA.text, "Found: Greta Indigo had two", "changed")
    write("reply", found, day=3)
    write("self_rating", rated(4, 4), day=130)
    write("manager_rating", rated(3, 2), day=131)
    alone = replace(rated(2, 2), rep_id="RB02", without_self="On leave")
    write("manager_rating", alone, day=132)
    write("promise", agreed(1, what="Call Customer 3 again"), day=155)
    manager = {"who": "RM08", "what": "Get the price list approved", "due": date(2026, 9, 1)}
    write("promise", agreed(2, **manager), day=155)
    third = {"what": "Close the three old deals", "due": date(2026, 8, 20)}
    write("promise", agreed(3, **third), day=155)
    held = Meeting("RA01", date(2026, 8, 17), will="Call on Monday", promises=(1, 2, 3))
    write("meeting", held, day=169)
    ended = {"status": "done", "closed_on": date(2026, 8, 19), "outcome": "Two lost, one moved"}
    write("promise", agreed(3, **third, **ended), day=171)
    late = {"agreed_on": date(2026, 9, 16), "due": date(2026, 9, 30), "what": "Written too late"}
    write("promise", agreed(4, **late), day=199)  # after the day of the data
    return write
