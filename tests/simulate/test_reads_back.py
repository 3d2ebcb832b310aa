"""What the simulator writes, the workbench reads, with the planted dirt in the receipts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.model import company_from_frames, open_company
from spm_lib.simulate import PRESETS, frames, in_major_units, simulate, stream
from spm_lib.workspace import load_settings
from tests.examples import rest_as_proofs

pytestmark = pytest.mark.slow

SAME = (
    "opportunity_id",
    "rep_id",
    "account_id",
    "amount",
    "stage",
    "created_at",
    "closed_at",
    "expected_close",
    "source",
    "product_id",
    "type",
    "lost_reason",
    "Segment",
    "Region",
)


@pytest.mark.parametrize("write", [simulate, stream])
def test_the_deals_read_are_the_deals_made(tmp_path, write) -> None:
    company = open_company(write("tiny", 1, tmp_path))
    made = frames("tiny", 1)
    read = company.table("opportunities").select(SAME).sort("opportunity_id")
    assert_frame_equal(read, made["opportunities"].select(SAME), check_dtypes=False)
    history = company.table("stage_events").select(
        "opportunity_id", "stage", "rep_id", "amount", "entered_at"
    )
    assert_frame_equal(
        history.sort("opportunity_id", "entered_at", maintain_order=True),
        made["stage_events"]
        .select(history.columns)
        .sort("opportunity_id", "entered_at", maintain_order=True),
        check_dtypes=False,
    )
    for name in (
        "activities",
        "leads",
        "targets",
        "costs",
        "reps",
        "memberships",
        "accounts",
        "products",
    ):
        assert company.table(name).height == made[name].height, name
    assert company.table("targets")["value"].sum() == made["targets"]["value"].sum()
    assert company.table("costs")["amount"].sum() == made["costs"]["amount"].sum()


SMALL = ("snapshot_only", "leads", "duplicates")  # without a history, with leads, with repeats
OTHERS = sorted(set(PRESETS) - {"large", "tiny", "sample", "clean", *SMALL})


@pytest.mark.parametrize("name", rest_as_proofs([*SMALL, *OTHERS], each_run=len(SMALL)))
def test_every_preset_can_be_opened(name: str, tmp_path) -> None:
    preset = replace(PRESETS[name], opportunities=300, seats=8, accounts=80)
    company = open_company(simulate(preset, 1, tmp_path))
    assert company.table("opportunities").height <= 300 * 1.1
    assert company.has("stage_events") == (name != "snapshot_only")


def test_the_receipt_of_the_sample_is_the_planted_dirt(sample_workspace) -> None:
    company = open_company(sample_workspace)
    planted = Counter(pl.read_csv(sample_workspace.parent / "truth" / "planted.csv")["kind"])
    receipt = company.receipt("opportunities")
    rows = {reason: part.rows for reason, part in receipt.set_aside.items()}
    assert rows == {
        "exact repeat": planted["exact_duplicate"],
        "conflicting duplicate": 2 * planted["conflicting_id"],
        "unreadable amount": planted["unreadable_amount"],
        "unreadable created_at": planted["unreadable_date"] // 2,
        "unreadable closed_at": planted["unreadable_date"] - planted["unreadable_date"] // 2,
    }
    deals = company.table("opportunities")
    assert (deals["product_id"] == "GalilERPPro").sum() == planted["product_variant"]
    known = company.table("reps")["rep_id"].implode()
    assert (~deals["rep_id"].is_in(known)).fill_null(value=True).sum() == planted["unknown_owner"]
    assert (
        receipt.used + sum(rows.values())
        == 6500 + planted["exact_duplicate"] + planted["conflicting_id"]
    )


def test_the_settings_say_what_kind_of_company_it_is(sample_workspace) -> None:
    settings = load_settings(sample_workspace)
    assert settings.workspace.id == "sample"
    assert settings.workspace.currency == "ILS"
    assert settings.calendar.week == "sun-thu"


def test_frames_make_the_same_company_as_files(sample_workspace, tmp_path) -> None:
    made = in_major_units(frames("tiny", 1))
    company = company_from_frames(made, load_settings(sample_workspace))
    files = open_company(simulate("tiny", 1, tmp_path))
    for name, column in (("opportunities", "amount"), ("targets", "value"), ("products", "price")):
        assert company.table(name)[column].sum() == files.table(name)[column].sum()
