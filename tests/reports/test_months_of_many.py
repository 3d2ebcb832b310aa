"""Months of a large team on a printed page: fifty people, twelve months, nothing cut off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.plans import Planner, TargetPlan, propose
from spm_lib.reports import TargetsPage
from spm_lib.reports.blocks import Table
from spm_lib.reports.pdf.render import render_pdf
from spm_lib.workspace.brand import Brand

from . import pdf_samples as samples
from .pdf_reader import Pdf
from .test_pdf import within_the_margins

pytestmark = pytest.mark.slow  # a whole plan


@pytest.fixture(scope="module")
def large(small_client: Path) -> TargetPlan:
    """The plan of a team of fifty, each with the months of one of a small company's people."""
    company = spm_lib.open(small_client)
    plan = Planner(company).plan(propose(company, name="x"), draws=2_000)
    one = plan.people.head(1)
    rep = one["rep_id"][0]
    own = plan.targets.filter(rep_id=rep).with_columns(value=pl.lit(123_456_700, dtype=pl.Int64))
    crowd = [f"P{number:02}" for number in range(50)]
    many = replace(
        plan,
        people=pl.concat([one.with_columns(rep_id=pl.lit(who), name=pl.lit(who)) for who in crowd]),
        targets=pl.concat([own.with_columns(rep_id=pl.lit(who)) for who in crowd]),
    )
    return many.within(frozenset(crowd), label="team")


@pytest.mark.parametrize("code", ["en", "he"])
def test_many_people_stand_below_each_other_and_a_printed_page_holds_twelve_months(
    large: TargetPlan, small_client: Path, code: str
) -> None:
    page = TargetsPage(str(small_client), language=code)
    page.outcome = large
    section = page.over_time()
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert len(table.columns) == 13
    assert len(table.rows) == 50
    pdf = Pdf(render_pdf(samples.document(section, language=code), brand=Brand()))
    within_the_margins(pdf)
    text = "".join(pdf.pages)
    assert text.count("1.2") == 50 * 12  # each month of each person, whole


def test_a_few_people_stand_side_by_side(large: TargetPlan, small_client: Path) -> None:
    page = TargetsPage(str(small_client), language="en")
    page.outcome = large.within(frozenset({"P00", "P01"}), label="two")
    (table,) = (block for block in page.over_time().blocks if isinstance(block, Table))
    assert (len(table.columns), len(table.rows)) == (3, 12)
