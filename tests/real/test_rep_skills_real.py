"""Published figures on people: what lasts, what makes the gaps, what cannot be told apart."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.model import Company
from spm_lib.reps import explain_gaps, reliability, rep_skills
from spm_lib.stats import funnel_limits

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


@pytest.fixture
def opened(real_data: Path):
    assert real_data.is_dir()

    def company(name: str) -> Company:
        return spm_lib.open(WORKSPACES / name / "spm.toml")

    return company


def test_maven_differs_in_volume_not_in_winning(opened) -> None:
    """Design notes 0.8, 4.1, 4.2: p .26; log losses; volume .70, size .31, win rate -.01."""
    company = opened("maven_crm")
    skills = rep_skills(company, window="2017")
    rate = skills.skill("win_rate")
    assert rate.evidence == "none"
    assert rate.test.p == pytest.approx(0.26, abs=0.005)
    assert skills.skill("volume").ranked
    seen = reliability(company, company.calendar.parse_window("2017"))
    assert seen.losses is not None
    assert seen.losses.raw == pytest.approx(0.65935, abs=1e-5)
    assert (seen.losses.shrunk, seen.losses.common) == (pytest.approx(0.65816, abs=1e-5),) * 2
    assert seen.correlation["win_rate"] == pytest.approx(0.20, abs=0.005)
    assert seen.correlation["volume"] == pytest.approx(0.93, abs=0.01)
    shares = explain_gaps(company, window="2017").shares()
    assert shares["volume"] + shares["speed"] == pytest.approx(0.70, abs=0.02)
    assert shares["deal_size"] == pytest.approx(0.31, abs=0.02)
    assert shares["win_rate"] + shares["luck"] == pytest.approx(-0.01, abs=0.01)


def test_maven_stays_inside_the_funnel(opened) -> None:
    """Design notes 4.1: 0 of 30 outside 99.8 %, 2 outside 95 %."""
    table = rep_skills(opened("maven_crm"), window="2017").skill("win_rate").table
    for level, outside in ((0.95, 2), (0.998, 0)):
        limits = funnel_limits(4238 / 6711, table["n"].to_numpy(), levels=(level,))
        out = (table["raw"] < limits["low"]) | (table["raw"] > limits["high"])
        assert out.sum() == outside


def test_powerbi_planted_rates_are_found_and_return(opened) -> None:
    company = opened("powerbi_regional_sales")
    window = "2019-06-01/2021-11-11"
    rate = rep_skills(company, window=window).skill("win_rate")
    assert rate.ranked
    assert rate.table.filter(pl.col("standing") != "").height >= 10
    seen = reliability(company, company.calendar.parse_window(window))
    assert seen.correlation["win_rate"] is not None
    assert seen.correlation["win_rate"] > 0.95
    assert seen.losses is not None
    assert seen.losses.common - seen.losses.shrunk > 0.08


def test_adventureworks_gaps_to_quotas_add_up(opened) -> None:
    """README: quotas are of quarters; every gap to the quotas of a year sums to the cent."""
    gaps = explain_gaps(opened("adventureworks"), window="2019-07-01/2020-07-01", against="target")
    each = gaps.frame.group_by("rep_id").agg(
        pl.col("amount").sum(), pl.col("gap", "reference").first()
    )
    assert each.height == 17
    assert gaps.terms == ("target", "volume", "deal_size")
    assert (each["amount"] == each["gap"]).all()
