"""Mix: what each person's closed deals consist of, against the company's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.metrics.filled_at_close import filled_at_close
from spm_lib.model import Company
from spm_lib.model.names import column_phrase

FEWEST_VALUES, MOST_VALUES = 2, 30
LEAST_FILLED = 0.5
PURE = 0.98
CHOSEN = ("lost_reason", "next_step", "forecast_category", "discount", "stage", "outcome")
GIVEN = ("pipeline", "type", "source", "campaign", "product_id")
NOT_CHOSEN = re.compile(
    r"segment|region|territor|country|market|industr|sector|channel|source|product|office"
    r"|סגמנט|פלח|אזור|מדינה|ענף|מגזר|ערוץ|מקור|מוצר",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class MixColumn:
    """A column of the deals as a dimension of the mix, or why it is not one.

    ``use``: "mix" (shown and allowed for), "shown" (only shown: the person may have chosen it, and
    allowing for it would take away skill), "one value each" (every person has one value: it cannot
    be told apart from the person), or "filled at close" (known only afterwards).
    """

    column: str
    use: str
    statement: Statement | None = None


def mix_columns(
    company: Company, deals: pl.DataFrame, *, wanted: Sequence[str] | None
) -> tuple[MixColumn, ...]:
    """Return the columns of the mix, with those that must not be used and why.

    Without ``wanted``: the given columns of the deals (source, product, campaign, type, pipeline)
    and those the client's file keeps, if half filled and of 2 to 30 values. Of the kept ones only
    those named after what is given to a person (segment, region, industry, ...) are allowed for.
    """
    kept = company.columns("opportunities")[1]
    names = list(wanted) if wanted is not None else [*GIVEN, *kept]
    found = [name for name in names if name in deals.columns and name not in CHOSEN]
    if wanted is None:
        found = [name for name in found if few_values(deals[name])]
    asked = wanted is not None
    return tuple(_judged(company, deals, name, asked=asked) for name in found)


def few_values(values: pl.Series) -> bool:
    """Say whether a column of texts or truths is half filled and has 2 to 30 values.

    Examples
    --------
    >>> few_values(pl.Series(["a", "b", "a"])), few_values(pl.Series(["a", "a", None]))
    (True, True)
    >>> few_values(pl.Series(["a", "a"]))
    False
    """
    if not (values.dtype == pl.String or values.dtype == pl.Boolean) or not values.len():
        return False
    filled = 1 - values.null_count() / values.len()
    return filled >= LEAST_FILLED and FEWEST_VALUES <= values.n_unique() <= MOST_VALUES


def _judged(company: Company, deals: pl.DataFrame, name: str, *, asked: bool) -> MixColumn:
    everything = company.table("opportunities")
    if company.once(f"{name} filled at close", lambda: filled_at_close(everything, name)):
        text = "{column} is filled in mostly when a deal closes, so it is not used to explain wins."
        return MixColumn(
            name, "filled at close", Statement(text, {"column": column_phrase(name)}, "note")
        )
    if one_value_each(deals, name):
        text = (
            "Each person has one {column} only, so the effect of the person and the effect of "
            "{column} cannot be separated."
        )
        return MixColumn(
            name, "one value each", Statement(text, {"column": column_phrase(name)}, "why")
        )
    given = name in GIVEN or NOT_CHOSEN.search(name) is not None or asked
    return MixColumn(name, "mix" if given else "shown")


def one_value_each(deals: pl.DataFrame, name: str) -> bool:
    """Say whether each person's deals share one value, while the company has several."""
    counts = deals.drop_nulls(name).group_by("rep_id", name).len()
    if not counts.height or counts["rep_id"].n_unique() < 2:
        return False
    per_rep = counts.group_by("rep_id").agg(top=pl.col("len").max(), all=pl.col("len").sum())
    company = counts.group_by(name).agg(pl.col("len").sum())["len"]
    pure = float(per_rep["top"].sum()) / float(per_rep["all"].sum())
    common = company.to_numpy().max() / company.to_numpy().sum()
    return bool(pure >= PURE and common < PURE)


def mix_table(deals: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return shares of closed deals per person and value, beside the company's.

    Columns out: ``column, value`` (String, null: not filled), ``rep_id``, ``deals`` (Int64),
    ``share`` (of the person's closed deals), ``company_share``, ``company_rate`` (closed win rate
    of the value in the whole company).
    """
    parts = [_one_mix(deals, column) for column in columns]
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.concat(parts)


_SCHEMA = {
    "column": pl.String,
    "value": pl.String,
    "rep_id": pl.String,
    "deals": pl.Int64,
    "share": pl.Float64,
    "company_share": pl.Float64,
    "company_rate": pl.Float64,
}


def _one_mix(deals: pl.DataFrame, column: str) -> pl.DataFrame:
    valued = deals.select("rep_id", "won", value=pl.col(column).cast(pl.String))
    company = valued.group_by("value").agg(
        company_share=pl.len() / deals.height, company_rate=pl.col("won").mean()
    )
    people = valued.select("rep_id").unique()
    own = valued.group_by("rep_id", "value").agg(deals=pl.len().cast(pl.Int64))
    grid = people.join(company, how="cross").join(
        own, on=["rep_id", "value"], how="left", nulls_equal=True
    )
    all_ = pl.col("deals").sum().over("rep_id")
    return (
        grid.with_columns(pl.col("deals").fill_null(0), column=pl.lit(column))
        .with_columns(share=pl.col("deals") / all_)
        .select(list(_SCHEMA))
        .sort("column", "value", "rep_id", nulls_last=True)
    )
