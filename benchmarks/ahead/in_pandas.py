"""The three questions in idiomatic pandas, on the raw events."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.ahead.asked import FUNNEL, MAP, SNAPSHOTS, Rows, month_ends
from benchmarks.questions import END, START
from benchmarks.span import STAGES


def opened(folder: Path) -> Path:
    return folder / "events.parquet"


def _visits(file: Path) -> pd.DataFrame:
    events = pd.read_parquet(file, columns=["opportunity_id", "seq", "stage", "day"])
    events = events.sort_values(["opportunity_id", "day", "seq"])
    later = events.groupby("opportunity_id")[["stage", "day"]].shift(-1)
    events[["next_stage", "left_day"]] = later
    return events


def funnel(file: Path) -> Rows:
    events = _visits(file)
    events["rank"] = events["stage"].map({stage: rank for rank, stage in enumerate(STAGES)})
    by_deal = events.groupby("opportunity_id")
    deals = by_deal.agg(created=("day", "min"), furthest=("rank", "max"), last=("stage", "last"))
    deals = deals[(deals["created"] >= START) & (deals["created"] < END)]
    ended = events[(events["left_day"] >= START) & (events["left_day"] < END)]
    days = (ended["left_day"] - ended["day"]).groupby(ended["stage"]).median()
    rows = []
    for rank, stage in enumerate(STAGES):
        won, reached = deals["last"] == "Won", deals["furthest"] >= rank
        here = deals[(deals["furthest"] == rank) & ~won]
        entered, lost = int((won | reached).sum()), int((here["last"] == "Lost").sum())
        still = len(here) - lost
        rows.append((stage, entered, entered - lost - still, lost, still, days[stage]))
    return rows


def snapshots(file: Path) -> Rows:
    events = pd.read_parquet(file).sort_values(["day", "seq"])
    rows = []
    for month, last in month_ends().items():
        stands = events[events["day"] <= last].drop_duplicates("opportunity_id", keep="last")
        found = stands.groupby("stage")["amount"].agg(["count", "sum"])
        rows += [(month, s, *found.loc[s]) for s in STAGES if s in found.index]
    return rows


def moves(file: Path) -> Rows:
    events = _visits(file).dropna(subset="next_stage")
    events["days"] = events["left_day"] - events["day"]
    found = events.groupby(["stage", "next_stage"])["days"].agg(["count", "median"])
    return list(found.reset_index().itertuples(index=False))


ON_EVENTS = (opened, {FUNNEL: funnel, SNAPSHOTS: snapshots, MAP: moves})
