"""Rows held against the contract of their table; those that break it are set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.model.columns import Table

if TYPE_CHECKING:
    from collections.abc import Callable


def _within(column: str, low: float, high: float) -> pl.Expr:
    return pl.col(column).is_between(low, high)


RULES: dict[str, dict[str, pl.Expr]] = {
    "splits": {"share outside 0..1": _within("share", 0, 1)},
    "memberships": {"ends before it starts": pl.col("valid_to") > pl.col("valid_from")},
    "targets": {"ends before it starts": pl.col("period_end") > pl.col("period_start")},
    "fx_rates": {"rate not above 0": pl.col("rate") > 0},
    "reps": {"left before hired": pl.col("left_on") >= pl.col("hired_on")},
}


def set_aside_broken(frame: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Set aside rows that lack a required value or break a rule of the table.

    Rows that were set aside before keep their reason. A rule says nothing where its columns are
    null.
    """
    if not _any_broken(frame, table=table):
        return frame
    numbered = frame.with_row_index("_n").with_columns(pl.col("_n").cast(pl.Int64))
    schema, reasons = _schema(frame, table=table)
    good = numbered.filter(pl.col("set_aside").is_null())
    _, failure = schema.filter(good.select("_n", *table.names()))
    if not len(failure):
        return frame
    found = failure.details().select(
        "_n",
        _reason=pl.coalesce(
            pl.when(pl.col(rule).cast(pl.String) == "invalid").then(pl.lit(reason))
            for rule, reason in reasons.items()
            if rule in failure.details().columns
        ),
    )
    joined = numbered.join(found, on="_n", how="left", maintain_order="left")
    return joined.with_columns(set_aside=pl.coalesce("set_aside", "_reason")).drop("_n", "_reason")


def _any_broken(frame: pl.DataFrame, *, table: Table) -> bool:
    """Say whether any good row breaks what is asked of the table: seldom, and soon seen."""
    lacks = [pl.col(column.name).is_null() for column in table.columns if column.required]
    breaks = [~rule.fill_null(value=True) for rule in RULES.get(table.name, {}).values()]
    found = pl.any_horizontal(*lacks, *breaks) & pl.col("set_aside").is_null()
    return bool(frame.select(found.any()).item())


def _schema(frame: pl.DataFrame, *, table: Table) -> tuple[Any, dict[str, str]]:
    """Return the dataframely schema of a table in the types at hand, and a reason per rule."""
    import dataframely as dy

    members: dict[str, Any] = {"_n": dy.Int64()}
    reasons: dict[str, str] = {}
    for column in table.columns:
        members[column.name] = _column(frame.schema[column.name], nullable=not column.required)
        if column.required:
            reasons[f"{column.name}|nullability"] = f"no {column.name}"
    for number, (reason, rule) in enumerate(RULES.get(table.name, {}).items()):
        members[f"rule_{number}"] = dy.rule()(_says(rule))
        reasons[f"rule_{number}"] = reason
    return type(f"{table.name.title()}Schema", (dy.Schema,), members), reasons


def _says(rule: pl.Expr) -> Callable[[Any], pl.Expr]:
    def holds(cls: Any) -> pl.Expr:  # noqa: ARG001  (dataframely hands the schema over)
        return rule.fill_null(value=True)

    return holds


def _column(dtype: pl.DataType, *, nullable: bool) -> Any:
    import dataframely as dy

    if isinstance(dtype, pl.Datetime):
        return dy.Datetime(nullable=nullable, time_zone=dtype.time_zone, time_unit="us")
    if isinstance(dtype, pl.Decimal):
        return dy.Decimal(dtype.precision, dtype.scale, nullable=nullable)
    kinds = {pl.String(): dy.String, pl.Int64(): dy.Int64, pl.Float64(): dy.Float64}
    return {**kinds, pl.Date(): dy.Date}[dtype](nullable=nullable)
