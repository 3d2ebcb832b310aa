"""The five tables by the metrics of this library, from a company that was opened from the files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

import spm_lib
from benchmarks import scale
from spm_lib.core import Window
from spm_lib.model import Company, company_from_frames

EPOCH = date(1970, 1, 1)
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
    workspace = folder / "spm.toml"
    workspace.write_text(SPM_TOML, encoding="utf-8")
    settings = spm_lib.workspace.load_settings(workspace)
    deals = pl.scan_parquet(folder / "opportunities.parquet")
    final = pl.col("outcome").replace_strict({"won": "Won", "lost": "Lost"}, default=None)
    stage = pl.coalesce(final, pl.lit(pl.Series(scale.STAGES)).gather(pl.col("reached")))
    opportunities = deals.select(
        "opportunity_id",
        "rep_id",
        "segment",
        amount=pl.col("amount") / 100,
        stage=stage,
        created_at=pl.from_epoch("created_day", time_unit="d"),
        closed_at=pl.from_epoch("closed_day", time_unit="d"),
    )
    visits = pl.scan_parquet(folder / "stints.parquet").select(
        "opportunity_id", "stage", entered_at=pl.from_epoch("entered_day", time_unit="d")
    )
    ends = opportunities.filter(pl.col("closed_at").is_not_null()).select(
        "opportunity_id", "stage", entered_at="closed_at"
    )
    activities = pl.scan_parquet(folder / "activities.parquet").select(
        "rep_id",
        "opportunity_id",
        "kind",
        happened_at=pl.from_epoch("happened_day", time_unit="d"),
        activity_id=pl.int_range(pl.len()).cast(pl.String),
    )
    frames = {
        "opportunities": opportunities.collect(),
        "stage_events": pl.concat([visits, ends]).collect(),
        "activities": activities.collect(),
    }
    return company_from_frames(frames, settings, engine=engine)


def tables(company: Company, start: int, end: int) -> dict[str, int]:
    """Return what the rows of each table of the window [start, end) of epoch days add up to."""
    window = Window(EPOCH + timedelta(days=start), EPOCH + timedelta(days=end))
    metrics = spm_lib.metrics
    asked = {
        "win_rate": ("win_rate.closed.count", "rep_id"),
        "won_amount": ("won.amount", "month"),
        "cycle": ("cycle.won.median_days", "rep_id"),
        "time_in_stage": ("time_in_stage.median_days", "stage"),
        "activities": ("activity.count", ["rep_id", "month", "kind"]),
    }
    counted = dict.fromkeys(("win_rate", "cycle", "time_in_stage"), "n")
    return {
        name: metrics.measure(company, metric, by=by, window=window)
        .frame[counted.get(name, "value")]
        .sum()
        for name, (metric, by) in asked.items()
    }
