"""Leads with planted odds: a fit forwards finds what was drawn backwards, in blocks of any size."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats
from scipy.special import expit

import spm_lib
from spm_lib.simulate import PRESETS, frames, make_world, simulate, stream
from spm_lib.simulate.deals import make_deals
from spm_lib.simulate.lead_kinds import lead_kinds
from spm_lib.simulate.lead_odds import lead_truth
from spm_lib.simulate.leads import unconverted_leads
from spm_lib.simulate.presets import LeadOdds

odds = LeadOdds()
PRESET = PRESETS["leads"]


@pytest.fixture(scope="module")
def truth() -> pl.DataFrame:
    world = make_world(PRESET, 3)
    return lead_truth(world, odds, make_deals(world, np.arange(PRESET.opportunities)))


def effects() -> dict[str, float]:
    """Return every planted effect by the value that has it, against the first of its kind."""
    levels = [[(name, effect) for name, *_, effect in level]
              for level in (odds.sources, odds.sizes, odds.forms, odds.answers)]  # fmt: skip
    return {name: effect - level[0][1] for level in levels for name, effect in level[1:]}


def test_a_fit_of_the_leads_finds_the_planted_effects(truth: pl.DataFrame) -> None:
    """Newton's method on dummies, which knows nothing of how they were drawn."""
    planted = effects()
    values = [(c, v) for c in ("source", "Size", "Form", "answer") for v in truth[c].unique().sort()
              if v in planted]  # fmt: skip
    names = [name for _, name in values]
    marks = [np.ones(truth.height), *((truth[c] == v).to_numpy() for c, v in values)]
    x, y = np.column_stack(marks).astype(float), truth["becomes"].to_numpy().astype(float)
    beta, curve = np.zeros(x.shape[1]), np.eye(x.shape[1])
    for _ in range(30):
        p = expit(x @ beta)
        curve = x.T @ (x * (p * (1 - p))[:, None])
        beta += np.linalg.solve(curve, x.T @ (y - p))
    errors = np.sqrt(np.diag(np.linalg.inv(curve)))[1:]
    z = (beta[1:] - np.array([planted[name] for name in names])) / errors
    assert sorted(names) == sorted(planted)
    assert np.abs(z).max() < 3.2
    assert stats.chi2.sf((z**2).sum(), len(z)) > 0.005
    first = sum(level[0][-1] for level in (odds.sources, odds.sizes, odds.forms, odds.answers))
    assert beta[0] == pytest.approx(odds.base + first, abs=0.2)


def test_leads_become_deals_as_often_as_their_chances_say(truth: pl.DataFrame) -> None:
    kinds = lead_kinds(odds)
    assert kinds.weights.sum() == pytest.approx(1)
    for column, by in (("chance", ["answer", "Size"]), ("chance_at_arrival", ["source", "Form"])):
        for _, part in truth.group_by(by):
            chance, became = part[column].to_numpy(), part["becomes"].to_numpy()
            spread = np.sqrt((chance * (1 - chance)).sum())
            assert abs(became.sum() - chance.sum()) < 3.2 * spread
    lost = truth.filter("becomes")["lost_between"]
    assert stats.binomtest(int(lost.sum()), len(lost), odds.lost_between).pvalue > 0.005


def test_the_recorded_leads_tell_what_was_known_by_the_export(truth: pl.DataFrame) -> None:
    leads = frames(PRESET, 3)["leads"]
    both = leads.join(truth, on="lead_id", validate="1:1")
    assert both.height == leads.height == truth.height
    came = pl.col("created_at").dt.convert_time_zone("Asia/Jerusalem").dt.date()
    told = both.with_columns(
        made=pl.col("converted_at").is_not_null(),
        days=(pl.col("converted_at") - came).dt.total_days(),
        waited=(
            pl.col("first_response_at").dt.convert_time_zone("Asia/Jerusalem").dt.date() - came
        ).dt.total_days(),
    )
    late = told.filter(pl.col("becomes") & ~pl.col("made"))
    assert told.filter(pl.col("made") & ~pl.col("becomes")).is_empty()
    assert 0 < late.height < 100
    assert (late["created_at"].dt.date() > date(2026, 9, 9)).all()
    assert told["days"].drop_nulls().is_between(2, 20).all()
    assert told.filter(answer="soon")["waited"].drop_nulls().is_between(0, 1).all()
    assert (told.filter(answer="later")["waited"].drop_nulls() >= 2).all()
    assert told.filter(answer="never")["waited"].null_count() == told.filter(answer="never").height
    linked = told.filter(pl.col("made") & ~pl.col("lost_between"))
    assert linked["opportunity_id"].null_count() == 0
    assert told.filter(pl.col("opportunity_id").is_not_null()).height == linked.height


def test_blocks_of_any_size_give_the_same_leads() -> None:
    world = make_world(replace(PRESET, opportunities=300, seats=6), 2)
    whole = unconverted_leads(world, np.arange(300))
    parts = [unconverted_leads(world, np.arange(a, b)) for a, b in pairwise([0, 1, 120, 300])]
    assert_frame_equal(pl.concat(parts).sort("lead_id"), whole.sort("lead_id"))


def test_the_company_reads_back_with_what_is_known_of_a_lead(tmp_path: Path) -> None:
    path = simulate(replace(PRESET, opportunities=120, seats=3, teams=1), 2, tmp_path)
    co = spm_lib.open(path)
    assert co.columns("leads")[1] == ["Size", "Form"]
    assert co.book.known["leads"] >= {"Size", "Form"}
    truth = pl.read_parquet(tmp_path / "truth" / "leads.parquet")
    assert set(co.table("leads")["lead_id"]) == set(truth["lead_id"])
    assert '"lost_between": 0.12' in (tmp_path / "truth" / "leads.json").read_text()
    assert "leads.parquet" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_streamed_company_has_the_same_leads_and_says_what_is_known_of_them(tmp_path) -> None:
    small = replace(PRESET, opportunities=120, seats=3, teams=1)
    co = spm_lib.open(stream(small, 2, tmp_path, chunk=50))
    assert co.book.known["leads"] >= {"Size", "Form"}
    columns = ["lead_id", "source", "Size", "Form", "opportunity_id"]
    streamed = co.table("leads").select(columns).sort("lead_id")
    assert_frame_equal(streamed, frames(small, 2)["leads"].select(columns).sort("lead_id"))


@pytest.mark.parametrize("deals", [1, 2])
def test_a_company_of_a_deal_or_two_has_leads_too(deals: int) -> None:
    """The deal after the last one may lie beyond the days that the clocks know."""
    for seed in range(1, 4):
        made = frames(replace(PRESET, opportunities=deals), seed)
        assert made["opportunities"].height == deals
        assert made["leads"]["lead_id"].is_unique().all()
