"""The data ladder: which methods this client's history allows, and what the others lack."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.forecast.past.history import History
from spm_lib.forecast.track_record.backtest import Backtest

LEVELS = {
    0: "closed deals without their creation",
    1: "deals with creation, close and outcome",
    2: "the dated stage history of deals",
}


@dataclass(frozen=True)
class Rung:
    """One method on the ladder: offered or not, and why not; how many windows it was scored on."""

    method: str
    name: str
    offered: bool
    reason: Statement | None
    windows: int


@dataclass(frozen=True)
class Ladder:
    """What the data holds (0: closes, 1: creation and close, 2: stage history), and the rungs."""

    level: int
    holds: str
    rungs: tuple[Rung, ...]

    @property
    def offered(self) -> tuple[str, ...]:
        """Ids of the methods that can be used."""
        return tuple(rung.method for rung in self.rungs if rung.offered)


def ladder_of(history: History, tested: Backtest) -> Ladder:
    """Return what the history allows today, by the backtest of one horizon."""
    level = 2 if history.stages else 1 if history.has_created else 0
    scored = tested.scores.filter(pl.col("level") == "company").group_by("method").len()
    windows = dict(scored.iter_rows())
    rungs = tuple(
        Rung(
            m.id,
            m.name,
            offered=m.id not in tested.lacks,
            reason=tested.lacks.get(m.id),
            windows=windows.get(m.id, 0),
        )
        for m in tested.methods
    )
    return Ladder(level, LEVELS[level], rungs)
