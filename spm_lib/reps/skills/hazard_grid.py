"""Days that deals sat, by stage, time in stage and quarter: the cells in which paces are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from spm_lib.reps.comparison.closed_deals import EPOCH
from spm_lib.reps.skills.given import Given

TIME = (7, 21, 60)  # days in stage at which the pace changes; later on sleepers slow it
BUCKETS = len(TIME) + 1


@dataclass(frozen=True, eq=False)
class Grid:
    """Spells as arrays (see ``spells_of``) and the first days of the quarters of the window."""

    rank: np.ndarray
    entered: np.ndarray
    since: np.ndarray
    until: np.ndarray
    edges: np.ndarray
    stages: int

    @classmethod
    def of(cls, given: Given, spells: pl.DataFrame) -> Grid:
        """Return the grid of spells within a window."""
        rank = np.maximum(spells["rank"].to_numpy(), 0)
        entered, since, until = (spells[c].to_numpy() for c in ("entered", "since", "until"))
        return cls(rank, entered, since, until, quarters(given), int(rank.max(initial=0)) + 1)

    def take(self, rows: np.ndarray) -> Grid:
        """Return some of the spells."""
        rank, entered = self.rank[rows], self.entered[rows]
        return Grid(rank, entered, self.since[rows], self.until[rows], self.edges, self.stages)

    def whole(self) -> Grid:
        """Return the visits from the day the stage was entered, all quarters as one."""
        edges = np.array([-(10**7), 10**7])
        return Grid(self.rank, self.entered, self.entered, self.until, edges, self.stages)

    @property
    def quarters(self) -> int:
        """How many quarters there are."""
        return len(self.edges) - 1

    @property
    def cells(self) -> int:
        """How many cells there are: time in stage x quarter x stage."""
        return BUCKETS * self.quarters * self.stages

    def ends(self) -> np.ndarray:
        """Return the cell in which each spell ended."""
        time = np.searchsorted(TIME, self.until - self.entered, side="right")
        quarter = np.searchsorted(self.edges, self.until, side="right") - 1
        quarter = np.clip(quarter, 0, self.quarters - 1)
        return (time * self.quarters + quarter) * self.stages + self.rank

    def days(self, group: np.ndarray, size: int) -> Any:
        """Return days sat by group and cell, as a sparse matrix by rows."""
        from scipy.sparse import coo_array

        parts = [
            part
            for time, (low, high) in enumerate(zip((0, *TIME), (*TIME, 10**8), strict=True))
            for part in self._parts(time, low, high)
        ]
        rows, cells, sat = (np.concatenate(part) for part in zip(*parts, strict=True))
        shape = (size, self.cells)
        return coo_array((sat.astype(float), (group[rows], cells)), shape=shape).tocsr()

    def _parts(self, time: int, low: int, high: int) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield rows, cells and days of one time in stage: first quarters, second ones, ..."""
        first, last = self.edges[0], self.edges[-1]
        start = np.maximum(np.maximum(self.since, self.entered + low), first)
        end = np.minimum(np.minimum(self.until, self.entered + high), last)
        rows = np.flatnonzero(end > start)
        quarter = np.searchsorted(self.edges, start[rows], side="right") - 1
        start, end = start[rows], end[rows]
        while True:
            sat = np.minimum(end, self.edges[quarter + 1]) - np.maximum(start, self.edges[quarter])
            yield rows, (time * self.quarters + quarter) * self.stages + self.rank[rows], sat
            more = end > self.edges[quarter + 1]
            if not more.any():
                return
            rows, start, end, quarter = rows[more], start[more], end[more], quarter[more] + 1


def quarters(given: Given) -> np.ndarray:
    """Return the first day of the window, of each calendar quarter in it, and its end."""
    day, edges = given.window.start, []
    while (day - EPOCH).days < given.end:
        edges.append((day - EPOCH).days)
        month = (day.month - 1) // 3 * 3 + 1
        day = (day.replace(month=month, day=1) + timedelta(days=95)).replace(day=1)
    return np.array([*edges, given.end], dtype=np.int64)
