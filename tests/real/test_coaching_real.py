"""Real sets: no coaching where rates are luck or a region is the person; planted gaps told."""

from __future__ import annotations

from pathlib import Path

import pytest

import spm_lib
from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.model import Company
from spm_lib.reps import changed_rates, closing_habits, plan_coaching

pytestmark = pytest.mark.slow

WORKSPACES = Path(__file__).resolve().parents[1] / "data" / "workspaces"


@pytest.fixture
def opened(real_data: Path):
    assert real_data.is_dir()

    def company(name: str) -> Company:
        return spm_lib.open(WORKSPACES / name / "spm.toml")

    return company


def test_maven_agents_earn_no_coaching_and_no_alarm(opened) -> None:
    """Their win rates are luck (design notes 0.8): who is low there needs no mentor."""
    co = opened("maven_crm")
    plan = plan_coaching(co)
    assert not plan.gaps.height
    assert not plan.sheets
    assert "No gap is earned" in plan.statements[0].tell(language("en"))
    assert not changed_rates(co).raised.height
    with pytest.raises(DataError, match="first days"):
        closing_habits(co)


def test_powerbi_planted_gaps_are_told_with_money_and_mentors(opened) -> None:
    """README: win rates of 15 to 95 % are planted; the lowest are told, with their mentors."""
    plan = plan_coaching(opened("powerbi_regional_sales"))
    rates = plan.skills.skill("win_rate")
    lowest = {rates.reps[i] for i in rates.raw.argsort()[:3]}
    assert lowest <= set(plan.gaps["rep_id"])
    assert (plan.gaps["money_low"] > 0).any()
    level = dict(zip(rates.reps, rates.raw, strict=True))
    for pair in plan.pairs.pairs.iter_rows(named=True):
        assert level[pair["coach_id"]] > level[pair["rep_id"]]


def test_quicksight_people_are_their_regions(opened) -> None:
    plan = plan_coaching(opened("quicksight_pipeline"))
    assert not plan.gaps.height
    english = plan.statements[0].tell(language("en"))
    assert "each person has one Region only" in english
