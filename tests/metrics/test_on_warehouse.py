"""A warehouse, for real: a PostgreSQL of these tests', asked through Ibis."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.core.errors import DataError, SourceError, WorkspaceError
from spm_lib.metrics import measure
from spm_lib.model import build_store, company_from_frames, extend_store
from spm_lib.model.engines import engine_of
from tests.metrics.companies import SETTINGS, frames
from tests.metrics.conformance import TOLD, WAREHOUSE, Conformance, settings_in
from tests.postgres import connected

pytestmark = [pytest.mark.slow, pytest.mark.needs_extra("warehouse")]


@pytest.fixture(scope="module", autouse=True)
def address(new_postgres) -> Iterator[str]:
    """The address of an empty database, in the environment."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(WAREHOUSE, new_postgres())
        yield os.environ[WAREHOUSE]


class TestWarehouse(Conformance):
    engine = "warehouse"


def test_what_nobody_asks_any_more_is_dropped(address: str) -> None:
    """A view of the company takes its temporary tables along when it goes."""
    engine = engine_of("warehouse", settings_in("UTC"))
    frame = pl.DataFrame({"a": [1, None, 3]})

    def there() -> int:
        rows = nw.from_native(engine._connected().table("pg_class", database="pg_catalog"))
        named = rows.filter(nw.col("relname").str.starts_with("spm_")).select("relname")
        return len(engine.brought_in(named, few=True))

    gc.collect()
    first = engine.lazy(frame)
    before = there()
    rows = engine.lazy(frame)
    assert there() == before + 1
    assert_frame_equal(engine.brought_in(rows, few=True), frame, check_row_order=False)
    del rows
    gc.collect()
    last = engine.lazy(frame)
    assert there() == before + 1, "one went, one came"
    assert first is not last, "both are still asked"


def test_a_connection_that_was_lost_is_opened_again_with_its_tables(address: str, tmp_path) -> None:
    """As where the server was started anew: what it kept of the session is gone."""
    engine, settings = engine_of("warehouse", settings_in("UTC")), settings_in("UTC")
    frame = pl.DataFrame({"a": [1, None, 3]})
    frame.write_parquet(tmp_path / "a.parquet")
    kept = [engine.lazy(frame), engine.lazy_files([tmp_path / "a.parquet"])]
    ours, theirs = (
        company_from_frames(frames(TOLD), settings, engine=e) for e in ("polars", "warehouse")
    )
    for metric in ("won.count", "stage_conversion.cohort"):
        here, there = (measure(co, metric, by="rep_id") for co in (ours, theirs))
        assert_frame_equal(here.frame, there.frame)
        cut_off(address)
    for rows in kept:
        assert_frame_equal(engine.brought_in(rows, few=True), frame, check_row_order=False)
    cut_off(address)
    del rows, kept[0]
    gc.collect()
    assert engine.brought_in(engine.lazy(frame), few=True).height == 3, "one that is new"
    text = engine.lazy(pl.DataFrame({"a": ["x"]}))
    session = engine._connected().con
    with pytest.raises(SourceError, match="invalid input syntax"):
        engine.brought_in(text.select(nw.col("a").cast(nw.Int64)), few=True)
    assert engine._connected().con is session, "a fault of the question itself opens nothing"


def test_tables_that_could_not_be_put_there_again_are_so_by_the_next_question(
    address: str, tmp_path, monkeypatch
) -> None:
    """A server that goes away twice, and a file that is gone, leave nobody without his tables."""
    engine = engine_of("warehouse", settings_in("UTC"))
    frame = pl.DataFrame({"a": [1, None, 3]})
    frame.write_parquet(tmp_path / "a.parquet")
    gone = engine.lazy_files([tmp_path / "a.parquet"])
    kept = [engine.lazy(frame) for _ in range(3)]
    (tmp_path / "a.parquet").unlink()
    cut_off(address)
    put, done = engine._put, []

    def once(name: str, rows: Any) -> Any:
        if len(done) == 2:
            monkeypatch.setattr(engine, "_put", put)
            raise ConnectionError("gone again")
        done.append(name)
        return put(name, rows)

    monkeypatch.setattr(engine, "_put", once)
    with pytest.raises(SourceError, match="gone again"):
        engine.brought_in(kept[2], few=True)
    for rows in kept:
        assert_frame_equal(engine.brought_in(rows, few=True), frame, check_row_order=False)
    with pytest.raises(SourceError, match="does not exist"):
        engine.brought_in(gone, few=True)


def test_a_reader_that_was_overtaken_is_told_to_open_again(address: str, tmp_path) -> None:
    """Files of rows that went with a later state are no fault of the warehouse's."""
    told = frames(TOLD)
    path = build_store(tmp_path, told, settings_in("UTC"), buckets=1)
    company = spm_lib.open(path, engine="warehouse")
    late = told["opportunities"][:1]
    for _ in range(3):
        company.book.parts(company, "opportunities")
        extend_store(path, {"opportunities": late})
        spm_lib.open(path).rows("opportunities")
    with pytest.raises(DataError, match=r"extended since it was opened.*Open it again"):
        measure(company, "won.count")


def cut_off(address: str) -> None:
    """End every session of a database but this one."""
    with closing(connected(address)) as one:
        one.cursor().execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


def test_what_the_warehouse_refuses_is_told_without_its_address(monkeypatch, address: str) -> None:
    secret = "hunter2"
    wrong = address.replace("postgres:@", f"nobody:{secret}@")
    assert secret in wrong
    monkeypatch.setenv(WAREHOUSE, wrong)
    co = company_from_frames(frames(TOLD), settings_in("UTC"), engine="warehouse")
    with pytest.raises(SourceError, match="The warehouse refuses") as told:
        measure(co, "won.count")
    assert secret not in str(told.value)
    assert address.partition("host=")[2] not in str(told.value)
    monkeypatch.delenv(WAREHOUSE)
    with pytest.raises(SourceError, match=WAREHOUSE):
        company_from_frames(frames(TOLD), settings_in("UTC"), engine="warehouse")
    with pytest.raises(WorkspaceError, match=r"no \[connections.warehouse\]"):
        company_from_frames(frames(TOLD), SETTINGS, engine="warehouse")
