"""When discounts come: a loop over every deal finds the same falls, stage by stage."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
import pytest

from spm_lib.metrics.definition import day_number
from spm_lib.model import Company, company_from_frames
from spm_lib.process.playbook.discounts import discounts, ended_visits
from spm_lib.process.playbook.stage_days import StageDays, stage_days
from tests.metrics.companies import (
    OPEN,
    OUTCOME,
    SETTINGS,
    company,
    frames,
    random_facts,
    visits_of,
)

FACTS = random_facts(11, deals=700)


@pytest.fixture(scope="module")
def small() -> Company:
    return company(FACTS)


def falls_of(deal: dict[str, Any]) -> list[str]:
    """Walk through the events: the stage in which each fall of the amount came."""
    visits = [v for v in visits_of(deal, FACTS.as_of) if v["stage"] in OPEN]
    found, before = [], None
    for event in deal["events"]:
        now = event["amount"] if event["amount"] is not None else before
        fell = now is not None and before is not None and 0 < now < before
        if fell and OUTCOME[event["stage"]] != "lost":
            day = event["day"]
            inside = [v for v in visits if v["entered"] < day]
            inside = inside or [v for v in visits if v["entered"] == day]
            found += [inside[-1]["stage"]] if inside else []
        before = now
    return found


def test_a_loop_over_every_deal_finds_the_same_falls(small: Company) -> None:
    """A won deal has the amount of its end: deals changed after they were won are left aside."""
    plain = [d for d in FACTS.deals if all(e["stage"] != "Won" for e in d["events"][:-1])]
    wanted = Counter(stage for deal in plain for stage in falls_of(deal))
    found = discounts(small).filter(pl.col("opportunity_id").is_in([d["id"] for d in plain]))
    told = Counter(found["stage"].to_list())
    assert told == wanted
    assert wanted.total() > 60


def test_visits_that_have_ended_are_counted_once_each(small: Company) -> None:
    for stage in OPEN:
        visits = [(d["id"], v) for d in FACTS.deals for v in visits_of(d, FACTS.as_of)
                  if v["stage"] == stage and v["left"] is not None]  # fmt: skip
        made = ended_visits(small, "default", stage, since=0)
        assert made.height == len(visits)
        assert 0 < made["lowered"].sum() <= discounts(small).filter(stage=stage).height


def column(made: StageDays, name: str) -> str | None:
    found = next(b for b in made.behaviours if b.name == name)
    return found.refused.text if found.refused else None


def test_what_was_lowered_before_a_stage_is_read_at_its_start() -> None:
    """Second route: the first amount told, and the one at the end of the day of entering."""
    facts = random_facts(12, deals=2500)
    made = stage_days(company(facts), "default", "Proposal", days=7, keep=[])
    assert column(made, "amount.earlier") is None
    deals, today = {d["id"]: d for d in facts.deals}, day_number(facts.as_of)
    for deal, start, told in made.frame.select(
        "opportunity_id", "created_day", "amount.earlier"
    ).iter_rows():
        events = [e for e in deals[deal]["events"] if e["amount"] is not None]
        then = [e["amount"] for e in events if (e["day"] - facts.as_of).days <= start - today]
        assert told == bool(then and 0 < then[-1] < then[0]), deal
    assert made.frame["amount.earlier"].sum() >= 30


def test_a_discount_counts_only_where_it_is_known_from_the_start() -> None:
    tables = frames(FACTS)
    deals = tables["opportunities"]
    given = pl.Series("discount", [0.1 if n % 3 else 0.0 for n in range(deals.height)])
    tables["opportunities"] = deals.with_columns(given)
    plain = company_from_frames(tables, SETTINGS, as_of=FACTS.as_of)
    made = stage_days(plain, "default", "Proposal", days=7, keep=[])
    assert "known only as it stands today" in (column(made, "discount") or "")
    known = company_from_frames(
        tables, SETTINGS, as_of=FACTS.as_of, known_at_creation={"opportunities": ["discount"]}
    )
    made = stage_days(known, "default", "Proposal", days=7, keep=[])
    assert column(made, "discount") is None
    wanted = dict(zip(deals["opportunity_id"], given > 0, strict=True))
    assert all(wanted[d] == v for d, v in made.frame.select("opportunity_id", "discount").rows())


def test_without_a_history_of_amounts_it_says_so() -> None:
    tables = frames(FACTS)
    tables["stage_events"] = tables["stage_events"].drop("amount")
    bare = company_from_frames(tables, SETTINGS, as_of=FACTS.as_of)
    assert not discounts(bare).height
    made = stage_days(bare, "default", "Proposal", days=7, keep=[])
    assert column(made, "amount.lowered") == "no history of amounts is known"
