"""What a stage means: open, won or lost, and its place in its pipeline."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from spm_lib.core.errors import DataError

OUTCOMES = ("open", "won", "lost")
DEFAULT = "default"


class Stages(Protocol):
    """The stages of one pipeline, in order."""

    @property
    def open(self) -> Sequence[str]:
        """Open stages in the order deals pass them."""
        ...

    @property
    def won(self) -> Sequence[str]:
        """Stages of won deals."""
        ...

    @property
    def lost(self) -> Sequence[str]:
        """Stages of lost deals."""
        ...


def stage_frame(pipelines: Mapping[str, Stages]) -> pl.DataFrame:
    """Return one row per stage: ``pipeline``, ``stage``, ``_meaning`` (outcome), ``stage_rank``.

    Open stages are ranked 0..k-1 in order, won stages k, lost stages -1.
    """
    rows = [
        (name, stage, outcome, rank)
        for name, stages in pipelines.items()
        for outcome in OUTCOMES
        for rank, stage in _ranked(stages, outcome)
    ]
    schema = {
        "pipeline": pl.String,
        "stage": pl.String,
        "_meaning": pl.String,
        "stage_rank": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _ranked(stages: Stages, outcome: str) -> list[tuple[int, str]]:
    if outcome == "open":
        return list(enumerate(stages.open))
    rank = len(stages.open) if outcome == "won" else -1
    return [(rank, stage) for stage in getattr(stages, outcome)]


def with_deal_pipelines(events: pl.DataFrame, *, deals: pl.DataFrame | None) -> pl.DataFrame:
    """Fill the pipeline of changes that name none: that of their deal.

    Where there are no deals, it is the pipeline that another change of the deal names first.
    """
    named = (events if deals is None else deals).filter(pl.col("pipeline").is_not_null())
    told = named.select("opportunity_id", _told="pipeline").drop_nulls("opportunity_id")
    one = told.unique("opportunity_id", keep="first", maintain_order=True)
    joined = events.join(one, on="opportunity_id", how="left", maintain_order="left")
    return joined.with_columns(pipeline=pl.coalesce("pipeline", "_told")).drop("_told")


def with_outcome(
    frame: pl.DataFrame, *, pipelines: Mapping[str, Stages], table: str
) -> pl.DataFrame:
    """Fill ``outcome`` from the stage where it is not given, and add ``stage_rank``.

    Good rows only are looked at for faults. A row with neither stage nor outcome is set aside.

    Raises
    ------
    DataError
        If stages are found that no pipeline lists, or outcomes other than open, won and lost.
    """
    stages = stage_frame(pipelines)
    frame = frame.with_columns(
        _pipeline=pl.coalesce("pipeline", pl.lit(_only(pipelines))),
    )
    _refuse_outcomes(frame, table=table)
    frame = frame.with_columns(pl.col("outcome").str.to_lowercase())
    joined = frame.join(
        stages.rename({"pipeline": "_pipeline"}),
        on=["_pipeline", "stage"],
        how="left",
        maintain_order="left",
    )
    _refuse_stages(joined, pipelines=pipelines, table=table)
    return joined.with_columns(pl.coalesce("outcome", "_meaning").alias("outcome")).drop("_meaning")


def _only(pipelines: Mapping[str, Stages]) -> str:
    return next(iter(pipelines)) if len(pipelines) == 1 else DEFAULT


def _refuse_outcomes(frame: pl.DataFrame, *, table: str) -> None:
    known = pl.col("outcome").str.to_lowercase().is_in(OUTCOMES)
    odd = frame.filter(pl.col("outcome").is_not_null() & ~known)
    if odd.height:
        raise DataError(
            f"The outcome column of '{table}' holds values other than open, won and lost.",
            found=_counted(odd, "outcome"),
            do=f'Say what each means in [tables.{table}]: values.outcome = {{ "..." = "won" }}',
        )


def _refuse_stages(joined: pl.DataFrame, *, pipelines: Mapping[str, Stages], table: str) -> None:
    """Refuse stages that no pipeline lists, where the outcome is not given either."""
    odd = joined.filter(
        pl.col("stage").is_not_null()
        & pl.col("stage_rank").is_null()
        & pl.col("outcome").is_null()
        & pl.col("set_aside").is_null()
    )
    if not odd.height:
        return
    raise DataError(
        f"Stages of '{table}' are not listed in the workspace file.",
        found=f"{_found(odd, several=len(pipelines) > 1)}. Listed: {_listed(pipelines)}",
        do=_advice(odd.select("_pipeline", "stage").unique().sort(pl.all()), pipelines, table),
    )


def _counted(frame: pl.DataFrame, column: str) -> str:
    counts = frame.group_by(column).len().sort(["len", column], descending=[True, False])
    return ", ".join(f"'{value}' ({n:,} rows)" for value, n in counts.iter_rows())


def _found(odd: pl.DataFrame, *, several: bool) -> str:
    """Return the stages with their pipeline, where there are several, and how many rows."""
    if not several:
        return _counted(odd, "stage")
    keys = ["_pipeline", "stage"]
    counts = odd.group_by(keys).len().sort(["len", *keys], descending=[True, False, False])
    return ", ".join(f"'{s}' of pipeline '{p}' ({n:,} rows)" for p, s, n in counts.iter_rows())


def _listed(pipelines: Mapping[str, Stages]) -> str:
    if len(pipelines) == 1:
        return ", ".join(_names(*pipelines.values())) or "none"
    return "; ".join(f"{name}: {', '.join(_names(p))}" for name, p in pipelines.items()) or "none"


def _names(stages: Stages) -> list[str]:
    return [stage for part in OUTCOMES for stage in getattr(stages, part)]


def _advice(unknown: pl.DataFrame, pipelines: Mapping[str, Stages], table: str) -> str:
    """Say where to list the stages, what they may be a misspelling of, how to leave them out."""
    hints = []
    for pipeline, stage in unknown.iter_rows():
        own = _names(pipelines[pipeline]) if pipeline in pipelines else []
        near = difflib.get_close_matches(stage, own, n=1, cutoff=0.7)
        hints += [f"'{stage}' looks like '{name}'" for name in near]
    stages = sorted(set(unknown["stage"].to_list()))
    names = ", ".join(f'"{stage}"' for stage in stages)
    hint = f" ({'; '.join(dict.fromkeys(hints))})" if hints else ""
    if len(pipelines) < 2:
        where = "[stages], in the order deals pass them"
    else:
        where = "[pipelines.NAME], or correct the pipeline column of opportunities"
    gone = ", ".join(f'"{stage}" = ""' for stage in stages)
    return (
        f"Add {names} to open, won or lost under {where}{hint}; or set their rows aside, by "
        f"values.stage = {{ {gone} }} in [tables.{table}]"
    )
