"""The rows of a scenario, per person: what they overwrite, what they transform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.plans.scenarios.sections import Row
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.odds.levers import PersonLevers
from spm_lib.workspace.faults import nearest

LEVERS = ("win_rate", "deal_size", "cycle", "activity", "growth")
_AWAY = {"rep_id": pl.String, "start": pl.Date, "end": pl.Date, "away": pl.Float64}


@dataclass(frozen=True)
class Edit:
    """All rows of a scenario that are about one person, in the order of the file.

    Of what overwrites, the last row counts; moves follow one another.
    """

    rows: tuple[Row, ...] = ()

    def last(self, name: str) -> Any:
        """Return what the last row that says it says; null: none does."""
        told = [getattr(row, name) for row in self.rows if getattr(row, name) is not None]
        return told[-1] if told else None

    @property
    def moves(self) -> tuple[float, ...]:
        """The shares by which the target is moved, one after another."""
        return tuple(row.move for row in self.rows if row.move is not None)

    @property
    def locked(self) -> bool:
        """Whether the others make up for what was set or moved."""
        told = [row.lock for row in self.rows if row.set is not None or row.move is not None]
        return bool(told) and told[-1]

    @property
    def left_out(self) -> bool:
        """Whether the person is to have no target."""
        return any(row.without_target for row in self.rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why: the notes, in the order of the file."""
        return tuple(row.note for row in self.rows if row.note)

    def absences(self, rep_id: str) -> list[tuple[str, date, date | None, float]]:
        """Return the person's leave: id, first day, first day back, share away."""
        return [
            (rep_id, row.away_from, row.away_until, row.away)
            for row in self.rows
            if row.away_from is not None
        ]

    def levers(self, *, there: float) -> PersonLevers:
        """Return what is turned in the odds; ``there``: share of the work that is not away."""
        told = {name: value for name in LEVERS if (value := self.last(name)) is not None}
        told["activity"] = told.get("activity", 1.0) * there
        return PersonLevers(**told, starts=self.last("starts"), leaves=self.last("leaves"))


NO_EDIT = Edit()


def edits_of(scenario: TargetScenario, people: pl.DataFrame) -> dict[str, Edit]:
    """Return the edits of each person who has any.

    Parameters
    ----------
    people
        ``rep_id`` and ``team`` of everybody a row can be about.

    Raises
    ------
    ParameterError
        If rows are about people or teams that are not there: all at once.
    """
    teams = dict(people.select("rep_id", "team").iter_rows())
    _check(scenario.rows, teams)
    found: dict[str, list[Row]] = {}
    for row in scenario.rows:
        for rep in _whom(row, teams):
            found.setdefault(rep, []).append(row)
    return {rep: Edit(tuple(rows)) for rep, rows in sorted(found.items())}


def _whom(row: Row, teams: Mapping[str, str | None]) -> Iterable[str]:
    if row.rep_id is not None:
        return [row.rep_id]
    return [rep for rep, team in teams.items() if row.everybody or team == row.team]


def _check(rows: tuple[Row, ...], teams: Mapping[str, str | None]) -> None:
    named = sorted({team for team in teams.values() if team is not None})
    faults = []
    for number, row in enumerate(rows, start=1):
        if row.rep_id is not None and row.rep_id not in teams:
            faults.append(f"row {number}: nobody '{row.rep_id}'; {nearest(row.rep_id, teams)}")
        if row.team is not None and row.team not in named:
            faults.append(f"row {number}: no team '{row.team}'; {nearest(row.team, named)}")
    if faults:
        raise ParameterError(
            "Rows of the scenario are about nobody.",
            found="; ".join(faults),
            do="Write ids and teams as they stand in the data, or take the rows out",
        )


def dated(people: pl.DataFrame, edits: Mapping[str, Edit]) -> pl.DataFrame:
    """Return the people with the dates and part-time that rows overwrite."""

    def told(name: str, column: str) -> list[Any]:
        return [
            edits.get(rep, NO_EDIT).last(name) or old
            for rep, old in people.select("rep_id", column).iter_rows()
        ]

    part = [edits.get(rep, NO_EDIT).last("part_time") for rep in people["rep_id"]]
    return people.with_columns(
        hired_on=pl.Series(told("starts", "hired_on"), dtype=pl.Date),
        left_on=pl.Series(told("leaves", "left_on"), dtype=pl.Date),
        part_time=pl.Series(part, dtype=pl.Float64),
    )


def absences(people: pl.DataFrame, edits: Mapping[str, Edit]) -> pl.DataFrame:
    """Return the leave of all people: ``rep_id, start, end, away``."""
    here = set(people["rep_id"])
    rows = [row for rep, edit in edits.items() if rep in here for row in edit.absences(rep)]
    return pl.DataFrame(rows, schema=_AWAY, orient="row")


def limits(people: pl.DataFrame, edits: Mapping[str, Edit]) -> pl.DataFrame:
    """Return the people with ``floor, ceiling, locked, own`` (Int64, null: none) of the rows.

    Floors and ceilings that are there already stay where no row overwrites them.
    """
    told: dict[str, list[int | None]] = {name: [] for name in ("floor", "ceiling", "own", "locked")}
    for row in people.to_dicts():
        edit = edits.get(row["rep_id"], NO_EDIT)
        for name in ("floor", "ceiling", "own"):
            own = edit.last(name)
            told[name].append(row.get(name) if own is None else own)
        told["locked"].append(edit.last("set") if edit.locked else None)
    return people.with_columns(
        **{name: pl.Series(values, dtype=pl.Int64) for name, values in told.items()}
    )
