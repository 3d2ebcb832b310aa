"""Days that deals sat, by stage, time in stage and month: the cells in which paces are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from spm_lib.reps.skills.counts import months_of
from spm_lib.reps.skills.given import Given

TIME = (7, 21, 60)  # days in stage at which the pace changes; later on sleepers slow it
BUCKETS = len(TIME) + 1


@dataclass(frozen=True, eq=False)
class Grid:
    """Spells as arrays (see ``spells_of``) and the first days of the months of the window."""

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
        return cls(rank, entered, since, until, months_of(given), int(rank.max(initial=0)) + 1)

    def take(self, rows: np.ndarray) -> Grid:
        """Return some of the spells."""
        rank, entered = self.rank[rows], self.entered[rows]
        return Grid(rank, entered, self.since[rows], self.until[rows], self.edges, self.stages)

    def whole(self, begins: np.ndarray) -> Grid:
        """Return spells with the days before the window, all months as one.

        ``begins``: whether a spell is the first that is known of its visit, which counts from the
        day the stage was entered.
        """
        edges = np.array([-(10**7), 10**7])
        since = np.where(begins, self.entered, self.since)
        return Grid(self.rank, self.entered, since, self.until, edges, self.stages)

    @property
    def months(self) -> int:
        """How many months there are."""
        return len(self.edges) - 1

    @property
    def cells(self) -> int:
        """How many cells there are: time in stage x month x stage."""
        return BUCKETS * self.months * self.stages

    def ends(self) -> np.ndarray:
        """Return the cell in which each spell ended."""
        time = np.searchsorted(TIME, self.until - self.entered, side="right")
        month = np.searchsorted(self.edges, self.until, side="right") - 1
        month = np.clip(month, 0, self.months - 1)
        return (time * self.months + month) * self.stages + self.rank

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
        """Yield rows, cells and days of one time in stage: first months, second ones, ..."""
        first, last = self.edges[0], self.edges[-1]
        start = np.maximum(np.maximum(self.since, self.entered + low), first)
        end = np.minimum(np.minimum(self.until, self.entered + high), last)
        rows = np.flatnonzero(end > start)
        month = np.searchsorted(self.edges, start[rows], side="right") - 1
        start, end = start[rows], end[rows]
        while True:
            sat = np.minimum(end, self.edges[month + 1]) - np.maximum(start, self.edges[month])
            yield rows, (time * self.months + month) * self.stages + self.rank[rows], sat
            more = end > self.edges[month + 1]
            if not more.any():
                return
            rows, start, end, month = rows[more], start[more], end[more], month[more] + 1
