"""A company in a store on disk gives every figure and receipt that the same one in memory gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from numpy.testing import assert_array_equal
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.core.errors import DataError, SpmError
from spm_lib.forecast import history_of, reps_of
from spm_lib.metrics import measure
from spm_lib.metrics.measure import answer, measure_of
from spm_lib.model import Company, build_store, company_from_frames, metric_ids
from spm_lib.model.overtaken import told_when_overtaken
from spm_lib.model.stored.tables import StoredTables
from tests.examples import rest_as_proofs
from tests.metrics.companies import SETTINGS, Facts, company, frames, random_facts

IDS = [m.id for m in metric_ids() if m.room == "metrics"]
BYS = (None, ["rep_id"], ["month"], ["team", "quarter"])
NEWEST, PAST = date(2026, 3, 31), date(2026, 1, 31)
VIEWS = (
    ("rep:r1", NEWEST, True),
    ("segment=small", PAST, True),
    ("company", PAST, False),
    pytest.param("manager:m2", PAST, True, marks=pytest.mark.proof),
)
KNOWN = {"opportunities": ["segment"]}
EVERYTHING = ("opportunities", "stage_events", "activities", "orders", "targets", "costs")


@pytest.fixture
def on_disk_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing put the tables of a store together in memory."""

    def refused(_tables: StoredTables) -> None:
        raise AssertionError("the whole book is asked for")

    monkeypatch.setattr(StoredTables, "whole", property(refused))


def stored(folder, facts: Facts, *, buckets: int = 4):
    return build_store(folder, frames(facts), SETTINGS, known_at_creation=KNOWN, buckets=buckets)


def assert_same_figures(
    one: Company, other: Company, *, bys=BYS, exact: bool = True, step: int = 1
) -> None:
    """Ask both companies every metric of the dictionary, or one in so many."""
    for name in IDS[::step]:
        for by in bys:
            here, there = asked(one, name, by), asked(other, name, by)
            if isinstance(here, str) or isinstance(there, str):
                assert here == there, (name, by)
                continue
            assert_frame_equal(here.frame, there.frame, check_exact=exact, rel_tol=1e-9)
            assert here.receipts == there.receipts, (name, by)
    for table in EVERYTHING:
        assert one.receipt(table) == other.receipt(table), table


def asked(co: Company, name: str, by):
    """The answer as anybody sees it, or why there is none."""
    try:
        return measure(co, name, by=by)
    except SpmError as error:
        return str(error)


@pytest.mark.usefixtures("on_disk_only")
def test_every_metric_is_the_same_from_files(tmp_path) -> None:
    facts = random_facts(99, deals=40)
    read = spm_lib.open(stored(tmp_path, facts), as_of=facts.as_of)
    assert_same_figures(company(facts), read, bys=(["team", "month"],))


@pytest.mark.slow
@pytest.mark.usefixtures("on_disk_only")
@pytest.mark.parametrize(("scope", "day", "history"), VIEWS)
def test_every_view_is_the_same_from_files(tmp_path, scope: str, day: date, history: bool) -> None:
    facts = random_facts(3, deals=20, history=history)
    whole = company(facts).at(day)
    view = whole.within(spm_lib.model.scope_named(whole, scope))
    read = spm_lib.open(stored(tmp_path, facts, buckets=2), as_of=day, scope=scope)
    assert (read.scope, read.exported_on) == (view.scope, view.exported_on)
    assert_frame_equal(read.changes.frame, view.changes.frame)
    assert_same_figures(view, read, bys=(["rep_id"],))


@pytest.mark.usefixtures("on_disk_only")
def test_a_forecast_reads_the_columns_it_needs_and_tells_the_same(tmp_path) -> None:
    facts = random_facts(21, deals=40)
    read = spm_lib.open(stored(tmp_path, facts), as_of=facts.as_of)
    pair = (company(facts), read)
    columns = ("opportunity_id", "closed_at", "segment", "amount")
    assert_frame_equal(*(co.some("opportunities", *columns) for co in pair))
    here, there = (history_of(co, reps=reps_of(co)) for co in pair)
    assert here.deal_ids == there.deal_ids
    assert here.states is not None
    for part in ("won", "open", "states"):
        told = [vars(getattr(history, part)) for history in (here, there)]
        for name, values in told[0].items():
            assert_array_equal(values, told[1][name], err_msg=f"{part} {name}")


@pytest.mark.slow
@pytest.mark.usefixtures("on_disk_only")
@pytest.mark.parametrize("step", rest_as_proofs([6, 1]))
def test_duckdb_reads_the_same_files(tmp_path, step: int) -> None:
    """Instants come to it as UTC wall-clock times, as those of frames do."""
    made = frames(random_facts(5, deals=20))
    events = made["stage_events"]
    timed = pl.col("entered_at").cast(pl.Datetime("us")) + pl.duration(hours=9)
    made["stage_events"] = events.with_columns(entered_at=timed)
    plain = company_from_frames(made, SETTINGS, engine="duckdb")
    read = spm_lib.open(build_store(tmp_path, made, SETTINGS, buckets=3), engine="duckdb")
    assert_same_figures(plain, read, bys=(["rep_id"],), exact=False, step=step)
    here, there = (co.rows("stage_events").collect_schema() for co in (plain, read))
    assert here == there


def test_a_file_that_a_metric_of_ones_own_misses_is_none_of_the_stores(
    tmp_path, monkeypatch
) -> None:
    facts = random_facts(1, deals=8)
    read = spm_lib.open(stored(tmp_path / "store", facts, buckets=1))
    made = measure_of("won.count")
    for missing, known in (("list.csv", FileNotFoundError), ("store/rows/list", DataError)):

        def classify(_rows, _context, file=tmp_path / missing):
            return pl.scan_csv(file).collect()

        own = replace(made, classify=classify)
        with pytest.raises(known, match="list"):
            answer(read, own, by=None, window=None)
    folder = read.book.folder
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="Open it again"), told_when_overtaken(folder):
        pl.read_parquet("store/rows/gone.parquet")
