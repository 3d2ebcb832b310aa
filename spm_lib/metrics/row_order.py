"""The order of a result's rows: by its columns, stages in the order in which deals pass them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.model import Company
from spm_lib.workspace import Stages

_BETWEEN = "\x1f"


def in_order(frame: pl.DataFrame, names: Sequence[str], company: Company) -> pl.DataFrame:
    """Sort by the by columns, null last; stages in the order in which deals pass them.

    Pipelines stand in the order of the workspace file.
    """
    return frame.sort(order_of(names, company), nulls_last=True) if names else frame


def order_of(names: Sequence[str], company: Company) -> list[pl.Expr]:
    """Return what ``in_order`` sorts by, null last."""
    keys: list[pl.Expr] = []
    for place, name in enumerate(names):
        if name == "stage":
            keys.append(_stage_place(company, told_apart="pipeline" in names[:place]))
        if name == "pipeline":
            listed = {p: number for number, p in enumerate(company.settings.pipelines)}
            keys.append(pl.col(name).replace_strict(listed, default=None, return_dtype=pl.Int64))
        keys.append(pl.col(name))
    return keys


def _stage_place(company: Company, *, told_apart: bool) -> pl.Expr:
    """Return each row's place among the stages: open stages in order, then won, then lost.

    Stages of several pipelines may share names: ``told_apart`` says that rows are grouped by
    pipeline, so that each has its place in its own.
    """
    pipelines = company.settings.pipelines
    key = pl.col("stage")
    if told_apart:
        lone = next(iter(pipelines)) if len(pipelines) == 1 else "default"
        key = pl.concat_str(pl.col("pipeline").fill_null(lone), key, separator=_BETWEEN)
        names = [f"{p}{_BETWEEN}{s}" for p, stages in pipelines.items() for s in _in_turn(stages)]
    else:
        names = _in_turn(*pipelines.values())
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    found = key.replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return pl.when(pl.col("stage").is_not_null()).then(found)


def _in_turn(*pipelines: Stages) -> list[str]:
    return [s for kind in ("open", "won", "lost") for p in pipelines for s in getattr(p, kind)]
