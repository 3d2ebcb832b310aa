"""What looks across deals in a company, or across the batches it was read in, holds in a store."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.errors import DataError
from spm_lib.model import build_store, company_from_frames, extend_store
from spm_lib.model.stored import spilling
from spm_lib.model.stored.contents import FORMAT
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages
from tests.metrics.companies import OPEN, SETTINGS, frames, random_facts
from tests.model.test_store_extended import Batch, assert_same, together

pytestmark = pytest.mark.slow

FACTS = frames(random_facts(8, deals=30))


def nth(column: str, values: list[str | None]) -> pl.Expr:
    """Give rows these values in turn."""
    place = pl.int_range(pl.len()) % len(values)
    return pl.lit(pl.Series(values, dtype=pl.String)).gather(place).alias(column)


def log_only() -> Batch:
    return {name: frame for name, frame in FACTS.items() if name != "opportunities"}


def several_currencies() -> Batch:
    rates = pl.DataFrame(
        {
            "currency": ["USD", "USD", "EUR"],
            "date": [date(2025, 11, 1), date(2026, 2, 1), date(2026, 1, 10)],
            "rate": ["3.5", "3.7", "4.1"],
        }
    )
    deals = FACTS["opportunities"].with_columns(nth("currency", ["USD", None, "EUR", "ILS"]))
    return {**FACTS, "opportunities": deals, "fx_rates": rates}


def shared_credit() -> Batch:
    deals = FACTS["opportunities"].select("opportunity_id")
    shares = deals.select(
        "opportunity_id", nth("rep_id", ["r1", "r2", None]), nth("kind", ["overlay"]), share=0.5
    )
    return {**FACTS, "splits": pl.concat([shares, shares[:4]])}


def two_pipelines() -> Batch:
    named = nth("pipeline", ["default", "renewals"])
    return {**FACTS, "opportunities": FACTS["opportunities"].with_columns(named)}


def deals_alone() -> Batch:
    return {"opportunities": frames(random_facts(9, history=False))["opportunities"]}


def kept_states() -> Batch:
    """States kept month by month; every third deal is deleted after two of them."""
    ends = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    states = [
        {"opportunity_id": f"O{deal}", "entered_at": day, "stage": OPEN[deal % 2], "amount": deal}
        for deal in range(18)
        for day in (ends if deal % 3 else ends[:2])
    ]
    known = [
        {"opportunity_id": f"O{deal}", "stage": OPEN[deal % 2]} for deal in range(18) if deal % 3
    ]
    return {"opportunities": pl.DataFrame(known), "stage_events": pl.DataFrame(states)}


KINDS = (log_only, several_currencies, shared_credit, two_pipelines, deals_alone, kept_states)
PIPELINES = {
    name: Stages(open=OPEN, won=("Won",), lost=("Lost",)) for name in ("default", "renewals")
}


def settings_of(made: Batch) -> Settings:
    several = "pipeline" in made.get("opportunities", pl.DataFrame()).columns
    return SETTINGS.model_copy(update={"pipelines": PIPELINES}) if several else SETTINGS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_company_is_the_same(tmp_path: Path, monkeypatch, kind) -> None:
    """Read in small batches, into more buckets than some tables have rows of."""
    monkeypatch.setattr(spilling, "BATCH_ROWS", 17)
    made = kind()
    plain = company_from_frames(made, settings_of(made))
    path = build_store(tmp_path, made, settings_of(made), buckets=5)
    assert_same(plain, spm_lib.open(path))
    past = plain.as_of - timedelta(days=50)
    assert_same(plain.at(past), spm_lib.open(path, as_of=past))
    assert ("gone" in plain.changes.frame["outcome"]) == (kind is kept_states)


def test_times_in_one_batch_make_days_of_the_others_midnights(tmp_path: Path) -> None:
    events = FACTS["stage_events"]
    timed = events[40:].with_columns(
        entered_at=pl.col("entered_at").cast(pl.Datetime("us")) + pl.duration(hours=9)
    )
    first = {**FACTS, "stage_events": events[:40]}
    told = {**first, "stage_events": events[:40].cast({"entered_at": pl.Datetime("us")})}
    plain = company_from_frames(together([told, {"stage_events": timed}]), SETTINGS)
    path = build_store(tmp_path, first, SETTINGS, buckets=2)
    extend_store(path, {"stage_events": timed})
    assert_same(plain, spm_lib.open(path))


def test_stages_nobody_listed_are_refused_and_the_store_stays(tmp_path: Path) -> None:
    path = build_store(tmp_path, FACTS, SETTINGS, buckets=2)
    before = path.read_bytes()
    odd = FACTS["stage_events"][:3].with_columns(stage=pl.lit("Nowhere"))
    with pytest.raises(DataError, match="not listed"):
        extend_store(path, {"stage_events": odd})
    assert path.read_bytes() == before
    assert_same(company_from_frames(FACTS, SETTINGS), spm_lib.open(path))


@pytest.mark.parametrize("told", ['{"format": 1}', f'{{"format": {FORMAT}, "settings": 1}}', "{"])
def test_a_store_of_another_version_is_refused_and_built_anew(tmp_path: Path, told: str) -> None:
    (tmp_path / "store.json").write_text(told, encoding="utf-8")
    for ask in (spm_lib.open, lambda place: extend_store(place, FACTS)):
        with pytest.raises(DataError, match="another version"):
            ask(tmp_path)
    path = build_store(tmp_path, FACTS, SETTINGS, buckets=2)
    assert spm_lib.open(path).table("orders").height
    with pytest.raises(DataError, match="no store here"):
        extend_store(tmp_path / "elsewhere", FACTS)


def test_a_file_is_no_folder_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("mine")
    for place in ("store", "store/inside"):
        with pytest.raises(DataError, match=r"needs a folder.*of its own"):
            build_store(tmp_path / place, FACTS, SETTINGS)
    assert (tmp_path / "store").read_text() == "mine"


def test_a_folder_of_somebody_elses_is_not_swept(tmp_path: Path) -> None:
    theirs = tmp_path / "views" / "of the sea.txt"
    theirs.parent.mkdir()
    theirs.touch()
    with pytest.raises(DataError, match="something else than a store"):
        build_store(tmp_path, FACTS, SETTINGS, buckets=1)
    assert list(tmp_path.rglob("*")) == [theirs.parent, theirs]


def test_no_view_of_other_settings_is_shown(tmp_path: Path) -> None:
    """Built anew of the same rows, by a workspace file that calls other stages won."""
    spm_lib.open(build_store(tmp_path, FACTS, SETTINGS, buckets=2)).rows("opportunities")
    turned = {"default": Stages(open=OPEN, won=("Lost",), lost=("Won",))}
    settings = SETTINGS.model_copy(update={"pipelines": turned})
    path = build_store(tmp_path, FACTS, settings, buckets=2)
    assert_same(company_from_frames(FACTS, settings), spm_lib.open(path))


def test_a_currency_told_after_the_history_is_refused(tmp_path: Path) -> None:
    """What the deal's history told was read in the reporting currency; a new deal is taken in."""
    path = build_store(tmp_path, FACTS, SETTINGS, buckets=2)
    deals = FACTS["opportunities"][:1].with_columns(currency=pl.lit("USD"))
    with pytest.raises(DataError, match="name their currency after"):
        extend_store(path, {"opportunities": deals})
    told = {"opportunities": deals.with_columns(opportunity_id=pl.lit("new"))}
    extend_store(path, told)
    bare = FACTS["opportunities"].with_columns(currency=pl.lit(None, pl.String))
    both = together([{**FACTS, "opportunities": bare}, told])
    assert_same(company_from_frames(both, SETTINGS), spm_lib.open(path))
