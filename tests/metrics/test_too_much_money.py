"""Money that adds up to more than can be held is refused by name, on every engine."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.core.errors import MetricError
from spm_lib.metrics import measure
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Settings
from tests.metrics.companies import SETTINGS

HUGE = "40000000000000000"
ENGINES = pytest.mark.parametrize("engine", ["polars", "duckdb"])


def rich(engine: str, *, stage: str = "Won", settings: Settings = SETTINGS) -> Company:
    """Three deals each of which can be held, and together cannot."""
    start, end = date(2026, 1, 1), date(2026, 2, 1)
    deals = pl.DataFrame(
        {
            "opportunity_id": ["x", "y", "z"],
            "rep_id": ["a", "b", "c"],
            "account_id": ["k", "k", "k"],
            "amount": [HUGE] * 3,
            "stage": [stage] * 3,
            "created_at": [start] * 3,
            "closed_at": [end] * 3,
            "expected_close": [end] * 3,
        }
    )
    quarter = {"period_start": [start] * 3, "period_end": [date(2026, 4, 1)] * 3}
    targets = pl.DataFrame({"rep_id": ["a", "b", "c"], **quarter, "value": [HUGE] * 3})
    events = deals.select("opportunity_id", "amount", "stage", entered_at="created_at")
    frames = {"opportunities": deals, "targets": targets, "stage_events": events}
    return company_from_frames(frames, settings, engine=engine)


WON = ("won.amount", "deal.mean_amount", "account.won_amount_mean", "velocity", "attainment")


@ENGINES
@pytest.mark.parametrize("metric", [*WON, "won.count", "win_rate.closed.value"])
def test_a_sum_that_cannot_be_held_is_refused_by_name(metric: str, engine: str) -> None:
    """A negative total was printed on polars, and a raw error raised on DuckDB."""
    with pytest.raises(MetricError, match=rf"{metric}.*adds up to more than can be held"):
        measure(rich(engine), metric)


@ENGINES
@pytest.mark.parametrize("metric", ["open.amount", "pipeline.amount", "lost.amount"])
def test_open_deals_and_receipts_too(metric: str, engine: str) -> None:
    with pytest.raises(MetricError, match=metric):
        measure(rich(engine, stage="Lead"), metric)


def test_targets_that_cannot_be_held_are_refused() -> None:
    co = rich("polars")
    deals = co.table("opportunities").with_columns(amount=pl.lit("1"))
    targets = pl.DataFrame(
        {
            "rep_id": ["a", "b", "c"],
            "period_start": [date(2026, 1, 1)] * 3,
            "period_end": [date(2026, 2, 1)] * 3,
            "value": [HUGE] * 3,
        }
    )
    made = deals.select("opportunity_id", "rep_id", "amount", "stage", "created_at", "closed_at")
    poor = company_from_frames({"opportunities": made, "targets": targets}, SETTINGS)
    with pytest.raises(MetricError, match=r"targets of won\.amount"):
        measure(poor, "attainment", window="2026-Q1")


def test_a_table_receipt_holds_any_sum() -> None:
    receipt = rich("polars").receipt("opportunities")
    assert receipt.used == 3
    aside = company_from_frames(
        {
            "opportunities": pl.concat(
                [
                    rich("polars")
                    .table("opportunities")
                    .select("opportunity_id", "amount", "stage", "created_at")
                    .with_columns(stage=pl.lit("Won"), amount=pl.lit(HUGE))
                ]
                * 5
            )
        },
        SETTINGS,
    ).receipt("opportunities")
    assert aside.set_aside["exact repeat"].amount == 12 * int(HUGE) * 100


@ENGINES
def test_large_sums_that_can_be_held_are_exact(engine: str) -> None:
    co = company_from_frames(
        {
            "opportunities": pl.DataFrame(
                {
                    "opportunity_id": ["x", "y"],
                    "rep_id": ["a", "a"],
                    "amount": ["9007199254740993", "2"],
                    "stage": ["Won", "Won"],
                    "closed_at": [date(2026, 2, 1)] * 2,
                }
            )
        },
        SETTINGS,
        engine=engine,
    )
    assert measure(co, "won.amount").frame["value"].item() == 900719925474099500
    assert measure(co, "deal.mean_amount").frame["n"].item() == 2
