"""A plan file of which each test says only what it is about, and small tables to run it on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from spm_lib.incentives import PayRun, Plan, plan_from_text

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


def day(text: str) -> date:
    """Return a day written as "03-17" (of 2026), or in full."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def cents(amount: str | Decimal) -> int:
    """Return an amount in major units as cents; no fraction of a cent is lost."""
    value = Decimal(amount) * 100
    assert value == value.to_integral_value()
    return int(value)


def deals(*rows: tuple[str, str, str, str], **further: list[Any]) -> pl.DataFrame:
    """Return transactions: id, seller (empty: none), day, amount; further columns by name."""
    columns: dict[str, list[Any]] = {
        "transaction_id": [row[0] for row in rows],
        "rep_id": [row[1] or None for row in rows],
        "date": [day(row[2]) for row in rows],
        "amount": [cents(row[3]) for row in rows],
    }
    schema = {"transaction_id": pl.String, "rep_id": pl.String, "date": pl.Date, "amount": pl.Int64}
    return pl.DataFrame(columns, schema=schema).with_columns(
        **{name: pl.Series(values) for name, values in further.items()}
    )


def people(*reps: str, **roles: str) -> pl.DataFrame:
    """Return people without a role, and people by role."""
    everybody = {**dict.fromkeys(reps), **roles}
    return pl.DataFrame(
        {"rep_id": list(everybody), "name": list(everybody), "role": list(everybody.values())},
        schema={"rep_id": pl.String, "name": pl.String, "role": pl.String},
    )


def quotas(*rows: tuple[str, str, str, str, str]) -> pl.DataFrame:
    """Return quotas: seller, quota, first day, day after the last, value in major units."""
    return pl.DataFrame(
        [(r, q, day(a), day(b), cents(v)) for r, q, a, b, v in rows],
        schema=["rep_id", "quota", "period_start", "period_end", "value"],
        orient="row",
    )


def decimals(rows: list[tuple[Any, ...]], columns: list[str]) -> pl.DataFrame:
    """Return a table whose last column is exact decimals, given as text."""
    made = pl.DataFrame(rows, schema=columns, orient="row")
    return made.with_columns(pl.col(columns[-1]).cast(pl.Decimal(38, 12)))


def paid(run: PayRun, rep: str = "R1") -> dict[str, str]:
    """Return what a person is paid by month, in major units; months without pay are left out."""
    own = run.totals.filter(pl.col("rep_id") == rep)
    pairs = own.select("period", "amount").iter_rows()
    return {month.removeprefix("2026-"): str(Decimal(n) / 100) for month, n in pairs if n}
