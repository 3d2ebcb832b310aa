"""The engines of this process: polars counts few rows and many alike, and DuckDB as polars does."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.metrics import measure, stage_conversion, survival
from spm_lib.model import MetricId, company_from_frames
from tests.examples import examples, rest_as_proofs
from tests.metrics.companies import SETTINGS, Facts, Row, company, frames
from tests.metrics.conformance import (
    GAPS,
    IDS,
    QUESTIONS,
    TOLD,
    Conformance,
    emptied,
    every_metric,
    some_metrics,
)

pytestmark = pytest.mark.slow

POLARS, DUCKDB = company(TOLD), company(TOLD, engine="duckdb")
STREAMED = company(TOLD)  # asked as if it had many rows, never as if few


@every_metric
def test_few_rows_and_many_are_counted_alike(metric: MetricId, monkeypatch) -> None:
    """Of few rows each is a cell, of many what is asked is counted: the same to the last digit.

    The few are asked for another window before, from whose cells the later ones are cut. Of the
    many three questions in sixteen are asked, by turns.
    """
    first = IDS.index(metric)
    turns = [(first + step) * 5 % len(QUESTIONS) for step in range(examples(3, tenfold=50))]
    asked = [QUESTIONS[turn] for turn in turns]
    for by, _ in asked:
        measure(POLARS, metric.id, by=by, window="2026-02")
    known = [measure(POLARS, metric.id, by=by, window=window) for by, window in asked]
    monkeypatch.setattr("spm_lib.model.company.FEW_ROWS", -1)
    for (by, window), here in zip(asked, known, strict=True):
        there = measure(STREAMED, metric.id, by=by, window=window)
        assert_frame_equal(here.frame, there.frame, check_exact=True)
        assert here.receipts == there.receipts


class TestDuckDB(Conformance):
    engine, each = "duckdb", 2

    @every_metric
    def test_questions_by_turns(self, metric: MetricId, request, monkeypatch) -> None:
        """Of the engine that everybody has each metric is asked in each run."""
        super().test_questions_by_turns(metric, request, monkeypatch)

    @some_metrics
    def test_null_dates_always(self, metric: MetricId, request) -> None:
        self.test_without_history_and_with_null_dates(metric, request)


def test_polars_and_duckdb_answer_everything() -> None:
    assert not [gap for gap in GAPS if gap[0] in ("polars", "duckdb")]
    assert {name for _, name in GAPS} <= {metric.id for metric in IDS}


@every_metric
@pytest.mark.parametrize("engine", rest_as_proofs(["polars", "duckdb"]))
def test_empty_tables_give_an_empty_answer(metric: MetricId, engine: str) -> None:
    """One closed deal keeps the company dated; the window holds nothing."""
    co = emptied(engine)
    answer = measure(co, metric.id, window="2031")
    assert answer.frame.filter(pl.col("value").is_not_null() & (pl.col("value") != 0)).height == 0
    by_rep = measure(co, metric.id, by=["rep_id", "month"], window=(date(2031, 1, 1),) * 2)
    assert by_rep.frame.height == 0
    assert by_rep.receipts == ()


@every_metric
def test_types_do_not_depend_on_the_rows(metric: MetricId) -> None:
    full = measure(POLARS, metric.id).frame.schema
    bare = measure(POLARS, metric.id, window="2031").frame.schema
    assert full == bare
    assert full["value"] == (pl.Int64 if metric.unit in WHOLE else pl.Float64)


WHOLE = ("count", "money", "money per day")


def path(*steps: tuple[int, str]) -> Row:
    events = [
        {
            "day": date(2026, 1, day),
            "stage": stage,
            "rep": "r1",
            "amount": 100,
            "expected": None,
            "seq": i,
        }
        for i, (day, stage) in enumerate(steps)
    ]
    return {
        "id": f"p{id(steps)}",
        "account": "a1",
        "segment": "small",
        "lost_reason": None,
        "result": None,
        "created": events[0]["day"],
        "events": events,
    }


ROADS = {
    "ties": [(5, "Lead"), (5, "Qualified"), (5, "Lead"), (5, "Proposal"), (9, "Won")],
    "skips": [(5, "Lead"), (7, "Negotiation"), (9, "Won")],
    "regressions": [(5, "Proposal"), (6, "Lead"), (8, "Proposal"), (9, "Lost")],
    "reopened": [(5, "Lead"), (6, "Lost"), (8, "Qualified"), (12, "Won")],
    "reopened and still open": [(5, "Lead"), (6, "Won"), (8, "Qualified")],
    "lost at once": [(5, "Lost")],
}
SEEN = {
    "ties": {"Lead": (1, 1, 0, 0), "Qualified": (1, 1, 0, 0), "Negotiation": (1, 1, 0, 0)},
    "skips": {"Lead": (1, 1, 0, 0), "Qualified": (1, 1, 0, 0), "Negotiation": (1, 1, 0, 0)},
    "regressions": {"Lead": (1, 1, 0, 0), "Proposal": (1, 0, 1, 0), "Negotiation": (0, 0, 0, 0)},
    "reopened": {"Lead": (1, 1, 0, 0), "Negotiation": (1, 1, 0, 0)},
    "reopened and still open": {
        "Lead": (1, 1, 0, 0),
        "Qualified": (1, 0, 0, 1),
        "Proposal": (0,) * 4,
    },
    "lost at once": {"Lead": (1, 0, 1, 0), "Qualified": (0, 0, 0, 0)},
}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("road", ROADS)
def test_roads_through_the_funnel(road: str, engine: str) -> None:
    co = company(Facts(deals=[path(*ROADS[road])], as_of=date(2026, 1, 31)), engine=engine)
    rows = {row["stage"]: row for row in stage_conversion(co).iter_rows(named=True)}
    for stage, counts in SEEN[road].items():
        names = ("entered", "advanced", "lost", "still_open")
        assert tuple(rows[stage][name] for name in names) == counts


def test_skips_and_re_entries_are_flagged() -> None:
    deals = [path(*ROADS["skips"]), path(*ROADS["regressions"])]
    deals[1]["id"] = "other"
    rows = {r["stage"]: r for r in stage_conversion(company(Facts(deals=deals))).to_dicts()}
    assert [rows[s]["skipped"] for s in ("Lead", "Qualified", "Proposal", "Negotiation")] == [
        0,
        2,
        1,
        0,
    ]
    assert [rows[s]["re_entered"] for s in ("Lead", "Qualified", "Proposal")] == [0, 0, 1]


def test_survival_is_the_same_on_both_engines() -> None:
    for of in ("cycle", "stage"):
        here, there = (survival(co, of=of, by="rep_id") for co in (POLARS, DUCKDB))
        assert_frame_equal(here, there)


def test_input_frames_are_left_as_they_were() -> None:
    made = frames(TOLD)
    before = {name: frame.clone() for name, frame in made.items()}
    co = company_from_frames(made, SETTINGS, as_of=TOLD.as_of)
    tables = {name: co.table(name).clone() for name in made}
    for metric in IDS:
        measure(co, metric.id, by=["rep_id", "month"])
    for name, frame in made.items():
        assert_frame_equal(frame, before[name])
        assert_frame_equal(co.table(name), tables[name])
