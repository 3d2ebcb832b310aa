"""Kept states read back: side by side they are the history of stages that the CRM did not keep."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl

import spm_lib
from spm_lib.metrics import measure, stage_conversion
from spm_lib.model import snapshot_company

HOW_TO = (Path(__file__).resolve().parents[2] / "docs" / "how-to.md").read_text(encoding="utf-8")
HEAD = """version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
exported_on = "{day}"
[stages]
open = ["Lead", "Proposal"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = {{ opportunity_id = "id", rep_id = "rep", amount = "sum", stage = "stage", created_at = "made", closed_at = "closed" }}
"""  # noqa: E501
FIRST = date(2026, 1, 4)
WEEKS = [FIRST + timedelta(weeks=n) for n in range(4)]
STATES = {  # stage, amount and owner of each deal at the end of each week, as somebody looked
    "a": [("Lead", "100.10", "ann"), ("Proposal", "120", "ann"), ("Proposal", "120", "bob"), 0],
    "b": [("Lead", "-5.55", "ann"), ("Lead", "7", "ann"), ("Lost", "7", "ann"), 0],
    "c": [None, ("Proposal", "30", "cy"), ("Lead", "30", "cy"), ("Won", "31", "cy")],
}


def state(deal: str, week: int) -> tuple[str, str, str] | None:
    """Return how a deal stood; 0 stands for as the week before."""
    told = STATES[deal][week]
    return state(deal, week - 1) if told == 0 else told


def export(folder: Path, week: int) -> None:
    """Write the export of a week: deals as they stand, and no history."""
    lines = ["id,rep,sum,stage,made,closed"]
    for deal in STATES:
        if told := state(deal, week):
            stage, amount, rep = told
            first = next(w for w in range(4) if (s := state(deal, w)) and s[0] == stage)
            closed = WEEKS[first] if stage in ("Won", "Lost") else ""
            made = WEEKS[next(w for w in range(4) if state(deal, w))]
            lines.append(f"{deal},{rep},{amount},{stage},{made},{closed}")
    (folder / "deals.csv").write_text("\n".join([*lines, ""]))
    (folder / "spm.toml").write_text(HEAD.format(day=WEEKS[week]))


def test_states_kept_every_week_tell_every_past_week(tmp_path: Path) -> None:
    for week in range(4):
        export(tmp_path, week)
        snapshot_company(spm_lib.open(tmp_path / "spm.toml"))
    bare = spm_lib.open(tmp_path / "spm.toml")
    assert bare.at(WEEKS[1]).table("opportunities")["stage"].drop_nulls().is_empty()
    listed = re.search(r"```toml\n(\[raw\.kept\].*?)```", HOW_TO, re.DOTALL)
    assert listed
    with (tmp_path / "spm.toml").open("a") as file:
        file.write(listed[1])
    co = spm_lib.open(tmp_path / "spm.toml")
    for week, day in enumerate(WEEKS):
        deals = (
            co.at(day).table("opportunities").select("opportunity_id", "stage", "amount", "rep_id")
        )
        told = {d: s for d in STATES if (s := state(d, week))}
        assert {deal: (stage, amount, rep) for deal, stage, amount, rep in deals.iter_rows()} == {
            deal: (stage, round(float(amount) * 100), rep)
            for deal, (stage, amount, rep) in told.items()
        }
        still = [float(s[1]) for s in told.values() if s[0] in ("Lead", "Proposal")]
        assert measure(co.at(day), "open.amount").frame["value"].item() == round(sum(still) * 100)
    lead, proposal = stage_conversion(co, how="cohort").to_dicts()
    assert (lead["entered"], lead["advanced"], lead["lost"]) == (3, 2, 1)
    assert (proposal["entered"], proposal["advanced"], proposal["still_open"]) == (2, 1, 1)
    visits = co.stints.filter(pl.col("opportunity_id") == "a").select("stage", "entered_on").rows()
    assert visits == [("Lead", WEEKS[0]), ("Proposal", WEEKS[1])]
