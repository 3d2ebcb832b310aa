"""docs/reference-tables.md is generated from the one place that defines the tables."""

from __future__ import annotations

from pathlib import Path

from spm_lib.model import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference-tables.md"
KINDS = {
    "id": "text (a key)",
    "text": "text",
    "money": "money",
    "moment": "date or time",
    "day": "date",
    "number": "number",
    "share": "ratio",
    "rate": "exact decimal",
    "whole": "whole number",
}
SEEN = {
    "own": "Each person sees the own rows (`rep_id`).",
    "account": "Seen by people who have dealings with the account.",
    "team": "A person sees the own rows; who sees a whole team sees its rows too.",
    "company": "Seen in company scope only.",
    "all": "Names no person; seen by everybody.",
}
HEAD = """# Tables

Generated from `spm_lib/model/columns.py` (`make golden`). A workspace file maps a client's columns
to these; all tables are optional but one of `opportunities`, `stage_events` and `orders`, and all
columns but those marked required. Columns without data are there and empty.

- *money* is given in major units as the client writes it, and kept as Int64 minor units of the
  reporting currency; foreign amounts (column `currency`) are converted by `fx_rates`, the latest
  rate on or before the event and the as-of day.
- *date or time* stays a date where there are no times; instants are kept in UTC. To each there is a
  date on the workspace's wall clock (`created_at`: `created_on`) and its epoch day
  (`created_day`); dates have an epoch day too (`expected_close`: `expected_day`).
- Rows that lack a required value, cannot be read, or repeat a key are set aside with the reason and
  counted in the receipt. Of one source in many files the row of the last file stands. Targets,
  splits, forecast calls and memberships that share a key in one file and differ all stand; costs
  and order lines without a number are told by all they say.
- Set-aside reasons and notices are told by `spm check`.
"""


def page() -> str:
    parts = [HEAD]
    for table in TABLES.values():
        parts += [f"## {table.name}", "", f"{table.meaning[0].upper()}{table.meaning[1:]}. ", ""]
        key = ", ".join(f"`{name}`" for name in table.key)
        parts[-2] += f"Key: {key}. {SEEN[table.visibility]}"
        parts += ["| column | what it is | meaning |", "|---|---|---|"]
        for column in table.columns:
            required = ", **required**" if column.required else ""
            parts.append(f"| `{column.name}` | {KINDS[column.kind]}{required} | {column.meaning} |")
        parts.append("")
    return "\n".join(parts)


def test_the_page_is_current(golden) -> None:
    golden.check(PAGE, page())


def test_every_key_and_meaning_is_there() -> None:
    for table in TABLES.values():
        assert set(table.key) <= set(table.names())
        assert all(column.meaning for column in table.columns)
