"""Where people are alike nobody is told that he stands out; where they differ, some are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from spm_lib.model import places_on
from spm_lib.reports import ManagerPage
from spm_lib.reports.pages.rep_findings import LIKELY, SURE, RepFindings
from spm_lib.reps import rep_skills
from spm_lib.simulate import preset_of
from tests.forecast.conftest import company_of

pytestmark = pytest.mark.slow
AS_OF = date(2026, 9, 30)
LUCK = ("Likely more than luck.", "More than luck explains.")


def page_of(workspace: Path, preset: str, seed: int) -> RepFindings:
    """Return a page about the people of a simulated company, whatever workspace it began with."""
    made = replace(preset_of(preset), opportunities=2500, volume_effect_sd=0.0)
    page = ManagerPage(str(workspace), language="en", as_of=str(AS_OF))
    page.company = company_of(made, seed, as_of=AS_OF)
    return page


def claims(page: RepFindings) -> Iterator[tuple[str, list[str]]]:
    """Yield each person with what is said to be more than luck."""
    for rep in page.peer_table.people:
        told = [*page.strengths_of(rep), *page.to_improve_of(rep)]
        yield rep, [f.sentence.text for f in told if f.sentence.text.endswith(LUCK)]


def others_of(page: RepFindings, rep: str) -> list[str]:
    """Return who closed a deal, in the same role; of the same team where there are five of them."""
    role = dict(page.company.table("reps").select("rep_id", "role").iter_rows())
    team = dict(places_on(page.company).select("rep_id", "team").iter_rows())
    closed = page.company.table("opportunities").filter(
        page.window.start <= pl.col("closed_at").dt.date(),
        pl.col("closed_at").dt.date() < page.window.end,
    )
    active = sorted(set(closed["rep_id"]) - {rep})
    alike = [other for other in active if role[other] == role[rep]]
    mates = [other for other in alike if rep in team and team.get(other) == team[rep]]
    return mates if len(mates) >= 5 else alike


@pytest.mark.proof
def test_of_people_alike_at_most_one_in_twelve_is_told_to_differ(sample_workspace) -> None:
    """Five companies in which nobody is better at anything."""
    told = [
        bool(said)
        for seed in range(1, 6)
        for _, said in claims(page_of(sample_workspace, "null_reps", seed))
    ]
    assert len(told) > 100
    assert sum(told) <= 0.08 * len(told)


def test_who_is_told_to_differ_does_by_the_draws_and_by_the_number_beside(
    sample_workspace,
) -> None:
    """Recounted from the posterior draws; the number beside is their mean over the others."""
    page = page_of(sample_workspace, "clean", 1)
    skills = rep_skills(page.company, window=page.window)
    seen = 0
    for rep in page.peer_table.people:
        told = [*page.strengths_of(rep), *page.to_improve_of(rep)]
        for finding in (f for f in told if f.sentence.text.endswith(LUCK)):
            draws = skills.draws(finding.kind)
            place = skills.reps.index(rep)
            others = draws[[skills.reps.index(other) for other in others_of(page, rep)]]
            above = float((draws[place] > others.mean(axis=0)).mean())
            sure = max(above, 1 - above)
            assert sure >= LIKELY - 1e-9
            assert finding.sentence.text.endswith(LUCK[1]) is (sure >= SURE - 1e-9)
            if finding.kind == "win_rate":
                (beside,) = [
                    f for f in finding.sentence.figures if f.metric == "peers.skill.win_rate"
                ]
                assert float(beside.value or 0) == pytest.approx(others.mean(), abs=0.005)
            seen += 1
    assert seen > 5
