"""The ideal customer: which segments win more, hold up on later deals, and are worth the effort."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from spm_lib.core.statement import Statement
from spm_lib.model import Company, Figure
from spm_lib.segments.columns import EMPTY, decided_deals
from spm_lib.segments.discover import Discovery, discover_segments
from spm_lib.stats import Ratio, ratio_of_sums

CHOSEN = ("discount",)  # what the seller grants says nothing of whom to look for
Reading = Literal["more", "less", "alike"]
_SCHEMA = {
    "column": pl.String,
    "value": pl.String,
    "n": pl.Int64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "wins": pl.String,
    "per_deal": pl.Float64,
    "per_deal_low": pl.Float64,
    "per_deal_high": pl.Float64,
    "per_activity": pl.Float64,
    "per_activity_low": pl.Float64,
    "per_activity_high": pl.Float64,
    "worth": pl.String,
}


@dataclass(frozen=True, eq=False)
class IdealCustomer:
    """The values of the columns that differ, with what they win and what they are worth.

    Attributes
    ----------
    table
        One row per value: ``n`` later deals, ``difference, low, high`` (share won against other
        deals of the same person and year), ``wins`` ("more", "less", "alike"), ``per_deal`` (won
        amount per decided deal, minor units) and ``per_activity`` (per activity on such deals;
        null without them) with intervals, ``worth`` (the same three words, by activity where it is
        known, else by deal). Segments that win more come first.
    per_deal, per_activity
        The same of all deals together; null where no amounts or activities are known.
    """

    company: Company = field(repr=False)
    discovery: Discovery = field(repr=False)
    table: pl.DataFrame
    per_deal: float | None
    per_activity: float | None

    @property
    def statements(self) -> tuple[Statement, ...]:
        """With whom the company wins, and whether that is worth the effort, in words."""
        from spm_lib.segments.words import profile_words

        return profile_words(self)

    def figures(self) -> list[Figure]:
        """Return every number of it as a record of figures.json."""
        from spm_lib.segments.figures import profile_figures

        return profile_figures(self)


def ideal_customer(company: Company) -> IdealCustomer:
    """Return what the segments that differ win, and what an effort on them brings.

    Raises
    ------
    DataError
        As ``discover_segments``.
    """
    return company.once("ideal customer", lambda: _described(company))


def _described(company: Company) -> IdealCustomer:
    found = discover_segments(company)
    deals = _with_activities(company, decided_deals(company))
    whole, effort = (_worth(deals, part) for part in ("deals", "activities"))
    names = [name for name in found.found if name not in CHOSEN]
    values = found.values.filter(pl.col("column").is_in(names), pl.col("value") != EMPTY)
    rows = [_row(row, deals, whole, effort) for row in values.iter_rows(named=True)]
    order = {"more": 0, "alike": 1, "less": 2}
    table = pl.DataFrame(rows, schema=_SCHEMA).sort(
        pl.col("wins").replace_strict(order, default=1, return_dtype=pl.Int64), "column", "value"
    )
    return IdealCustomer(company, found, table, whole.value, effort.value)


def _with_activities(company: Company, deals: pl.DataFrame) -> pl.DataFrame:
    if not company.has("activities", "opportunity_id"):
        return deals.with_columns(activities=pl.lit(0, dtype=pl.Int64))
    acts = company.table("activities").group_by("opportunity_id").agg(
        activities=pl.len().cast(pl.Int64)
    )  # fmt: skip
    return deals.join(acts, on="opportunity_id", how="left", maintain_order="left").with_columns(
        pl.col("activities").fill_null(0)
    )


def _worth(deals: pl.DataFrame, per: str) -> Ratio:
    """Return won amount per deal or per activity; won deals without an amount are left out."""
    known = deals.filter((pl.col("won") == 0) | pl.col("amount").is_not_null())
    money = known.select(pl.when(pl.col("won") == 1).then("amount").otherwise(0))
    below = np.ones(known.height) if per == "deals" else known["activities"].to_numpy()
    if not known.height or not known.filter(pl.col("won") == 1).height:
        return Ratio(None, None, None, 0, None)
    return ratio_of_sums(money.to_series().to_numpy(), below)


def _row(row: dict, deals: pl.DataFrame, whole: Ratio, effort: Ratio) -> dict:
    own = deals.filter(pl.col(row["column"]) == row["value"])
    per_deal, per_activity = _worth(own, "deals"), _worth(own, "activities")
    judged, common = (per_activity, effort) if effort.value is not None else (per_deal, whole)
    return {
        **{name: row[name] for name in ("column", "value", "n", "difference", "low", "high")},
        "wins": _reading(row["low"], row["high"], 0.0),
        **_ends("per_deal", per_deal),
        **_ends("per_activity", per_activity),
        "worth": _reading(judged.low, judged.high, common.value),
    }


def _ends(name: str, found: Ratio) -> dict[str, float | None]:
    low = None if found.low is None else max(found.low, 0.0)
    return {name: found.value, f"{name}_low": low, f"{name}_high": found.high}


def _reading(low: float | None, high: float | None, common: float | None) -> Reading:
    if low is None or high is None or common is None:
        return "alike"
    return "more" if low > common else "less" if high < common else "alike"
