"""The five tables as an analyst writes them in pandas, over Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def tables(folder: Path, start: int, end: int) -> dict[str, int]:
    """Return what the rows of each table of the window [start, end) of epoch days add up to."""
    deals = pd.read_parquet(folder / "opportunities.parquet")
    stints = pd.read_parquet(folder / "stints.parquet")
    acts = pd.read_parquet(folder / "activities.parquet")
    in_window = (deals["closed_day"] >= start) & (deals["closed_day"] < end)
    closed = deals[in_window & (deals["outcome"] != "open")].copy()
    closed["is_won"] = closed["outcome"] == "won"
    won = closed[closed["is_won"]].copy()
    won["cycle"] = won["closed_day"] - won["created_day"]
    won["month"] = _month(won["closed_day"])
    done = stints[(stints["left_day"] >= start) & (stints["left_day"] < end)].copy()
    done["days"] = done["left_day"] - done["entered_day"]
    acts = acts[(acts["happened_day"] >= start) & (acts["happened_day"] < end)].copy()
    acts["month"] = _month(acts["happened_day"])
    results = {
        "win_rate": closed.groupby("rep_id")["is_won"].agg(["sum", "count", "mean"]),
        "won_amount": won.groupby("month")["amount"].sum(),
        "cycle": won.groupby("rep_id")["cycle"].agg(["median", "count"]),
        "time_in_stage": done.groupby("stage")["days"].agg(["median", "count"]),
        "activities": acts.groupby(["rep_id", "month", "kind"]).size(),
    }
    counted = dict.fromkeys(("win_rate", "cycle", "time_in_stage"), "count")
    return {
        name: int((frame[counted[name]] if name in counted else frame).sum())
        for name, frame in results.items()
    }


def _month(day: pd.Series) -> pd.Series:
    return pd.to_datetime(day, unit="D").dt.strftime("%Y-%m")
