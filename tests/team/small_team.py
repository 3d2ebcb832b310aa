"""A company of three for letters: two reps with targets, and their manager, who has none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from spm_lib.incentives import Plan, plan_from_text
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import settings_from_text

WORKSPACE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
as_of = "2026-12-31"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
[tables.reps]
path = "reps.csv"
[tables.memberships]
path = "teams.csv"
[tables.targets]
path = "targets.csv"
"""
PLAN = """
version = 1
[plan]
id = "field-2027"
name = "Field 2027"
currency = "ILS"
valid_from = 2027-01-01
valid_to = 2028-01-01
period = "month"
roles = ["rep"]
[decisions]
boundary = "lower"
table = "marginal"
grouping = "to_date"
reset = "year"
order = ["date", "transaction_id"]
below_target = "from_zero"
accelerator = "point"
cap = { at = "component", excess = "lost" }
negative = "carried"
rounding = { at = "line", mode = "half_up" }
base = { less = [], returns = "net" }
[[target_pay]]
amount = 48000
per = "year"
[[measures]]
id = "sales"
base = "amount"
quota = "won.amount"
[[credits]]
id = "owner"
to = "owner"
[[components]]
id = "attainment"
name = "Pay for attainment"
tag = "premium"
measure = "sales"
weight = 1
true_up = "deduct"
against = "so_far"
pays = { kind = "goal", threshold = 0.5, accelerators = [{ over = 1, factor = 1.5 }] }
cap = { times_target = 1.2 }
"""


def months() -> list[tuple[date, date]]:
    """Return the months of 2027."""
    return [(date(2027, m, 1), date(2027 + m // 12, m % 12 + 1, 1)) for m in range(1, 13)]


def tables(monthly: str = "100000") -> dict[str, pl.DataFrame]:
    """Return the client's tables as read; R1 is asked ``monthly`` each month."""
    deals = [
        {"opportunity_id": f"D{n}", "rep_id": f"R{n % 2 + 1}", "stage": "Won",
         "created_at": "2026-01-01", "closed_at": f"2026-{n % 12 + 1:02}-15", "amount": "50000"}
        for n in range(24)
    ]  # fmt: skip
    targets = [
        {"rep_id": rep, "period_start": str(start), "period_end": str(end),
         "metric": "won.amount", "value": value}
        for rep, value in (("R1", monthly), ("R2", "77777.77"))
        for start, end in months()
    ]  # fmt: skip
    people = [("R1", "Noa Cohen", "rep"), ("R2", "Secret Sam", "rep"), ("M1", "Dana", "manager")]
    return {
        "opportunities": pl.DataFrame(deals),
        "reps": pl.DataFrame(people, schema=["rep_id", "name", "role"], orient="row"),
        "memberships": pl.DataFrame(
            {"rep_id": ["R1", "R2"], "team": ["North"] * 2, "manager_id": ["M1"] * 2,
             "valid_from": ["2025-01-01"] * 2}
        ),
        "targets": pl.DataFrame(targets),
    }  # fmt: skip


def company(monthly: str = "100000") -> Company:
    """Return the company of three."""
    return company_from_frames(tables(monthly), settings_from_text(WORKSPACE))


def plan(text: str = PLAN) -> Plan:
    """Return the pay plan."""
    return plan_from_text(text)


def write_client(folder: Path, monthly: str = "100000") -> Path:
    """Write the company of three as a client's folder, and return its workspace file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = WORKSPACE.partition("[tables.")[0]
    for name, frame in tables(monthly).items():
        frame.write_csv(folder / f"{name}.csv")
        columns = ", ".join(f'{c} = "{c}"' for c in frame.columns)
        text += f'[tables.{name}]\npath = "{name}.csv"\ncolumns = {{ {columns} }}\n'
    (folder / "plans").mkdir(exist_ok=True)
    (folder / "plans" / "field-2027.toml").write_text(PLAN, encoding="utf-8")
    file = folder / "spm.toml"
    file.write_text(text, encoding="utf-8")
    return file
