"""A company with two pipelines is two companies side by side: the same answers, in each's order.

The second pipeline has two of the first one's stage names, the other way round.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from spm_lib.metrics import measure, stage_conversion
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection
from tests.metrics.companies import OPEN, SETTINGS, Facts, frames, random_facts
from tests.metrics.oracles import funnel

pytestmark = pytest.mark.slow

SECOND = ("Intake", "Proposal", "Qualified", "Contract")
OTHER = {
    **dict(zip(OPEN, SECOND, strict=True)),
    "Won": "Renewed",
    "Lost": "Lapsed",
}
BOTH = Settings(
    path=Path("spm.toml"),
    workspace=WorkspaceSection(id="two", name="Two", currency="ILS"),
    pipelines={
        "sales": Stages(open=OPEN, won=("Won",), lost=("Lost",)),
        "renewals": Stages(open=SECOND, won=("Renewed",), lost=("Lapsed",)),
    },
)
FACTS = random_facts(71, deals=70)
QUARTER = (date(2026, 1, 1), date(2026, 4, 1))
METRICS = ("won.amount", "win_rate.closed.count", "cycle.won.median_days", "open.count")
STAGED = ("time_in_stage.median_days", "time_in_stage.km_median_days")


def half(which: int) -> Facts:
    """Every second deal: the first pipeline's, or the second's."""
    return Facts(deals=FACTS.deals[which::2], activities=[], orders=[])


def two(engine: str = "polars") -> Company:
    """One company with both halves, each in its pipeline, the second's stages renamed."""
    parts = [frames(half(0)), frames(half(1))]
    stage = pl.col("stage").replace_strict(OTHER)
    made = {}
    for name in ("opportunities", "stage_events"):
        first = parts[0][name].with_columns(pipeline=pl.lit("sales"))
        second = parts[1][name].with_columns(stage, pipeline=pl.lit("renewals"))
        made[name] = pl.concat([first, second])
    return company_from_frames(made, BOTH, as_of=FACTS.as_of, engine=engine)


def alone(which: int) -> Company:
    """The company that has one half only, in the one pipeline there is."""
    made = {n: f for n, f in frames(half(which)).items() if n in ("opportunities", "stage_events")}
    return company_from_frames(made, SETTINGS, as_of=FACTS.as_of)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("how", ["cohort", "period"])
@pytest.mark.parametrize("window", [None, QUARTER], ids=str)
def test_each_funnel_is_a_walk_along_its_own_deals(engine, how, window) -> None:
    frame = stage_conversion(two(engine), how=how, window=window)
    assert frame["pipeline"].to_list() == ["sales"] * 4 + ["renewals"] * 4
    assert frame["stage"].to_list() == [*OPEN, *SECOND]
    for which, names in enumerate((OPEN, SECOND)):
        truth = funnel(half(which), how=how, window=window)
        rows = frame.slice(4 * which, 4).iter_rows(named=True)
        for stage, own, row in zip(OPEN, names, rows, strict=True):
            assert row["stage"] == own
            assert {name: row[name] for name in truth[stage]} == truth[stage]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("metric", METRICS)
def test_a_pipeline_is_the_company_of_its_deals(engine: str, metric: str) -> None:
    rows = measure(two(engine), metric, by="pipeline").frame.to_dicts()
    assert [row["pipeline"] for row in rows] == ["sales", "renewals"]
    for which, row in enumerate(rows):
        truth = measure(alone(which), metric).frame.row(0, named=True)
        assert (row["value"], row["n"]) == (truth["value"], truth["n"])


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("metric", [*STAGED, "pipeline.count"])
def test_stages_of_each_pipeline_stand_in_its_own_order(engine: str, metric: str) -> None:
    by = ["pipeline", "stage"]
    rows = measure(two(engine), metric, by=by).frame.to_dicts()
    found = {(row["pipeline"], row["stage"]): row["value"] for row in rows}
    told = [(row["pipeline"], row["stage"]) for row in rows]
    own = [("sales", stage) for stage in OPEN] + [("renewals", stage) for stage in SECOND]
    assert told == [place for place in own if place in found]
    for which, (name, names) in enumerate((("sales", OPEN), ("renewals", SECOND))):
        truth = measure(alone(which), metric, by="stage").frame.to_dicts()
        renamed = dict(zip(OPEN, names, strict=True))
        expected = {(name, renamed[row["stage"]]): row["value"] for row in truth}
        assert {place: v for place, v in found.items() if place[0] == name} == expected
