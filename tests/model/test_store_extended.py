"""A store that was extended, in whatever order, is the store built of all that was told."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.core.errors import DataError
from spm_lib.metrics import measure
from spm_lib.model import Company, build_store, company_from_frames, extend_store
from spm_lib.model.stored import tables, writing
from spm_lib.model.stored.bucket_books import read_book, read_counts, read_told
from spm_lib.model.stored.buckets import KEYS
from spm_lib.model.stored.contents import read_contents
from spm_lib.store import sweep
from tests.metrics.companies import FIRST, SETTINGS, frames, random_facts

TABLES = ("opportunities", "stage_events", "activities", "orders", "targets", "costs", "stints")
CHANGED = {
    "opportunities": {"segment": "moved"},
    "stage_events": {"stage": "Proposal"},
    "activities": {"kind": "call"},
    "orders": {"amount": 777},
}
Batch = dict[str, pl.DataFrame]


def batches(seed: int, *, count: int) -> list[Batch]:
    """Tell a company in batches made by chance.

    A row comes in any batch, whenever it happened; some come again as they were, some corrected,
    in a later one. The last batches may hold nothing of some tables.
    """
    rng = random.Random(seed)
    made: list[Batch] = [{} for _ in range(count)]
    for name, frame in frames(random_facts(seed, deals=24)).items():
        rows = frame.with_row_index("n")
        first = [rng.choice([0, 0, *range(count)]) for _ in range(frame.height)]
        again = [n for n in range(frame.height) if rng.random() < 0.15]
        changed = [n for n in range(frame.height) if rng.random() < 0.15]
        for number, batch in enumerate(made):
            own = [n for n, at in enumerate(first) if at == number]
            late = [n for n in again if first[n] < number]
            corrected = [n for n in changed if first[n] < number and name in CHANGED]
            parts = [rows.filter(pl.col("n").is_in(own + late))]
            new = {c: pl.lit(v, frame.schema[c]) for c, v in CHANGED.get(name, {}).items()}
            parts.append(rows.filter(pl.col("n").is_in(corrected)).with_columns(**new))
            told = pl.concat(parts).drop("n").sample(fraction=1, shuffle=True, seed=seed)
            if told.height or number == 0:
                batch[name] = told
    return made


def together(told: list[Batch]) -> Batch:
    """Put batches into one frame per table, each as a file that comes after the one before."""
    names = dict.fromkeys(name for batch in told for name in batch)
    made = {}
    for name in names:
        parts = [
            batch[name].with_columns(_file=pl.lit(f"batch {n:06d}"))
            for n, batch in enumerate(told, 1)
            if name in batch
        ]
        made[name] = pl.concat(parts).with_row_index("_row", offset=1).cast({"_row": pl.Int64})
    return made


def rows_of(company: Company, name: str) -> pl.DataFrame:
    frame = company.rows(name).collect(backend="polars").to_native()
    return frame.select(sorted(frame.columns)).sort(pl.all())


def assert_same(one: Company, other: Company) -> None:
    assert (one.exported_on, one.as_of) == (other.exported_on, other.as_of)
    assert [str(note) for note in one.notices] == [str(note) for note in other.notices]
    assert_frame_equal(one.stints, other.stints)
    assert one.changes.told == other.changes.told
    assert_frame_equal(one.changes.frame, other.changes.frame)
    assert_frame_equal(one.changes.aside, other.changes.aside)
    for name in TABLES:
        assert_frame_equal(rows_of(one, name), rows_of(other, name))
        if name != "stints":
            assert one.receipt(name) == other.receipt(name)
            assert one.columns(name) == other.columns(name)
            assert_frame_equal(one.table(name), other.table(name))


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_every_batch_leaves_what_all_of_them_make(tmp_path: Path, seed: int) -> None:
    made = batches(seed, count=3)
    path = build_store(tmp_path / "grown", made[0], SETTINGS, buckets=3)
    plain = company_from_frames(made[0], SETTINGS)
    for number in range(2, len(made) + 1):
        extend_store(path, made[number - 1])
        told = together(made[:number])
        plain = company_from_frames(told, SETTINGS)
        assert_same(plain, spm_lib.open(path))
        past = plain.as_of - timedelta(days=40)
        assert_same(plain.at(past), spm_lib.open(path, as_of=past))
    reasons = set(plain.receipt("opportunities").set_aside) | set(
        plain.receipt("activities").set_aside
    )
    assert reasons >= {"in a later file too"}
    anew = build_store(tmp_path / "anew", together(made), SETTINGS, buckets=3)
    assert_same_rows(path.parent, anew.parent)


def assert_same_rows(grown: Path, built: Path) -> None:
    """Hold what the buckets were told, and what is known of it, against those built at once."""
    one, other = read_contents(grown), read_contents(built)
    assert (one.whole, one.places) == (other.whole, other.places)
    for here, there in zip(one.buckets, other.buckets, strict=True):
        assert (here.given, here.rows, here.last) == (there.given, there.rows, there.last)
        assert read_counts(grown, here) == read_counts(built, there)
        told = [read_told(f, b, list(KEYS)) for f, b in ((grown, here), (built, there))]
        for name, frame in told[1].items():
            assert_frame_equal(told[0][name].sort("_place"), frame)


def test_only_buckets_that_are_named_are_written(tmp_path: Path) -> None:
    facts = frames(random_facts(1, deals=24))
    path = build_store(tmp_path, facts, SETTINGS, buckets=4)
    before = read_contents(tmp_path).buckets
    deal = facts["opportunities"]["opportunity_id"][0]
    late = {"opportunity_id": [deal], "entered_at": [FIRST], "stage": ["Lead"], "seq": [99]}
    extend_store(path, {"stage_events": pl.DataFrame(late)})
    after = read_contents(tmp_path).buckets
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    for _ in range(2):  # views of rows that are no more go with the state before
        spm_lib.open(path).rows("opportunities")
        late["seq"] = [late["seq"][0] + 1]
        extend_store(path, {"stage_events": pl.DataFrame(late)})
    assert len(list((tmp_path / "views").glob("opportunities-*"))) <= 2 + 4
    there = {file.name for file in (tmp_path / "rows").iterdir()}
    contents = read_contents(tmp_path)
    assert there == contents.files() | set(contents.before)


@pytest.mark.parametrize("began", [True, False])
def test_a_reader_that_was_overtaken_is_told_to_open_again(tmp_path: Path, began: bool) -> None:
    facts = frames(random_facts(1, deals=24))
    path = build_store(tmp_path, facts, SETTINGS, buckets=1)
    company = spm_lib.open(path)
    if began:
        company.rows("opportunities")
    late = {"opportunity_id": facts["opportunities"]["opportunity_id"][:1], "stage": ["Lead"]}
    for number in (99, 100, 101):
        told = {**late, "entered_at": [FIRST], "seq": [number]}
        extend_store(path, {"stage_events": pl.DataFrame(told)})
        spm_lib.open(path).rows("opportunities")
    with pytest.raises(DataError, match=r"extended since it was opened.*Open it again"):
        measure(company, "won.count")
    assert measure(spm_lib.open(path), "won.count").frame["value"].item() is not None


def test_what_readers_write_while_views_are_swept_stays(tmp_path: Path, monkeypatch) -> None:
    """A view that is begun, or done, after the writer looked at what there is."""
    facts = frames(random_facts(1, deals=24))
    path = build_store(tmp_path, facts, SETTINGS, buckets=1)
    views = tmp_path / "views"
    late = [views / name for name in (".7-7-stints-000-x-y.parquet", "stints-000-x-y.parquet")]

    def swept(folder: Path, **named) -> int:
        if folder == views:
            views.mkdir(exist_ok=True)
            for file in late:
                file.touch()
        return sweep(folder, **named)

    monkeypatch.setattr(writing, "sweep", swept)
    extend_store(path, {"orders": facts["orders"][:3]})
    assert all(file.is_file() for file in late)


def test_only_deals_that_are_named_are_looked_at(tmp_path: Path, monkeypatch) -> None:
    """A view is mended: what is made anew is of the deals of the batch, also two batches later."""
    facts = frames(random_facts(1, deals=24))
    path = build_store(tmp_path, facts, SETTINGS, buckets=1)
    spm_lib.open(path).rows("stints")
    for deal in facts["opportunities"]["opportunity_id"][:2]:
        late = {"opportunity_id": [deal], "entered_at": [FIRST], "stage": ["Lead"], "seq": [99]}
        extend_store(path, {"stage_events": pl.DataFrame(late)})
    looked_at: list[pl.DataFrame] = []
    monkeypatch.setattr(
        tables, "read_book", lambda *given, **named: _noted(looked_at, *given, **named)
    )
    spm_lib.open(path).rows("stints")
    deals = {deal for rows in looked_at for deal in rows["opportunity_id"]}
    assert deals == set(facts["opportunities"]["opportunity_id"][:2])


def _noted(seen: list[pl.DataFrame], *given, **named) -> dict[str, pl.DataFrame]:
    found = read_book(*given, **named)
    seen.append(found["opportunities"])
    return found
