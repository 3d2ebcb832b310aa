"""Skills of people: the table, and draws that nobody can change and nothing can rank by luck."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_array

from spm_lib.core.errors import DataError
from spm_lib.metrics import example_company
from spm_lib.model import Company
from spm_lib.reps import RepSkills, rep_skills
from spm_lib.reps.skills.given import given_of
from spm_lib.reps.skills.hazard_fit import free
from spm_lib.simulate import preset_of
from tests.forecast.conftest import company_of

AS_OF = date(2026, 9, 30)
ALL = "2023-07-01/2026-10-01"


@pytest.fixture(scope="module")
def clean() -> Company:
    return company_of(replace(preset_of("clean"), opportunities=3000), 5, as_of=AS_OF)


@pytest.fixture(scope="module")
def skills(clean: Company) -> RepSkills:
    return rep_skills(clean, window=ALL)


def test_every_skill_has_a_row_per_person(skills: RepSkills) -> None:
    names = [skill.id for skill in skills.skills]
    assert names[:4] == ["win_rate", "volume", "deal_size", "speed"]
    assert {"stage:Lead", "stage:Negotiation"} <= set(names)
    assert skills.table.height == len(names) * len(skills.reps)
    inside = (pl.col("low") <= pl.col("shrunk")) & (pl.col("shrunk") <= pl.col("high"))
    assert skills.table.select(inside.all()).item()
    assert set(skills.table["peers"]) == {len(skills.reps) - 1}


def test_what_was_seen_is_counted_by_a_loop(clean: Company, skills: RepSkills) -> None:
    won: dict[str, list[int]] = {}
    for deal in clean.table("opportunities").to_dicts():
        if deal["outcome"] in ("won", "lost") and deal["rep_id"]:
            won.setdefault(deal["rep_id"], []).append(deal["outcome"] == "won")
    for row in skills.skill("win_rate").table.iter_rows(named=True):
        mine = won[row["rep_id"]]
        assert (row["n"], row["raw"]) == (len(mine), pytest.approx(sum(mine) / len(mine)))


def test_draws_are_one_set_that_cannot_be_changed(clean: Company, skills: RepSkills) -> None:
    again = rep_skills(clean, window=ALL)
    for skill in skills.skills:
        draws = skills.draws(skill.id)
        assert draws.shape == (len(skills.reps), 2000)
        assert np.array_equal(draws, again.draws(skill.id))
        with pytest.raises(ValueError, match="read-only"):
            draws[0, 0] = 1.0
    speed = skills.skill("speed")
    assert speed.draws.mean(axis=1) == pytest.approx(speed.pooled.shrunk, rel=0.05)


def test_without_evidence_nothing_can_rank() -> None:
    made = replace(preset_of("null_reps"), opportunities=2000, volume_effect_sd=0.0)
    skills = rep_skills(company_of(made, 3, as_of=AS_OF), window=ALL)
    alike = [skill for skill in skills.skills if skill.evidence == "none"]
    assert len(alike) >= len(skills.skills) - 2
    for skill in alike:
        assert np.ptp(skill.draws, axis=0).max() == 0
        assert skill.table["p_best"].null_count() == len(skills.reps)
        assert set(skill.table["standing"]) == {""}


def test_small_data_and_nobody() -> None:
    company = example_company()
    assert [s.id for s in rep_skills(company, window="2026-Q1").skills][:2] == [
        "win_rate",
        "volume",
    ]
    with pytest.raises(DataError, match="nobody to compare"):
        rep_skills(company, window="2020")


def test_what_fitted_cells_leave_of_luck_is_what_draws_scatter_by() -> None:
    rng = np.random.default_rng(7)
    due = rng.gamma(0.5, 1.0, (6, 40)) * (rng.random((6, 40)) < 0.5)  # few people in each cell
    cells = due.sum(axis=0)
    seen = rng.poisson(due, (20_000, 6, 40))
    each = seen.sum(axis=1)
    told = np.divide(each, cells, out=np.zeros_like(each, float), where=cells > 0)
    off = seen.sum(axis=2) - told @ due.T  # against cells fitted to the same steps
    left = free(csr_array(due), cells)
    assert left == pytest.approx(off.var(axis=0), rel=0.05)
    assert (left < 0.8 * due.sum(axis=1)).all()


def test_a_closed_list_of_values_is_a_mix_like_its_texts(clean: Company) -> None:
    """A frame with a categorical column, in an order of its own and with nothing for a gap."""
    deals = clean.table("opportunities").select("opportunity_id", "Segment", "created_day")
    given = given_of(clean, clean.calendar.parse_window(ALL), mix=["Segment"])
    closed = pl.Enum(deals["Segment"].drop_nulls().unique().sort(descending=True))
    gaps = pl.when(pl.int_range(pl.len()) % 9 > 0).then("Segment")
    deals = deals.with_columns(gaps.alias("Segment"))
    (texts,) = given.codes(deals)
    (listed,) = given.codes(deals.with_columns(pl.col("Segment").cast(closed)))
    assert np.array_equal(texts, listed)
