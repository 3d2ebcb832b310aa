"""Kept columns of any name: the client's own columns never meet the workbench's."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from spm_lib.metrics import measure, metric
from spm_lib.metrics.dimensions import DATED
from spm_lib.metrics.measured import FIXED
from spm_lib.metrics.windows import GRAINS
from spm_lib.model import Company, company_from_frames, metric_ids, registry
from spm_lib.model.kept import kept_names, taken_names
from tests.examples import rest_as_proofs
from tests.metrics.companies import SETTINGS, frames, random_facts

pytestmark = pytest.mark.slow

WORKING = ("missing", "reason", "numerator", "denominator", "observed", "rows", "priced", "Reason")
TAKEN = ("stage_rank", "created_on", "created_day", "team", "month", "value", "n", "used", "metric")
CASES = ("Stage", "Source", "Amount", "segment")
IDS = [m.id for m in metric_ids() if m.room == "metrics"]
FACTS = random_facts(42, deals=30)
ENGINES = pytest.mark.parametrize("engine", ["polars", "duckdb"])


def kept(engine: str, *names: str) -> Company:
    """Return the company whose deals and activities have columns of these names."""
    made = frames(FACTS)
    for table in ("opportunities", "activities", "orders"):
        kinds = pl.Series("k", ["p", "q"] * made[table].height).head(made[table].height)
        own = {n: kinds for n in names if n not in made[table].columns}
        made[table] = made[table].with_columns(**own)
    return company_from_frames(made, SETTINGS, as_of=FACTS.as_of, engine=engine)


@pytest.mark.parametrize("engine", rest_as_proofs(["polars", "duckdb"]))
def test_kept_columns_change_no_figure(engine: str) -> None:
    """A kept ``missing`` set every deal aside; ``numerator`` and others took part in sums."""
    plain, full = kept(engine), kept(engine, *WORKING, *TAKEN, *CASES, "amount", "_x", "lost")
    for name in IDS:
        here, there = (measure(co, name) for co in (plain, full))
        assert here.frame.equals(there.frame), name
        assert here.receipts == there.receipts, name
    assert plain.receipt("activities") == full.receipt("activities")


@pytest.mark.parametrize("engine", rest_as_proofs(["polars", "duckdb"]))
def test_every_kept_column_can_be_broken_down_by(engine: str) -> None:
    columns = (*WORKING[:-1], *TAKEN, *CASES)
    co = kept(engine, *columns)
    for given, name in kept_names(columns, table="opportunities").items():
        if given == "segment":
            continue
        for one in ("won.count", "win_rate.closed.count", "stage_conversion.cohort"):
            found = measure(co, one, by=name).frame[name].unique().sort().to_list()
            assert found == ["p", "q"], (one, name)


def test_columns_are_renamed_with_a_notice_where_the_name_is_taken() -> None:
    co = kept("polars", "Stage", "team")
    assert co.columns("opportunities")[1] == ["segment", "result", "Stage_kept", "team_kept"]
    told = [n for n in co.notices if n.kind == "renamed_column" and n.table == "opportunities"]
    assert told[0].values == ("Stage_kept", "team_kept")


def test_a_breakdown_by_the_amount_itself_works() -> None:
    frame = measure(kept("polars"), "won.count", by="amount").frame
    assert frame["value"].sum() == measure(kept("polars"), "won.count").frame["value"].item()


@ENGINES
def test_an_own_metric_does_not_meet_kept_columns(engine: str) -> None:
    before = dict(registry._METRICS)
    co = kept(engine, "reason", "numerator")

    @metric("own.wins", title="Wins", formula="Wins", kind="count")
    def wins(rows: nw.LazyFrame) -> nw.LazyFrame:
        left = nw.when(nw.col("outcome") != "won").then(nw.lit("not won"))
        return rows.with_columns(reason=left)

    try:
        frame = measure(co, "own.wins", by="reason").frame
    finally:
        registry._METRICS.clear()
        registry._METRICS.update(before)
    assert frame["reason"].to_list() == ["p", "q"]
    assert frame["value"].sum() == measure(co, "won.count").frame["value"].item()


def test_every_name_of_a_result_is_taken() -> None:
    co = kept("polars")
    names = {c for name in IDS for c in measure(co, name, by="rep_id").frame.columns}
    names |= {*FIXED, *GRAINS, *DATED}
    free = {
        n
        for n in names - taken_names("opportunities")
        if kept_names([n], table="opportunities")[n] == n
    }
    assert free == set()
