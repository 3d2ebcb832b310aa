"""The process map by PM4Py (AGPL), in an environment of its own: never imported by the library."""

from __future__ import annotations

from pathlib import Path

from benchmarks.ahead.asked import MAP, Rows

SECONDS = 86_400


def opened(folder: Path) -> Path:
    import pm4py  # noqa: F401  (its import is not counted, as that of the others)

    return folder / "events.parquet"


def moves(file: Path) -> Rows:
    import pandas as pd
    import pm4py

    events = pd.read_parquet(file, columns=["opportunity_id", "stage", "day"])
    events["day"] = pd.to_datetime(events["day"], unit="D", utc=True)
    log = pm4py.format_dataframe(
        events, case_id="opportunity_id", activity_key="stage", timestamp_key="day"
    )
    counts, _, _ = pm4py.discover_dfg(log)
    spent, _, _ = pm4py.discover_performance_dfg(log)
    return [(*move, n, spent[move]["median"] / SECONDS) for move, n in counts.items()]


ON_EVENTS = (opened, {MAP: moves})
