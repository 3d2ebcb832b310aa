"""The three questions asked of this library, from a store on disk."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import spm_lib
from benchmarks.ahead.asked import EPOCH, FUNNEL, MAP, SNAPSHOTS, Rows
from benchmarks.contender_ours import LAST_DAY, WINDOW
from benchmarks.span import FIRST_DAY
from spm_lib.core import Window
from spm_lib.metrics import pipeline_by_stage, stage_conversion, time_in_stage
from spm_lib.model import Company
from spm_lib.process import process_map

ALL = Window(EPOCH + timedelta(FIRST_DAY), LAST_DAY + timedelta(1))


def funnel(company: Company) -> Rows:
    flow: Any = stage_conversion(company, window=WINDOW)
    waited: Any = time_in_stage(company, window=WINDOW)
    days = dict(waited.select("stage", "value").iter_rows())
    counts = flow.select("stage", "entered", "advanced", "lost", "still_open")
    return [(*row, days[row[0]]) for row in counts.iter_rows()]


def snapshots(company: Company) -> Rows:
    found: Any = pipeline_by_stage(company, by="month", window=ALL)
    rows = found.select("month", "stage", "count", "amount").iter_rows()
    return [(f"{month:%Y-%m}", *row) for month, *row in rows]


def moves(company: Company) -> Rows:
    found = process_map(company, window=ALL).moves.drop_nulls("to")
    return found.select("stage", "to", "visits", "median_days").rows()


def _opened(folder: Path, *, engine: str) -> Company:
    return spm_lib.open(folder / "store", as_of=LAST_DAY, engine=engine)


ANSWERS = {FUNNEL: funnel, SNAPSHOTS: snapshots, MAP: moves}
ON_POLARS = (partial(_opened, engine="polars"), ANSWERS)
ON_DUCKDB = (partial(_opened, engine="duckdb"), ANSWERS)
