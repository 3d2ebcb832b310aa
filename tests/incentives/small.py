"""A plan file of which each test says only what it is about, and small tables to run it on."""

from __future__ import annotations

from spm_lib.incentives import Plan, plan_from_text

DECISIONS = {
    "boundary": '"upper"',
    "table": '"marginal"',
    "grouping": '"period"',
    "reset": '"year"',
    "order": '["date", "transaction_id"]',
    "below_target": '"from_zero"',
    "accelerator": '"point"',
    "cap": '{ at = "component", excess = "lost" }',
    "negative": '"paid"',
    "rounding": '{ at = "line", mode = "half_up" }',
    "base": '{ less = [], returns = "net" }',
}
HEAD = """
version = 1
[plan]
id = "small"
name = "Small plan"
currency = "ILS"
valid_from = 2026-01-01
valid_to = 2027-01-01
period = "{period}"
[decisions]
{decisions}
[[measures]]
id = "sales"
base = "amount"
[[credits]]
id = "owner"
to = "owner"
"""


def plan_text(rest: str, *, period: str = "month", **decisions: str) -> str:
    """Return a whole plan file: the usual head, these decisions, and the rest as given."""
    stated = {**DECISIONS, **decisions}
    lines = "\n".join(f"{key} = {value}" for key, value in stated.items())
    return HEAD.format(period=period, decisions=lines) + rest


def small_plan(rest: str, *, period: str = "month", **decisions: str) -> Plan:
    return plan_from_text(plan_text(rest, period=period, **decisions))


def component(pays: str, **keys: str) -> str:
    """Return a component's section; ``keys`` are written as they stand."""
    stated = {"id": '"main"', "name": '"Main"', "tag": '"commission"', "measure": '"sales"'} | keys
    lines = "\n".join(f"{key} = {value}" for key, value in stated.items() if value)
    return f"[[components]]\n{lines}\npays = {pays}\n"
