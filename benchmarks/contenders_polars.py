"""The five tables written by hand in lazy polars (streaming), over Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

COUNTED = {"win_rate": "closed", "cycle": "n", "time_in_stage": "n"}


def tables(folder: Path, start: int, end: int) -> dict[str, int]:
    """Return what the rows of each table of the window [start, end) of epoch days add up to."""
    deals = pl.scan_parquet(folder / "opportunities.parquet")
    closed = deals.filter(
        pl.col("outcome") != "open", pl.col("closed_day").is_between(start, end, closed="left")
    )
    won = closed.filter(pl.col("outcome") == "won")
    stints = pl.scan_parquet(folder / "stints.parquet")
    done = stints.filter(pl.col("left_day").is_between(start, end, closed="left"))
    acts = pl.scan_parquet(folder / "activities.parquet")
    acts = acts.filter(pl.col("happened_day").is_between(start, end, closed="left"))
    results = {
        "win_rate": closed.group_by("rep_id").agg(
            won=(pl.col("outcome") == "won").sum(),
            closed=pl.len(),
            value=(pl.col("outcome") == "won").mean(),
        ),
        "won_amount": won.group_by(month=_month("closed_day")).agg(value=pl.col("amount").sum()),
        "cycle": won.group_by("rep_id").agg(
            value=(pl.col("closed_day") - pl.col("created_day")).median(), n=pl.len()
        ),
        "time_in_stage": done.group_by("stage").agg(
            value=(pl.col("left_day") - pl.col("entered_day")).median(), n=pl.len()
        ),
        "activities": acts.group_by("rep_id", _month("happened_day"), "kind").agg(value=pl.len()),
    }
    return {
        name: frame.sort(pl.all()).collect(engine="streaming")[COUNTED.get(name, "value")].sum()
        for name, frame in results.items()
    }


def _month(day: str) -> pl.Expr:
    return pl.from_epoch(pl.col(day), time_unit="d").dt.truncate("1mo")
