"""Segments that really win more or less: many looks corrected, and tried on later deals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.metrics.definition import EPOCH
from spm_lib.model import Company, Figure
from spm_lib.segments.columns import RARE, SegmentColumn, decided_deals, merged, segment_columns
from spm_lib.segments.score import Score, stratified_score
from spm_lib.stats import benjamini_hochberg

Standing = Literal["differs", "did not hold", "not shown"]
LEVEL = 0.05
FEWEST = 200  # decided deals
LATER = 1 / 3  # of the decided deals, in time: what was found must hold on them
_TESTS = {
    "column": pl.String,
    "values": pl.Int64,
    "p": pl.Float64,
    "q": pl.Float64,
    "held_out_p": pl.Float64,
    "standing": pl.String,
}
_VALUES = {
    "column": pl.String,
    "value": pl.String,
    "n": pl.Int64,
    "won": pl.Int64,
    "rate": pl.Float64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class Discovery:
    """Which columns part deals that are won more from deals that are won less.

    Attributes
    ----------
    tests
        One row per column looked at: ``column, values, p`` (earlier deals), ``q`` (p corrected for
        all columns), ``held_out_p`` (later deals; one-sided, in the direction found), ``standing``:
        "differs" (q and held_out_p at most 5 %), "did not hold", or "not shown". Sorted by column.
    values
        One row per value of each of them, on the later deals: ``n, won, rate, difference, low,
        high``: share won less that of other deals of the same person and year; intervals hold for
        all values of a column together (95 %). Null where nothing can be compared.
    columns
        What may be done with each column of the data.
    deals, held_out
        Decided deals on which columns were looked for, and on which they were tried.
    split
        The first day of the later deals.
    """

    company: Company = field(repr=False)
    tests: pl.DataFrame
    values: pl.DataFrame
    columns: tuple[SegmentColumn, ...]
    deals: int
    held_out: int
    split: date

    @property
    def found(self) -> list[str]:
        """The columns that differ, the surest first."""
        return (
            self.tests.filter(pl.col("standing") == "differs")
            .sort("held_out_p", "column")["column"]
            .to_list()
        )

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What differs, why it may be said, and what to do, in words."""
        from spm_lib.segments.words import discovery_words

        return discovery_words(self)

    def figures(self) -> list[Figure]:
        """Return every number of it as a record of figures.json."""
        from spm_lib.segments.figures import discovery_figures

        return discovery_figures(self)


def discover_segments(company: Company) -> Discovery:
    """Look through the columns of the deals for segments that are won more or less often.

    Columns are looked for on the earlier two thirds of the decided deals and tried on the later
    third. Deals are compared with others of the same person and year of close, so that who sells
    where is not taken for where one wins; deals of one customer count as one cluster. What is found
    is associated with winning; nobody has proved that it causes it.

    Raises
    ------
    DataError
        With fewer than 200 decided deals, or without a column that may tell segments apart.
    """
    return company.once("discovered segments", lambda: _discovered(company))


def _discovered(company: Company) -> Discovery:
    columns = segment_columns(company)
    names = [c.column for c in columns if c.use == "segment"]
    deals = decided_deals(company) if company.has("opportunities") else pl.DataFrame()
    deals = deals.filter(pl.col("closed_day").is_not_null()) if deals.height else deals
    if deals.height < FEWEST or not names:
        raise DataError(
            "Segments cannot be told apart: too few decided deals, or no column to part them by.",
            found=f"{deals.height} decided deals with a date, {len(names)} columns",
            do=f"Bring {FEWEST} decided deals, and `keep` columns such as segment or region",
        )
    split = split_day(deals)
    early, late = (deals.filter(part) for part in (pl.col("closed_day") < split,
                                                   pl.col("closed_day") >= split))  # fmt: skip
    tests, values = try_columns(names, early=early, late=late)
    day = EPOCH + timedelta(days=split)
    return Discovery(company, tests, values, columns, early.height, late.height, day)


def split_day(deals: pl.DataFrame) -> int:
    """Return the first day of the later deals: no day lies on both sides."""
    days = deals["closed_day"].sort()
    return int(days[int((1 - LATER) * (deals.height - 1))]) + 1


def try_columns(
    names: list[str], *, early: pl.DataFrame, late: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ``Discovery.tests`` and ``.values`` of columns found early and tried late.

    Columns in: as ``decided_deals``, with a day for every deal.
    """
    rows, values = [], []
    for name in names:
        shown = merged(early[name]).unique().sort().to_list()
        first, again = (score_of(part, name, shown) for part in (early, late))
        held = again.confirms(first.difference)
        rows.append({"column": name, "values": len(shown), "p": first.p, "held_out_p": held})
        values.append(_told(name, shown, again, late))
    p = [row["p"] if row["p"] is not None else np.nan for row in rows]
    q = [None if np.isnan(v) else float(v) for v in benjamini_hochberg(p)]
    for row, adjusted in zip(rows, q, strict=True):
        row |= {"q": adjusted, "standing": _standing(adjusted, row["held_out_p"])}
    return pl.DataFrame(rows, schema=_TESTS).sort("column"), pl.concat(values)


def _standing(q: float | None, held_out_p: float | None) -> Standing:
    if q is None or q > LEVEL:
        return "not shown"
    return "differs" if held_out_p is not None and held_out_p <= LEVEL else "did not hold"


def score_of(deals: pl.DataFrame, name: str, shown: list[str]) -> Score:
    """Compare the values of a column on some deals; values not among ``shown`` are left out.

    Strata are person and year of the close, clusters customers (a deal without one stands alone).
    """
    known = deals.with_columns(_v=_as_shown(deals[name], shown)).filter(pl.col("_v").is_not_null())
    code = known["_v"].replace_strict(shown, range(len(shown)), return_dtype=pl.Int64)
    year = (pl.col("closed_day").cast(pl.Int32).cast(pl.Date).dt.year()).cast(pl.String)
    keys = known.select(
        stratum=pl.concat_str(pl.col("rep_id").fill_null(""), year, separator="\x1f"),
        cluster=pl.coalesce("account_id", pl.concat_str(pl.lit("\x1f"), "opportunity_id")),
    )
    return stratified_score(
        code.to_numpy(),
        known["won"].to_numpy(),
        keys["stratum"].to_numpy(),
        keys["cluster"].to_numpy(),
        values=len(shown),
    )


def _as_shown(values: pl.Series, shown: list[str]) -> pl.Series:
    """Return the values, rare ones put together where such a group was shown, else null."""
    rest = pl.lit(RARE if RARE in shown else None, dtype=pl.String)
    known = pl.when(pl.col("v").is_in(shown)).then(pl.col("v")).otherwise(rest)
    return pl.DataFrame({"v": values}).select(known.alias("v"))["v"]


def _told(name: str, shown: list[str], again: Score, late: pl.DataFrame) -> pl.DataFrame:
    counts = (
        late.select(value=_as_shown(late[name], shown), won="won")
        .drop_nulls("value")
        .group_by("value")
        .agg(n=pl.len().cast(pl.Int64), won=pl.col("won").sum())
    )
    half = again.half_width(looks=len(shown))
    difference = again.difference
    told = pl.DataFrame(
        {
            "column": name,
            "value": shown,
            "difference": difference,
            "low": difference - half,
            "high": difference + half,
        },
        schema_overrides={"value": pl.String},
    ).with_columns(pl.col("difference", "low", "high").fill_nan(None))
    told = told.join(counts, on="value", how="left").with_columns(pl.col("n", "won").fill_null(0))
    rate = pl.when(pl.col("n") > 0).then(pl.col("won") / pl.col("n"))
    return told.with_columns(rate=rate).select(
        pl.col(c).cast(kind).alias(c) for c, kind in _VALUES.items()
    )
