"""Each preset is the clean company but for what it claims, and that claim shows in the data."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from spm_lib.simulate import PRESETS, Preset, frames, make_world
from spm_lib.simulate.records import make_records
from spm_lib.stats import heterogeneity
from tests.examples import rest_as_proofs

pytestmark = pytest.mark.slow

CLAIMS = {
    "zombies": {"zombies"},
    "retro_edited": {"retro_edited"},
    "zero_amount_lost": {"zero_amount_lost"},
    "snapshot_only": {"snapshot_only"},
    "left_truncation": {"left_truncation"},
    "duplicates": {"duplicates"},
    "late_entry": {"late_entry"},
    "case_mix_confounded": {"case_mix"},
    "rep_is_region": {"rep_is_region"},
    "regime_break": {"regime_break"},
    "campaign": {"campaign"},
    "rep_churn": {"churn"},
    "leads": {"leads"},
    "null_reps": {
        "call_bias_sd",
        "rep_effect_sd",
        "loss_effect_sd",
        "size_effect_sd",
        "diligence_sd",
        "ramp_effect",
        "team_mix",
        "churn",
        "movers",
    },
    "sample": {"zombies", "zero_amount_lost", "campaign", "dirt"},
    "tiny": {"opportunities", "seats", "teams", "accounts", "movers"},
    "large": {"opportunities", "seats", "teams", "accounts", "movers"},
    "clean": set(),
}
RECORDED_ONLY = (
    "retro_edited",
    "zero_amount_lost",
    "snapshot_only",
    "left_truncation",
    "duplicates",
    "late_entry",
)
CLOSED = pl.col("stage").str.starts_with("Closed")


def differing(preset: Preset) -> set[str]:
    names = {f.name for f in fields(Preset)} - {"name", "claim"}
    return {name for name in names if getattr(preset, name) != getattr(PRESETS["clean"], name)}


def test_presets_differ_in_what_they_claim_and_in_nothing_else() -> None:
    assert {name: differing(preset) for name, preset in PRESETS.items()} == CLAIMS


DIRTY = ("sample", "duplicates", "snapshot_only", "leads", "left_truncation")
PLAIN = [n for n in CLAIMS if n not in ("large", "rep_churn", *DIRTY)]


@pytest.mark.parametrize("name", rest_as_proofs([*DIRTY, *PLAIN], each_run=len(DIRTY)))
def test_keys_are_unique_and_point_somewhere(name: str) -> None:
    company = frames(replace(PRESETS[name], opportunities=800, seats=8), 2)
    deals = company["opportunities"].unique()
    assert deals["opportunity_id"].is_unique().all()
    assert company["activities"]["activity_id"].is_unique().all()
    assert company["leads"]["lead_id"].is_unique().all()
    for table, column, home in (
        ("opportunities", "rep_id", "reps"),
        ("opportunities", "account_id", "accounts"),
        ("opportunities", "product_id", "products"),
        ("activities", "rep_id", "reps"),
        ("activities", "opportunity_id", "opportunities"),
        ("leads", "opportunity_id", "opportunities"),
        ("stage_events", "opportunity_id", "opportunities"),
        ("targets", "rep_id", "reps"),
    ):
        if table in company:
            values = company[table][column].drop_nulls()
            assert set(values) <= set(company[home][column]), (table, column)


@pytest.mark.parametrize("name", RECORDED_ONLY)
def test_a_mess_of_recording_changes_nothing_else(name: str, clean) -> None:
    messy = frames(name, 5)
    touched = {
        "retro_edited": ["account_id"],
        "zero_amount_lost": ["amount"],
        "late_entry": ["created_at"],
    }.get(name, [])
    mine, other = (
        messy["opportunities"].unique(maintain_order=True).drop(touched),
        clean["opportunities"].drop(touched),
    )
    if name == "left_truncation":
        other = other.filter(
            pl.col("closed_at").is_null() | (pl.col("closed_at") >= date(2024, 7, 1))
        )
        assert other.height < clean["opportunities"].height * 0.85
    assert_frame_equal(mine, other)
    assert_frame_equal(messy["targets"], clean["targets"])


def test_retro_edited_accounts_tell_open_from_closed() -> None:
    deals = frames("retro_edited", 5)["opportunities"]
    empty = deals.group_by(CLOSED).agg(pl.col("account_id").is_null().mean()).sort("stage")
    assert empty["account_id"][1] == 0
    assert abs(empty["account_id"][0] - 0.7) < 0.08


def test_lost_deals_end_with_amount_zero() -> None:
    company = frames("zero_amount_lost", 5)
    deals = company["opportunities"]
    assert (deals.filter(pl.col("stage") == "Closed Lost")["amount"] == 0).all()
    assert (deals.filter(pl.col("stage") != "Closed Lost")["amount"] > 0).all()
    before = company["stage_events"].filter(pl.col("stage") != "Closed Lost")
    assert (before["amount"] > 0).all()


def test_a_snapshot_has_no_history() -> None:
    assert "stage_events" not in frames("snapshot_only", 5)


def test_one_row_in_twenty_appears_twice(clean) -> None:
    deals = frames("duplicates", 5)["opportunities"]
    extra = deals.height - clean["opportunities"].height
    assert stats.binomtest(extra, clean["opportunities"].height, 0.05).pvalue > 0.001
    assert deals.unique().height == clean["opportunities"].height


def test_late_entries_are_born_won() -> None:
    company = frames("late_entry", 5)
    rows = company["stage_events"].group_by("opportunity_id").len()
    won = (
        company["opportunities"]
        .filter(pl.col("stage") == "Closed Won")
        .join(rows, on="opportunity_id")
    )
    late = won.filter((pl.col("created_at") == pl.col("closed_at")) & (pl.col("len") == 1))
    assert stats.binomtest(late.height, won.height, 0.35).pvalue > 0.001
    assert company["activities"].join(late, on="opportunity_id", how="semi").is_empty()


def test_zombies_fill_the_open_pipeline(clean) -> None:
    asleep = frames("zombies", 5)["opportunities"].filter(~CLOSED)
    awake = clean["opportunities"].filter(~CLOSED)
    assert asleep.height > 2.5 * awake.height
    age = (date(2026, 9, 30) - asleep["created_at"]).dt.total_days()
    assert (age > 365).mean() > 0.4


def test_better_reps_get_harder_deals() -> None:
    world = make_world("case_mix_confounded", 5)
    hard = world.staff.segment_shares[:, 2]
    assert np.corrcoef(world.staff.forward_effect, hard)[0, 1] > 0.8
    plain = make_world("clean", 5)
    assert np.array_equal(world.staff.forward_effect, plain.staff.forward_effect)


def test_hard_deals_hide_skill_from_raw_win_rates() -> None:
    slopes = {}
    for name in ("clean", "case_mix_confounded"):
        preset = replace(PRESETS[name], opportunities=15_000, churn=0.0)
        rates = mature_rates(preset, 1)
        skill = make_world(preset, 1).staff.forward_effect[rates["first_owner"].to_numpy()]
        slopes[name] = np.polyfit(skill, rates["won"].to_numpy() / rates["n"].to_numpy(), 1)[0]
    assert slopes["case_mix_confounded"] < 0.65 * slopes["clean"]


def test_each_rep_owns_one_region() -> None:
    company = frames("rep_is_region", 5)
    world = make_world("rep_is_region", 5)
    firsts = (
        company["stage_events"]
        .filter(pl.col("seq") == 1)
        .join(company["opportunities"], on="opportunity_id")
    )
    assert (firsts.group_by("rep_id").agg(pl.col("Region").n_unique())["Region"] == 1).all()
    assert firsts["Region"].n_unique() == world.preset.seats


def test_a_break_changes_nothing_before_its_day(clean) -> None:
    broken = frames("regime_break", 5)
    day = pl.datetime(2025, 9, 30, 12, time_zone="UTC")
    before = [
        company["stage_events"].filter(pl.col("entered_at") < day) for company in (broken, clean)
    ]
    assert_frame_equal(*before)
    won = [
        company["opportunities"]
        .filter((pl.col("stage") == "Closed Won") & (pl.col("closed_at") > date(2025, 10, 1)))
        .height
        for company in (broken, clean)
    ]
    assert won[0] < 0.9 * won[1]


def test_a_campaign_brings_more_and_weaker_deals(clean) -> None:
    company = frames("campaign", 5)
    deals = company["opportunities"]
    within = pl.col("created_at").is_between(date(2025, 9, 1), date(2025, 11, 30))
    share = deals.filter(within).height / deals.height
    usual = clean["opportunities"].filter(within).height / clean["opportunities"].height
    assert 1.3 < share / usual < 1.6
    brought = deals.filter(pl.col("campaign").is_not_null())
    assert brought.filter(~within).is_empty()
    assert (brought["source"] == "Campaign").all()
    closed = deals.filter(CLOSED).with_columns(won=pl.col("stage") == "Closed Won")
    rate = (
        closed.group_by(pl.col("campaign").is_not_null()).agg(pl.col("won").mean()).sort("campaign")
    )
    assert rate["won"][1] < rate["won"][0]


def test_half_of_the_reps_leave_each_year() -> None:
    world = make_world(replace(PRESETS["rep_churn"], seats=200), 5)
    days = world.staff.left - world.staff.hired
    started = world.staff.hired >= world.clocks.origin + 31
    left = (world.staff.left < 1_000_000) & started
    exposure = (np.minimum(world.staff.left, world.until) - world.staff.hired)[started]
    rate = left.sum() / (
        (exposure - 90).clip(0).sum() / 365.25
    )  # nobody leaves in the first 90 days
    assert 0.4 < rate < 0.6
    assert days.min() >= 60


def mature_rates(preset: Preset, seed: int) -> pl.DataFrame:
    """Wins and closes per first owner of deals old enough to be decided."""
    world = make_world(preset, seed)
    records = make_records(world, np.arange(preset.opportunities))
    owner = pl.Series(records.origin.deals.owner).alias("first_owner")
    return (
        records.opportunities.with_columns(owner)
        .filter(CLOSED & (pl.col("created_at") < date(2026, 1, 1)))
        .group_by("first_owner")
        .agg(won=(pl.col("stage") == "Closed Won").sum(), n=pl.len())
        .filter(pl.col("n") > 20)
        .sort("first_owner")
    )


def test_without_rep_effects_reps_do_not_differ() -> None:
    quiet = replace(PRESETS["null_reps"], opportunities=3000)
    p = []
    for seed in range(40):
        rates = mature_rates(quiet, seed)
        won, n = rates["won"].to_numpy(), rates["n"].to_numpy()
        p.append(heterogeneity(won, n).p)
        if seed < 5:  # by a second route
            table = np.array([won, n - won])
            assert np.isclose(p[-1], stats.chi2_contingency(table, correction=False).pvalue)
    assert sum(value < 0.05 for value in p) <= 7  # 2 expected; more than 7 in 1 of 3,000 runs
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_with_rep_effects_reps_differ() -> None:
    for seed in range(3):
        rates = mature_rates(PRESETS["clean"], seed)
        assert heterogeneity(rates["won"].to_numpy(), rates["n"].to_numpy()).p < 0.001


def test_the_docs_list_every_preset(root) -> None:
    page = (root / "docs" / "simulator.md").read_text(encoding="utf-8")
    for preset in PRESETS.values():
        assert f"| `{preset.name}` | {preset.opportunities:,} | {preset.claim} |" in page
