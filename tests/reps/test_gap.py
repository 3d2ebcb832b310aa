"""Gaps of people: to the cent, against team and own past, withheld among few."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from spm_lib.core.errors import ParameterError
from spm_lib.metrics import example_company, measure
from spm_lib.model import Company
from spm_lib.reps import explain_gaps
from spm_lib.reps.skills.given import given_of
from spm_lib.reps.skills.spells import spells_of
from spm_lib.simulate import preset_of
from tests.forecast.conftest import company_of

AS_OF = date(2026, 9, 30)
YEAR = "2025-10-01/2026-10-01"


@pytest.fixture(scope="module")
def clean() -> Company:
    return company_of(replace(preset_of("rep_churn"), opportunities=2000), 5, as_of=AS_OF)


@pytest.mark.parametrize("against", ["team", "past"])
def test_terms_sum_to_the_gap_to_the_cent(clean: Company, against) -> None:
    gaps = explain_gaps(clean, window=YEAR, against=against)
    each = gaps.frame.group_by("rep_id").agg(
        pl.col("amount").sum(), pl.col("gap", "actual", "reference").first()
    )
    assert each.height > 5
    assert (each["amount"] == each["gap"]).all()
    assert (each["actual"] - each["reference"] == each["gap"]).all()
    won = measure(clean, "won.amount", by="rep_id", window=YEAR).frame.select("rep_id", "value")
    both = each.join(won, on="rep_id", how="left")
    assert (both["actual"] == both["value"].fill_null(0)).all()
    known = gaps.frame.drop_nulls("low")
    assert (known["low"] <= known["high"]).all()


def test_shares_of_the_differences_sum_to_one(clean: Company) -> None:
    assert sum(explain_gaps(clean, window=YEAR).shares().values()) == pytest.approx(1, abs=1e-6)


def test_the_team_is_withheld_among_few_and_names_are_refused() -> None:
    assert explain_gaps(example_company(), window="2026-Q1").withheld
    with pytest.raises(ParameterError, match="team, the own past"):
        explain_gaps(example_company(), against="luck")  # type: ignore[arg-type]


def test_days_of_deals_that_changed_hands_count_for_who_held_them(clean: Company) -> None:
    given = given_of(clean, clean.calendar.parse_window("2023-07-01/2026-10-01"))
    spells = spells_of(given)
    visits = clean.stints.filter(pl.col("outcome") == "open")
    days = (visits["left_day"].fill_null(given.end) - visits["entered_day"]).sum()
    assert (spells["until"] - spells["since"]).sum() == days
    many = spells.group_by("opportunity_id").agg(pl.col("rep_id").n_unique())
    assert many.filter(pl.col("rep_id") > 1).height > 10
    assert (
        spells["forward"].sum()
        == visits.filter(
            (pl.col("next_outcome") == "won")
            | ((pl.col("next_outcome") == "open") & (pl.col("next_rank") > pl.col("stage_rank")))
        ).height
    )
