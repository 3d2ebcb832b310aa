"""The frame of a plan's people: what each sold, is asked for, and how likely that is."""

from __future__ import annotations

import polars as pl

from spm_lib.plans.planning.edits import NO_EDIT, Edit
from spm_lib.plans.planning.given import Given

_ODDS = ("odds", "error", "mean", "p10", "p50", "p90")
_COLUMNS = (
    *("rep_id", "name", "team", "manager_id", "last_year", "last_target", "attainment", "pace"),
    *("pipeline", "potential", "there", "shared", "target", "edited", "growth", "to_potential"),
    *("odds", "odds_error", "expected", "p10", "p50", "p90", "note", "post"),
)


def people_told(given: Given, past: pl.DataFrame, odds: pl.DataFrame | None) -> pl.DataFrame:
    """Return the people of a plan (see ``TargetPlan.people``).

    Parameters
    ----------
    past
        ``rep_id, last_target, attainment`` of the past year; people without a target are not in it.
    odds
        ``rep_id, odds, error, mean, p10, p50, p90``; null: none are told.
    """
    people = given.people
    edits = [given.edits.get(rep, NO_EDIT) for rep in people["rep_id"]]
    found = people.join(given.shared.people, on="rep_id", how="left").with_columns(
        last_year=pl.col("history"),
        edited=pl.Series([_edited(edit) for edit in edits], dtype=pl.Boolean),
        growth=_over(pl.col("target"), pl.col("pace")) - 1,
        note=pl.Series(["; ".join(edit.notes) for edit in edits], dtype=pl.String),
    )
    if "potential" in found.columns:
        found = found.with_columns(to_potential=_over(pl.col("target"), pl.col("potential")))
    else:
        nothing = pl.lit(None, dtype=pl.Float64)
        found = found.with_columns(potential=nothing, to_potential=nothing)
    told = found.join(past, on="rep_id", how="left").join(_odds_of(odds), on="rep_id", how="left")
    return told.select(_COLUMNS).sort("rep_id")


def _edited(edit: Edit) -> bool:
    return edit.last("set") is not None or bool(edit.moves)


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _odds_of(odds: pl.DataFrame | None) -> pl.DataFrame:
    names = {"error": "odds_error", "mean": "expected"}
    if odds is None:
        floats = dict.fromkeys(("odds", "odds_error"), pl.Float64)
        whole = dict.fromkeys(("expected", "p10", "p50", "p90"), pl.Int64)
        return pl.DataFrame(schema={"rep_id": pl.String, **floats, **whole})
    return odds.select("rep_id", *_ODDS).rename(names)
