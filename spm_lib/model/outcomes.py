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
    listed = [s for p in pipelines.values() for part in OUTCOMES for s in getattr(p, part)]
    raise DataError(
        f"Stages of '{table}' are not listed in the workspace file.",
        found=f"{_counted(odd, 'stage')}. Listed: {', '.join(listed) or 'none'}",
        do=_advice(odd["stage"].unique().to_list(), listed),
    )


def _counted(frame: pl.DataFrame, column: str) -> str:
    counts = frame.group_by(column).len().sort(["len", column], descending=[True, False])
    return ", ".join(f"'{value}' ({n:,} rows)" for value, n in counts.iter_rows())


def _advice(unknown: Sequence[str], listed: Sequence[str]) -> str:
    near = [(s, difflib.get_close_matches(s, listed, n=1, cutoff=0.7)) for s in sorted(unknown)]
    hints = [f"'{stage}' looks like '{hit[0]}'" for stage, hit in near if hit]
    names = ", ".join(f'"{s}"' for s in sorted(unknown))
    hint = f" ({'; '.join(hints)})" if hints else ""
    return f"Add {names} to open, won or lost under [stages], in the order deals pass them{hint}"
