"""The conformance suite: what every engine is asked, and how its answers are compared with polars'.

A class per engine inherits the tests, so that a new metric, or a new trap, is covered on all of
them. The companies hold ties, skips, regressions, reopened deals, nulls and empty tables, and tell
instants around midnight in three zones.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import spm_lib
from spm_lib.core.errors import MetricError, SpmError
from spm_lib.metrics import measure
from spm_lib.model import Company, MetricId, build_store, company_from_frames, metric_id, metric_ids
from spm_lib.workspace import ConnectionSettings, Scope, Settings
from spm_lib.workspace.settings import WorkspaceSection
from tests.metrics.companies import SETTINGS, Facts, frames, random_facts
from tests.metrics.test_too_much_money import rich

GAPS: dict[tuple[str, str], str] = {}  # (engine, metric) -> why it cannot be answered there yet
WAREHOUSE = "SPM_TEST_WAREHOUSE"  # the environment's name for the address of the tests' warehouse
IDS = [m for m in metric_ids() if m.room == "metrics"]
ZONES = ("Asia/Jerusalem", "America/Los_Angeles", "Pacific/Auckland")
BYS = (None, ["rep_id"], ["month"], ["team", "quarter"])
WINDOWS = (None, "2026-02", "2026-Q1", "2026")
QUESTIONS = [(by, window) for window in WINDOWS for by in BYS]
TOLD = random_facts(99, deals=60)
UNTOLD = random_facts(97, deals=40, history=False)  # and without some dates
KNOWN = {"opportunities": ["segment"]}
PAST = date(2026, 2, 10)

ROOMS = ("forecast", "incentives", "process", "reps", "segments", "targets")
for _room in ROOMS:
    importlib.import_module(f"spm_lib.{_room}")  # each declares its ids

every_metric = pytest.mark.parametrize("metric", IDS, ids=lambda m: m.id)
some_metrics = pytest.mark.parametrize("metric", IDS[::4], ids=lambda m: m.id)


def settings_in(zone: str) -> Settings:
    """Return the settings of a client in a zone, with the tests' warehouse among its databases."""
    return Settings(
        path=Path("spm.toml"),
        workspace=WorkspaceSection(id="tiny", name="Tiny", currency="ILS", timezone=zone),
        pipelines=SETTINGS.pipelines,
        connections={"warehouse": ConnectionSettings(url=f"${{{WAREHOUSE}}}")},
    )


def timed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with an hour of the day in place of days; of one day the same (a tie)."""
    days = [c for c in frame.columns if c.endswith("_at") and frame.schema[c] == pl.Date]
    hour = pl.duration(hours=pl.col(days).cast(pl.Int32) * 7 % 24)
    return frame.with_columns(pl.col(days).cast(pl.Datetime("us", "UTC")) + hour)


def told_at_hours(facts: Facts) -> dict[str, pl.DataFrame]:
    """Return the tables of a company, with hours of the day in place of days."""
    return {name: timed(frame) for name, frame in frames(facts).items()}


@functools.cache
def seeded(engine: str, zone: str = ZONES[0], *, told: bool = True, few: bool = True) -> Company:
    """Return the company of all traps on an engine; made once, for it keeps what it derives.

    What was counted as of ``few`` rows is kept apart from what was counted as of many.
    """
    facts = TOLD if told else UNTOLD
    return company_from_frames(
        told_at_hours(facts),
        settings_in(zone),
        as_of=facts.as_of,
        engine=engine,
        known_at_creation=KNOWN,
    )


@functools.cache
def emptied(engine: str) -> Company:
    """Return a company whose only rows are three deals, and whose other tables are empty."""
    made = {
        name: frame if name == "opportunities" else frame.clear()
        for name, frame in frames(random_facts(1, deals=3)).items()
    }
    settings, as_of = settings_in(ZONES[0]), date(2026, 3, 31)
    return company_from_frames(made, settings, as_of=as_of, engine=engine)


def expect_gap(request: pytest.FixtureRequest, engine: str, metric: MetricId) -> None:
    """Expect a test to fail where the table of gaps says so; one that passes then fails."""
    reason = GAPS.get((engine, metric.id))
    if reason:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


def assert_agree(metric: MetricId, ours: Company, theirs: Company, questions: Iterable) -> None:
    """Compare answers: whole numbers exactly, floats to nine digits, receipts to the last row."""
    for by, window in questions:
        here, there = (measure(co, metric.id, by=by, window=window) for co in (ours, theirs))
        assert_frame_equal(here.frame, there.frame, rel_tol=1e-9, abs_tol=1e-12)
        assert here.receipts == there.receipts


def figures_of(metric: MetricId, company: Company) -> list[object]:
    """Return all figures of a metric, or its refusal."""
    assert metric.compute is not None
    try:
        return metric.compute(company)
    except SpmError as refusal:
        return [str(refusal)]


class Conformance:
    """The suite of one engine, whose name its class gives, and how many questions it is asked."""

    engine: ClassVar[str]
    each: ClassVar[int] = 1

    def handed(self, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
        """Return tables as those have them who build a store for the engine."""
        return tables

    @some_metrics  # every one is asked every question in ``make validate``
    def test_questions_by_turns(self, metric: MetricId, request, monkeypatch) -> None:
        """A metric is asked of a zone and of windows and columns by turns, as of many rows."""
        expect_gap(request, self.engine, metric)
        monkeypatch.setattr("spm_lib.model.company.FEW_ROWS", -1)
        turn = IDS.index(metric)
        pair = [seeded(engine, ZONES[turn % 3], few=False) for engine in ("polars", self.engine)]
        asked = [QUESTIONS[(turn + step) * 5 % len(QUESTIONS)] for step in range(self.each)]
        assert_agree(metric, *pair, asked)

    def test_empty_tables_give_empty_answers(self) -> None:
        for metric in IDS[::8]:
            asked = [(["rep_id", "month"], (date(2031, 1, 1),) * 2), (None, "2031")]
            assert_agree(metric, emptied("polars"), emptied(self.engine), asked)

    def test_an_earlier_day_and_a_scope_hold(self) -> None:
        scope = Scope.rep("r1")
        for name in ("won.amount", "stage_conversion.cohort", "pipeline.count", "activity.count"):
            whole = [seeded(engine) for engine in ("polars", self.engine)]
            ours, theirs = (co.at(PAST).within(scope) for co in whole)
            here, there = (measure(co, name, by="rep_id") for co in (ours, theirs))
            assert_frame_equal(here.frame, there.frame)
            assert here.receipts == there.receipts
            assert set(there.frame["rep_id"]) == {"r1"}
            assert set(there.frame["as_of"]) == {PAST}

    def test_a_store_is_read_by_the_engine(self, tmp_path: Path) -> None:
        """The files of a store's view give the answers that frames in memory give."""
        told = self.handed(told_at_hours(TOLD))
        path = build_store(
            tmp_path, told, settings_in(ZONES[0]), known_at_creation=KNOWN, buckets=3
        )
        stored = spm_lib.open(path, as_of=TOLD.as_of, engine=self.engine)
        for metric in IDS[::5]:
            assert_agree(metric, seeded("polars"), stored, [(["rep_id", "month"], None)])
        for table in told:
            assert stored.receipt(table) == seeded("polars").receipt(table)
        views = [co.at(PAST).within(Scope.rep("r1")) for co in (seeded("polars"), stored)]
        assert_agree(metric_id("pipeline.amount"), *views, [("stage", None)])

    @pytest.mark.parametrize("metric", ["won.amount", "pipeline.amount"])
    def test_sums_that_cannot_be_held_are_refused(self, metric: str) -> None:
        """Cell by cell they can be held or not: the sum of all cannot."""
        stage = "Won" if metric == "won.amount" else "Lead"
        co = rich(self.engine, stage=stage, settings=settings_in(ZONES[0]))
        with pytest.raises(MetricError, match="adds up to more than can be held"):
            measure(co, metric)

    @pytest.mark.proof
    @every_metric
    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize("few", [True, False], ids=["few rows", "many rows"])
    def test_every_question(
        self, metric: MetricId, zone: str, few: bool, request, monkeypatch
    ) -> None:
        expect_gap(request, self.engine, metric)
        monkeypatch.setattr("spm_lib.model.company.FEW_ROWS", 100_000 if few else -1)
        pair = [seeded(engine, zone, few=few) for engine in ("polars", self.engine)]
        assert_agree(metric, *pair, QUESTIONS)

    @pytest.mark.proof
    @every_metric
    def test_without_history_and_with_null_dates(self, metric: MetricId, request) -> None:
        expect_gap(request, self.engine, metric)
        ours, theirs = (seeded(engine, told=False) for engine in ("polars", self.engine))
        if "stints" in metric.table:
            with pytest.raises(MetricError, match=r"history|stints"):
                measure(theirs, metric.id)
            return
        assert_agree(metric, ours, theirs, [("rep_id", "2026-Q1"), (None, None)])

    @pytest.mark.proof
    @pytest.mark.parametrize("room", ROOMS)
    def test_figures_of_every_room(self, room: str) -> None:
        """What other rooms make of metrics, told as a reader sees it, or refused alike."""
        pair = [seeded(engine) for engine in ("polars", self.engine)]
        for metric in metric_ids():
            if metric.room == room and metric.compute is not None:
                here, there = (figures_of(metric, co) for co in pair)
                assert here == there, metric.id
