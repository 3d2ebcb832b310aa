"""A deal on a day that breaks each rule, and one that keeps it: what differs from an ordinary deal.

An ordinary deal breaks no rule. ``None`` in place of a row: that side does not exist for the rule.
"""

from __future__ import annotations

from typing import Any

import polars as pl

ORDINARY: dict[str, Any] = {
    "opportunity_id": "d1", "rep_id": "r1", "stage": "Qualified", "mark": 100, "created_day": 50,
    "age": 50, "in_stage": 10, "stage_since": 90, "quiet_days": 2, "touches": 6,
    "first_touch": 1, "second_touch": 4, "first_meeting": 5, "first_demo": 6, "first_proposal": 9,
    "second_kind": 5, "second_contact": 7, "response_days": 1, "pushes": 0, "handovers": 0,
    "planned": 130, "planned_told": True, "planned_quarter_end": False, "back": False,
    "skipped": False, "last_stage": True, "cut_late": False, "amount": 900, "amount_told": True,
    "product_id": "p1", "source": "Web", "next_step": "call", "account_id": "a1",
    "twin_days": None, "owner_gone": False, "outcome": "open", "lost_reason": None,
    "open_visits": 2, "limit": 20.0,
}  # fmt: skip

# rule: (what makes it break, what makes it not judged or None)
Change = dict[str, Any]
FIXTURES: dict[str, tuple[Change, Change | None]] = {
    "touch.stale": ({"quiet_days": 21}, {"limit": None}),
    "stage.stale": ({"in_stage": 21}, {"in_stage": None}),
    "deal.old": ({"limit": 49.0}, {"age": None}),
    "touch.slow_first": ({"first_touch": 30}, {"age": 19}),
    "touch.no_second": ({"second_touch": None}, {"age": 12}),
    "lead.slow_response": ({"response_days": 21}, {"response_days": None}),
    "close.pushed": ({"pushes": 3, "limit": 2.0}, {"pushes": None}),
    "close.past": ({"planned": 99}, {"planned": None}),
    "close.missing": ({"planned_told": False}, None),
    "close.too_soon": ({"planned": 105}, {"planned": 99}),
    "close.quarter_end": ({"planned_quarter_end": True}, {"planned": 99}),
    "stage.back": ({"back": True}, None),
    "stage.skipped": ({"skipped": True}, None),
    "owner.changed": ({"handovers": 2, "limit": 1.0}, {"handovers": None}),
    "discount.late": ({"cut_late": True}, {"last_stage": False}),
    "contact.single": ({"second_contact": None}, {"age": 20}),
    "kind.single": ({"second_kind": None}, {"touches": 0}),
    "meeting.none": ({"first_meeting": 30}, {"age": 3}),
    "demo.none": ({"first_demo": None}, {"age": 3}),
    "proposal.early": ({"first_meeting": 12}, {"first_proposal": None}),
    "step.none": ({"next_step": None}, None),
    "amount.missing": ({"amount_told": False}, None),
    "amount.no_product": ({"product_id": None}, {"amount_told": False}),
    "source.missing": ({"source": None}, None),
    "deal.duplicate": ({"twin_days": 8}, {"account_id": None}),
    "owner.gone": ({"owner_gone": True}, {"owner_gone": None}),
    "owner.missing": ({"rep_id": None}, None),
    "lost.no_reason": ({"outcome": "lost"}, {"outcome": "won"}),
    "won.no_history": ({"outcome": "won", "open_visits": 0}, {"outcome": "lost"}),
}
KEPT: dict[str, Change] = {
    "deal.old": {"limit": 60.0},
    "touch.slow_first": {"first_touch": 20},
    "touch.no_second": {"second_touch": 20},
    "close.pushed": {"pushes": 2, "limit": 2.0},
    "close.past": {"planned": 100},
    "close.too_soon": {"planned": 110},
    "deal.duplicate": {"twin_days": 21},
    "proposal.early": {"first_meeting": 9},
    "lost.no_reason": {"outcome": "lost", "lost_reason": "price"},
    "won.no_history": {"outcome": "won"},
}


def deals(*changes: Change) -> pl.DataFrame:
    """Return ordinary deals with these changes, one row each."""
    schema = {
        name: pl.Boolean if isinstance(value, bool) else pl.Float64 if name == "limit"
        else pl.String if isinstance(value, str) or name == "lost_reason" else pl.Int64
        for name, value in ORDINARY.items()
    }  # fmt: skip
    return pl.DataFrame([ORDINARY | change for change in changes], schema=schema)
