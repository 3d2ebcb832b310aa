"""When a cohort counts as grown up: where nine in ten won deals of its age are decided."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from spm_lib.metrics import measure
from tests.metrics.companies import Facts, Row, company

CYCLES = range(10, 101, 10)  # days; nine in ten take at most 91, seven in ten at most 73
FIRST = date(2025, 12, 31)


def deal(number: int, created: date, days: int) -> Row:
    """Return a deal won so many days after it was created."""
    told = {"rep": "r1", "amount": 1, "expected": None}
    events = [
        {"day": created, "stage": "Lead", "seq": 0, **told},
        {"day": created + timedelta(days), "stage": "Won", "seq": 1, **told},
    ]
    known = {"account": None, "segment": None, "lost_reason": None, "result": None}
    return {"id": f"d{number}", "created": created, "events": events, **known}


@pytest.mark.parametrize(("age", "mature"), [(74, False), (90, False), (91, True), (99, True)])
@pytest.mark.parametrize("history", [True, False])
def test_a_cohort_is_mature_from_the_day_nine_in_ten_cycles_are_over(
    age: int, mature: bool, history: bool
) -> None:
    """The youngest deal of December may be of the 31st: its age decides."""
    old = [deal(i, date(2025, 6, 1), days) for i, days in enumerate(CYCLES)]
    facts = Facts(deals=old, history=history, as_of=FIRST + timedelta(age))
    frame = measure(company(facts), "win_rate.created", by="month",
                    window=(date(2025, 6, 1), date(2026, 1, 1))).frame  # fmt: skip
    told = dict(zip(frame["month"], frame["mature"], strict=True))
    assert told[date(2025, 12, 1)] is mature
    assert told[date(2025, 6, 1)] is True
