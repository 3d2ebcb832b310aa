"""From lead to deal: a loop over every lead gives the same counts; late answers convert less."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.model import company_from_frames
from spm_lib.process import LeadFlow, lead_flow
from tests.metrics.companies import SETTINGS, company, frames, random_facts


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


def of_leads(*, answers: bool) -> LeadFlow:
    """Return the flow of forty leads that became deals, ten of them never answered on record."""
    made = frames(random_facts(5, deals=5))
    came = [date(2025, 6, 1) + timedelta(days=n) for n in range(80)]
    rows = {
        "lead_id": [f"l{n}" for n in range(80)],
        "created_at": came,
        "first_response_at": [day if n % 8 else None for n, day in enumerate(came)],
        "converted_at": [day + timedelta(days=4) if n < 40 else None for n, day in enumerate(came)],
    }
    leads = pl.DataFrame(rows, schema_overrides={"converted_at": pl.Date})
    made["leads"] = leads if answers else leads.drop("first_response_at")
    co = company_from_frames(made, SETTINGS, as_of=date(2026, 3, 31))
    return lead_flow(co, window=Window(date(2025, 6, 1), date(2025, 9, 1)))


def test_a_lead_converted_without_an_answer_on_record_became_a_deal() -> None:
    """The sentence tells all that became deals, as the share does; the step only those answered."""
    made = of_leads(answers=True)
    told = {f.metric: f for f in made.figures() if not f.by}
    assert dict(made.steps.iter_rows())["converted"] == 35
    assert told["lead.conversion"].value == "0.500000"
    assert told["lead.answered"].value == "0.875000"
    text = made.statements[0].tell(language("en"))
    assert (
        text
        == "40 of 80 leads became deals within 4 days (50%); 10 were not answered in that time."
    )


def test_answers_that_the_data_does_not_tell_are_not_called_missing() -> None:
    made = of_leads(answers=False)
    assert dict(made.steps.iter_rows()) == {"came": 80, "converted": 40, "with_deal": 0, "won": 0}
    assert {f.metric for f in made.figures()} == {"lead.step", "lead.conversion"}
    assert not any("answer" in f.by for f in made.figures())
    text = made.statements[0].tell(language("en"))
    assert text == "40 of 80 leads became deals within 4 days (50%)."


def test_without_leads_it_is_refused() -> None:
    co = company(random_facts(5, deals=5))
    with pytest.raises(DataError, match="no lead is known"):
        lead_flow(co, window=co.default_window())


def test_leads_of_nobody_are_no_person_to_be_told_from() -> None:
    """Nobody's leads never become deals: that tells nothing of the two people, who are alike."""
    made = frames(random_facts(5, deals=5))
    count, first = 600, date(2025, 6, 1)
    came = [first + timedelta(days=n % 90) for n in range(count)]
    done = [day + timedelta(days=4) if n % 3 < 2 and n % 4 < 2 else None
            for n, day in enumerate(came)]  # fmt: skip
    rows = {
        "lead_id": [f"l{n}" for n in range(count)],
        "created_at": came,
        "converted_at": done,
        "rep_id": [("r1", "r2", None)[n % 3] for n in range(count)],
        "source": [("Web", "Fair", None)[n % 3] for n in range(count)],
    }
    made["leads"] = pl.DataFrame(rows, schema_overrides={"converted_at": pl.Date})
    co = company_from_frames(made, SETTINGS, as_of=date(2026, 3, 31))
    flow = lead_flow(co, window=Window(first, date(2025, 9, 1)))
    told = {r["value"]: (r["leads"], r["converted"], r["group"])
            for r in flow.groups.filter(column="rep_id").iter_rows(named=True)}  # fmt: skip
    assert told == {"r1": (200, 100, ""), "r2": (200, 100, ""), None: (200, 0, None)}
    said = [s.tell(language("en")) for s in flow.statements[1:]]
    assert said == [
        "Sources cannot be told apart by how many of their leads became deals.",
        "People cannot be told apart by how many of their leads became deals.",
    ]
