"""From lead to deal: a loop over every lead gives the same counts; late answers convert less."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from spm_lib.core.errors import DataError
from spm_lib.process import lead_flow
from tests.metrics.companies import company, random_facts


def test_a_loop_over_every_lead_gives_the_same_steps(sample_workspace: Path) -> None:
    co = spm_lib.open(sample_workspace)
    window = co.default_window()
    made = lead_flow(co, window=window)
    won = {d for d, o in co.table("opportunities").select("opportunity_id", "outcome").rows()
           if o == "won"}  # fmt: skip
    deals = set(co.table("opportunities")["opportunity_id"])
    rows = co.table("leads").to_dicts()
    cycles = sorted((r["converted_on"] - r["created_on"]).days for r in rows if r["converted_on"])
    assert sum(days <= made.horizon for days in cycles) / len(cycles) >= 0.9
    assert sum(days < made.horizon for days in cycles) / len(cycles) <= 0.91
    counts = dict.fromkeys(("came", "answered", "converted", "with_deal", "won"), 0)
    by: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        came = row["created_on"]
        age = (co.as_of - came).days
        if not window.start <= came < window.end or age < made.horizon:
            continue
        answer, done = row["first_response_on"], row["converted_on"]
        answered = answer is not None and (answer - came).days <= made.horizon
        converted = done is not None and (done - came).days <= made.horizon
        steps = [True, answered, converted, row["opportunity_id"] in deals,
                 row["opportunity_id"] in won]  # fmt: skip
        for at, step in enumerate(counts):
            counts[step] += all(steps[: at + 1])
        for column in ("source", "rep_id"):
            cell = by.setdefault((column, row[column]), [0, 0, 0])
            for at, told in enumerate((True, answered, converted)):
                cell[at] += told
        if done is None or (done - came).days > 1:
            soon = answer is not None and (answer - came).days <= 1
            cell = by.setdefault(("answer", "soon" if soon else "later"), [0, 0, 0])
            for at, told in enumerate((True, answered, converted)):
                cell[at] += told
    assert dict(made.steps.iter_rows()) == counts
    told = {(r["column"], r["value"]): [r["leads"], r["answered"], r["converted"]]
            for r in made.groups.iter_rows(named=True) if r["column"] != "all"}  # fmt: skip
    assert told == by
    rates = {v: by["answer", v][2] / by["answer", v][0] for v in ("soon", "later")}
    assert rates["soon"] > rates["later"] + 0.1, "planted: converted leads were answered sooner"
    sums = {f.receipt.read for f in made.figures() if "rep_id" not in f.by}
    assert sums == {co.receipt("leads").read}


def test_without_leads_it_is_refused() -> None:
    co = company(random_facts(5, deals=5))
    with pytest.raises(DataError, match="no lead is known"):
        lead_flow(co, window=co.default_window())
