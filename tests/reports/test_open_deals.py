"""What asks for attention in open deals: the same to whoever reads, and told only where known."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import polars as pl
import pytest

import spm_lib
from spm_lib.reports.pages.open_deals import open_deals
from spm_lib.workspace import Scope

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("day", [None, "2026-03-31"])
def test_a_person_and_the_company_read_the_same(sample_workspace, day) -> None:
    company = spm_lib.open(sample_workspace, as_of=day)
    whole = open_deals(company)
    people = {deal.rep_id for deal in whole.deals if deal.rep_id}
    handed = sum(
        list(open_deals(company.within(Scope.rep(rep))).deals)
        == [deal for deal in whole.deals if deal.rep_id == rep]
        for rep in people
    )
    assert handed == len(people) > 20


def test_pushes_are_moves_past_a_months_end_in_the_owners_time(sample_workspace) -> None:
    company = spm_lib.open(sample_workspace)
    events = company.table("stage_events").sort("opportunity_id", "entered_at", maintain_order=True)
    for deal in open_deals(company).deals:
        rows = events.filter(pl.col("opportunity_id") == deal.opportunity_id)
        if rows["rep_id"].drop_nulls().n_unique() != 1:
            continue  # handed over: the test above
        months = [(d.year, d.month) for d in rows["expected_close"].drop_nulls()]
        moved = sum(later > earlier for earlier, later in pairwise(months))
        assert deal.pushes == moved, deal.opportunity_id


def test_nobody_lacks_a_next_step_on_a_day_of_which_steps_are_not_known(sample_workspace) -> None:
    company = spm_lib.open(sample_workspace)
    today = open_deals(company)
    assert {"no_step", "due_soon"} <= today.told
    before = open_deals(company.at(date(2026, 9, 29)))
    assert not {"no_step", "due_soon"} & before.told
    assert not any({"no_step", "due_soon"} & set(deal.flags) for deal in before.deals)


def test_a_deal_due_today_is_due_soon_and_not_late(sample_workspace) -> None:
    company = spm_lib.open(sample_workspace)
    due = [deal for deal in open_deals(company).deals if deal.due == company.as_of]
    assert len(due) > 5
    for deal in due:
        assert "overdue" not in deal.flags
        assert ("due_soon" in deal.flags) is (not deal.step)
