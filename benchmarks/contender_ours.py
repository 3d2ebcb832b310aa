"""The questions answered by this library, from a company that was opened from the files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

import spm_lib
from benchmarks import questions as q
from benchmarks import scale
from spm_lib.core import Window
from spm_lib.metrics.definition import EPOCH
from spm_lib.model import Company, company_from_frames
from spm_lib.workspace import Settings

WINDOW = Window(EPOCH + timedelta(q.START), EPOCH + timedelta(q.END))
LAST_DAY = EPOCH + timedelta(scale.LAST_DAY)
TABLES = ("opportunities", "activities", "stints")
SPM_TOML = """version = 1
[workspace]
id = "scale"
name = "Scale Ltd"
currency = "USD"
timezone = "UTC"
calendar = { country = "US", week = "mon-fri" }
[stages]
open = ["Lead", "Qualified", "Proposal", "Negotiation"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "opportunities.parquet"
columns = { opportunity_id = "opportunity_id" }
"""


def open_scale(folder: Path, *, engine: str) -> Company:
    """Open the company of ``scale.write_company``: checks, days, outcomes, stints, receipts."""
    frames = {name: frame.collect() for name, frame in scale_frames(folder).items()}
    return company_from_frames(frames, scale_settings(folder), engine=engine, as_of=LAST_DAY)


def scale_settings(folder: Path) -> Settings:
    """Return the settings of the company; its workspace file is written beside the data."""
    workspace = folder / "spm.toml"
    workspace.write_text(SPM_TOML, encoding="utf-8")
    return spm_lib.workspace.load_settings(workspace)


def scale_frames(folder: Path) -> dict[str, pl.LazyFrame]:
    """Return the company's files in canonical columns, not yet read."""
    deals = pl.scan_parquet(folder / "opportunities.parquet")
    outcome = pl.col("outcome")  # no replace_strict: polars would put the whole file into memory
    final = (
        pl.when(outcome == "won").then(pl.lit("Won")).when(outcome == "lost").then(pl.lit("Lost"))
    )
    reached = pl.coalesce(
        pl.when(pl.col("reached") == rank).then(pl.lit(stage))
        for rank, stage in enumerate(scale.STAGES)
    )
    opportunities = deals.select(
        "opportunity_id",
        "rep_id",
        "account_id",
        "segment",
        "lost_reason",
        amount=pl.col("amount") / 100,
        stage=pl.coalesce(final.otherwise(None), reached),
        created_at=pl.from_epoch("created_day", time_unit="d"),
        closed_at=pl.from_epoch("closed_day", time_unit="d"),
    )
    visits = pl.scan_parquet(folder / "stints.parquet").select(
        "opportunity_id", "stage", entered_at=pl.from_epoch("entered_day", time_unit="d")
    )
    ends = opportunities.filter(pl.col("closed_at").is_not_null()).select(
        "opportunity_id", "stage", entered_at="closed_at"
    )
    activities = pl.scan_parquet(folder / "activities.parquet").with_row_index("activity_id")
    return {
        "opportunities": opportunities,
        "stage_events": pl.concat([visits, ends]),
        "activities": activities.select(
            "rep_id",
            "opportunity_id",
            "kind",
            happened_at=pl.from_epoch("happened_day", time_unit="d"),
            activity_id=pl.col("activity_id").cast(pl.String),
        ),
    }


ANSWERS = {
    q.WIN_RATE_COUNT: lambda co: spm_lib.metrics.win_rate(co, by="rep_id", window=WINDOW),
    q.WIN_RATE_VALUE: lambda co: spm_lib.metrics.win_rate(
        co, by="rep_id", window=WINDOW, variant="value"
    ),
    q.WIN_RATE_CREATED: lambda co: spm_lib.metrics.win_rate(
        co, by="month", window=WINDOW, variant="created"
    ),
    q.CONVERSION: lambda co: spm_lib.metrics.stage_conversion(co, window=WINDOW),
    q.TIME_IN_STAGE: lambda co: spm_lib.metrics.time_in_stage(co, window=WINDOW),
    q.CYCLE: lambda co: spm_lib.metrics.cycle_time(co, by="rep_id", window=WINDOW),
    q.VELOCITY: lambda co: spm_lib.metrics.sales_velocity(co, by="rep_id", window=WINDOW),
    q.AVERAGE_DEAL: lambda co: spm_lib.metrics.deal_size(co, by="rep_id", window=WINDOW),
    q.PER_CUSTOMER: lambda co: spm_lib.metrics.account_value(co, by="segment", window=WINDOW),
    q.PIPELINE: lambda co: spm_lib.metrics.pipeline_by_stage(co, on=EPOCH + timedelta(q.PAST_DAY)),
    q.ACTIVITY_RATIOS: lambda co: spm_lib.metrics.activity_ratios(co, window=WINDOW),
    q.LOST_REASONS: lambda co: spm_lib.metrics.lost_reasons(co, window=WINDOW),
    q.WON_AMOUNT: lambda co: spm_lib.metrics.won(co, by="month", window=WINDOW),
}


def columns(answer: pl.DataFrame) -> q.Columns:
    return answer.to_dict(as_series=False)
