"""Reliability: whether of the open deals given a chance of 30 %, 30 % were won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.stats import wilson

EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
RELIABILITY = {
    "method": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "deals": pl.Int64,
    "said": pl.Float64,
    "won": pl.Int64,
    "came": pl.Float64,
    "came_low": pl.Float64,
    "came_high": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class PastChances:
    """Chances a method gave to the open deals of one origin, and which of them were won in time."""

    method: str
    origin: int
    chance: np.ndarray
    won: np.ndarray


def reliability_of(past: Sequence[PastChances]) -> pl.DataFrame:
    """Return, per method and class of chances, what was said and what came.

    Columns out: ``method``; ``low, high`` (the class ``[low, high)``), ``deals`` (open deals of all
    origins; one deal counts at every origin at which it was open), ``said`` (mean chance given),
    ``won`` (deals won within the horizon), ``came`` = won / deals, ``came_low, came_high`` (95 %
    interval by Wilson). Classes without a deal are left out.
    """
    rows = []
    for method in sorted({part.method for part in past}):
        mine = [part for part in past if part.method == method]
        chance = np.clip(np.concatenate([part.chance for part in mine]), 0.0, 1.0)
        won = np.concatenate([part.won for part in mine])
        place = np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)
        rows += [
            _row(method, number, chance[place == number], won[place == number])
            for number in np.unique(place)
        ]
    return pl.DataFrame(rows, schema=RELIABILITY)


def _row(method: str, number: int, chance: np.ndarray, won: np.ndarray) -> dict[str, object]:
    count, hits = len(won), int(won.sum())
    low, high = wilson(hits, count)
    return {
        "method": method,
        "low": EDGES[number],
        "high": EDGES[number + 1],
        "deals": count,
        "said": float(chance.mean()),
        "won": hits,
        "came": hits / count,
        "came_low": low,
        "came_high": high,
    }


def calibration_error(reliability: pl.DataFrame, *, method: str) -> float | None:
    """Return the mean distance between what was said and what came, weighted by deals (ECE)."""
    rows = reliability.filter(pl.col("method") == method)
    if not rows.height:
        return None
    said, came, deals = (rows[name].to_numpy() for name in ("said", "came", "deals"))
    return float(np.average(np.abs(said - came), weights=deals))
