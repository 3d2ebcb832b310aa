"""Several pipelines: each one's figures are those of the company that has no other."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.core.errors import DataError
from spm_lib.metrics.measure import measure
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import Stages, WorkspaceSection

PIPELINES = {
    "default": Stages(open=("Lead", "Demo", "Offer"), won=("Won",), lost=("Lost",)),
    "renewal": Stages(open=("Notice", "Offer", "Lead"), won=("Renewed",), lost=("Won", "Gone")),
}
AS_OF = date(2026, 6, 1)
BY_STAGE = (
    "stage_conversion.cohort",
    "stage_conversion.period",
    "time_in_stage.median_days",
    "time_in_stage.km_median_days",
)


def settings(**pipelines: Stages) -> Settings:
    section = WorkspaceSection(id="tiny", name="Tiny", currency="ILS")
    return Settings(path=Path("spm.toml"), workspace=section, pipelines=pipelines)


def told(seed: int) -> dict[str, list[dict]]:
    """Return deals of both pipelines by chance; only the deals say which is theirs."""
    rng = random.Random(seed)
    deals, events = [], []
    for number in range(60):
        pipeline = rng.choice(list(PIPELINES))
        stages = PIPELINES[pipeline]
        key, day = f"d{number}", date(2026, 1, 1) + timedelta(rng.randrange(60))
        deal = {"opportunity_id": key, "rep_id": "ann", "pipeline": pipeline, "created_at": day}
        for _ in range(rng.randrange(1, 6)):
            stage = rng.choice([*stages.open, *stages.open, *stages.won, *stages.lost])
            events.append({"opportunity_id": key, "entered_at": day, "stage": stage})
            deal |= {"stage": stage, "closed_at": None if stage in stages.open else day}
            day += timedelta(rng.randrange(1, 20))
        deals.append({**deal, "amount": rng.randrange(1, 99)})
    return {"opportunities": deals, "stage_events": events}


def company(rows: dict[str, list[dict]], engine: str = "polars", **pipelines: Stages) -> Company:
    frames = {n: pl.DataFrame(r, infer_schema_length=None) for n, r in rows.items()}
    own = settings(**pipelines)
    return company_from_frames(frames, own, as_of=AS_OF, engine=engine)


def alone(rows: dict[str, list[dict]], pipeline: str) -> Company:
    """Return the company that has one pipeline only, and no column for it."""
    deals = [dict(d) for d in rows["opportunities"] if d["pipeline"] == pipeline]
    for deal in deals:
        del deal["pipeline"]
    ids = {deal["opportunity_id"] for deal in deals}
    events = [e for e in rows["stage_events"] if e["opportunity_id"] in ids]
    own = {"opportunities": deals, "stage_events": events}
    return company(own, **{pipeline: PIPELINES[pipeline]})


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("metric", BY_STAGE)
def test_each_pipeline_is_as_if_it_were_the_only_one(metric, engine) -> None:
    rows = told(7)
    both = company(rows, engine, **PIPELINES)
    window = (date(2026, 1, 10), date(2026, 4, 1))
    for asked in (None, window):
        frame = measure(both, metric, window=asked).frame
        for pipeline in PIPELINES:
            own = measure(alone(rows, pipeline), metric, window=asked).frame
            part = frame.filter(pl.col("pipeline") == pipeline)
            names = [c for c in own.columns if c != "set_aside"]
            assert_frame_equal(part.select(names), own.select(names), check_dtypes=False)


@pytest.mark.parametrize("metric", ["won.count", "won.amount", "open.amount", "lost.count"])
def test_outcomes_are_told_by_the_stages_of_the_deals_own_pipeline(metric) -> None:
    rows = told(8)
    past = company(rows, **PIPELINES).at(date(2026, 2, 20))
    got = measure(past, metric, by="pipeline").frame
    for pipeline in PIPELINES:
        then = alone(rows, pipeline).at(date(2026, 2, 20))
        value = got.filter(pl.col("pipeline") == pipeline)["value"]
        assert value.to_list() == measure(then, metric).frame["value"].to_list()


def test_an_event_that_names_a_pipeline_keeps_it_and_a_log_is_told_by_any_event() -> None:
    log = [
        {"opportunity_id": "a", "entered_at": date(2026, 1, 1), "stage": "Notice"},
        {
            "opportunity_id": "a",
            "entered_at": date(2026, 2, 1),
            "stage": "Won",
            "pipeline": "renewal",
        },
    ]
    deals = company({"stage_events": log}, **PIPELINES).table("opportunities")
    assert deals.select("pipeline", "outcome").rows() == [("renewal", "lost")]
    moved = {"opportunity_id": "a", "stage": "Lead", "pipeline": "default", "closed_at": None}
    stints = company({"opportunities": [moved], "stage_events": log[1:]}, **PIPELINES).stints
    assert stints.select("pipeline", "outcome").rows() == [("renewal", "lost")]


def test_stages_that_share_names_stand_in_the_order_of_their_pipeline() -> None:
    frame = measure(company(told(9), **PIPELINES), "stage_conversion.cohort").frame
    assert frame.select("pipeline", "stage").rows() == [
        *(("default", stage) for stage in ("Lead", "Demo", "Offer")),
        *(("renewal", stage) for stage in ("Notice", "Offer", "Lead")),
    ]


def test_a_stage_of_another_pipeline_is_refused_by_name() -> None:
    odd = [
        {"opportunity_id": "a", "pipeline": "renewal", "stage": "Demo", "created_at": AS_OF},
        {"opportunity_id": "b", "pipeline": "renewal", "stage": "Notise", "created_at": AS_OF},
    ]
    with pytest.raises(DataError) as caught:
        company({"opportunities": odd}, **PIPELINES)
    text = str(caught.value)
    assert "'Demo' of pipeline 'renewal' (1 rows)" in text
    assert "renewal: Notice, Offer, Lead, Renewed, Won, Gone" in text
    assert "'Notise' looks like 'Notice'" in text
    assert "looks like 'Demo'" not in text
