"""A client whose every text is an attack: names, teams, stages, reasons, products, own columns."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from .conftest import TABLES, make_tables

ATTACKS = (
    "<script>window.hit=1;alert(1)</script>",
    '"><img src=https://evil.invalid/a onerror="window.hit=2">',
    "javascript:window.hit=3//",
    "{{7*7}}{% raw %}${7*7}#set(x)",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1;=2+2",
    "../../etc/passwd",
    "\u202egnp.exe נועה",
    "\u2066\u2067open \u2066\u2069\u2069\u2069 close",
    "nul\x00byte\x1b[31m\x07",
    "</style></title></svg><script>window.hit=4</script>",
    "![x](https://evil.invalid/y.png) [y](javascript:alert(1))",
    "x" * 2_000,
    "שם \u2067ארוך\u2069 <u>&amp;",
    "O'Neil & Söhne `#eval`",
)
STAGES = {"Lead": ATTACKS[0], "<b>Proposal</b>": ATTACKS[4], "Talks & terms": ATTACKS[13]}
OWN_COLUMN = "=HYPERLINK(1)<i>"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=True)


def hostile_tables() -> dict[str, list[dict]]:
    """Return the small client's tables with every text replaced."""
    tables = make_tables()
    for row in tables["opportunities"]:
        number = int(row["opportunity_id"][1:])
        row["rep_id"] = f"R{number % len(ATTACKS)}"
        row["stage"] = STAGES.get(row["stage"], row["stage"])
        row["opportunity_id"] = f"{row['opportunity_id']}<img src=x onerror=hit()>"
        row["lost_reason"] = ATTACKS[number % 7] if row["lost_reason"] else None
        row["source"] = ATTACKS[number % 5]
        row[OWN_COLUMN] = ATTACKS[4 + number % 9]
    for row in tables["stage_events"]:
        row["stage"] = STAGES.get(row["stage"], row["stage"])
        row["opportunity_id"] = f"{row['opportunity_id']}<img src=x onerror=hit()>"
    tables["reps"] = [
        {"rep_id": f"R{i}", "name": name, "hired_on": "2023-01-01"}
        for i, name in enumerate(ATTACKS)
    ]
    tables["memberships"] = [
        {"rep_id": f"R{i}", "team": ATTACKS[(i * 5) % len(ATTACKS)], "valid_from": "2023-01-01"}
        for i in range(len(ATTACKS))
    ]
    for number, row in enumerate(tables["activities"]):
        row["rep_id"] = f"R{number % len(ATTACKS)}"
        row["kind"] = "call" if number % 3 else ATTACKS[0]
    return tables


def write_hostile(folder: Path) -> Path:
    """Write the client and return its workspace file."""
    text = f"""version = 1
[workspace]
id = "hostile"
name = {_text(ATTACKS[1] + ATTACKS[10] + ATTACKS[12])}
currency = "ILS"
as_of = "2026-09-30"
[stages]
open = [{", ".join(_text(stage) for stage in STAGES.values())}]
won = ["Won"]
lost = ["Lost"]
"""
    for name, rows in hostile_tables().items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
        mapped = [*TABLES[name], *(["source"] if name == "opportunities" else [])]
        columns = ", ".join(f'{c} = "{c}"' for c in mapped)
        text += f'[tables.{name}]\npath = "{name}.csv"\ncolumns = {{ {columns} }}\n'
        text += f"keep = [{_text(OWN_COLUMN)}]\n" if name == "opportunities" else ""
    path = folder / "spm.toml"
    path.write_text(text, encoding="utf-8")
    return path
