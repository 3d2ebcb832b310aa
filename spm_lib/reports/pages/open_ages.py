"""How old open deals are: bands of days since a deal was created, stage by stage."""

from __future__ import annotations

from dataclasses import replace

import narwhals.stable.v2 as nw

from spm_lib.metrics.deals import outcome_is
from spm_lib.metrics.definition import Context, Measure, day_number, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import COUNT
from spm_lib.model import Company, metric_id

BANDS = ((30, "0-30"), (90, "31-90"), (180, "91-180"))
OLDEST = "over 180"
UNDATED = "no created date"


def _rows(company: Company) -> nw.LazyFrame:
    """Return the opportunities with ``age``, the band of their days since they were created."""
    days = nw.lit(day_number(company.as_of)) - nw.col("created_day")
    band: nw.Expr = nw.lit(OLDEST)
    for most, name in reversed(BANDS):
        band = nw.when(days <= most).then(nw.lit(name)).otherwise(band)
    known = nw.when(~nw.col("created_day").is_null()).then(band)
    return company.rows("opportunities").with_columns(known.alias("age"))


def _open(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(
        when_first(*outcome_is("open"), (UNDATED, nw.col("created_day").is_null())).alias(
            "_left_out"
        )
    )


def declare_open_ages() -> None:
    """Put the age of open deals into the registry."""
    declare(
        Measure(
            replace(
                metric_id("open.count"),
                id="open.age.count",
                name="Open deals by age",
                formula="Number of deals open at as_of, by days since they were created",
                numerator="Number of deals open at as_of, by days since they were created",
                date_field="created_on",
                room="reports",
                reading=(
                    "Old deals in early stages are seldom won: check whether they are still alive."
                ),
                compute=None,
            ),
            COUNT,
            _open,
            date="created_day",
            rows=_rows,
            always_by=("age",),
        )
    )
