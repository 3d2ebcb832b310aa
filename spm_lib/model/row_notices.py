"""Odd rows: plans in the close column, zero values, stages that contradict outcomes, gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.creation import FILLED_LATER, untold_columns
from spm_lib.model.export_day import STALE, is_stale
from spm_lib.model.key_notices import money_of
from spm_lib.model.notices import Notice, shown

if TYPE_CHECKING:
    from spm_lib.model.company import Company

FEW = 30
GAP_DAYS = 60


def stale_export(company: Company) -> Iterator[Notice]:
    """Tell of a day that lies long after the newest entry."""
    if is_stale(company.as_of, exported_on=company.exported_on):
        days = (company.as_of - company.exported_on).days
        table = next(iter(company.book.tables))
        yield Notice("stale", table, "", (), 0, STALE, details={"days": days})


def planned_closes(company: Company) -> Iterator[Notice]:
    """Tell of close dates of open deals: they are plans."""
    rows = company.full("opportunities")
    if "_planned" not in rows.columns or company.as_of < company.exported_on:
        return
    planned = rows.filter(pl.col("_planned") & pl.col("set_aside").is_null())
    if planned.height:
        yield Notice(
            "planned_close",
            "opportunities",
            "closed_at",
            (),
            planned.height,
            "{n:1 open deal carries|{n:,} open deals carry} a close date: it is read as the "
            "expected close.",
            amount=money_of(planned),
            details={"n": planned.height},
        )


def untold_then(company: Company) -> Iterator[Notice]:
    """Tell of columns that are empty on a past day, because no history tells what they were."""
    if not company.has("opportunities") or company.as_of >= company.exported_on:
        return
    if company.book.from_log:
        return
    kept, known = company.columns("opportunities")[1], company.book.known
    untold = untold_columns("opportunities", kept=kept, known=known)
    columns = [c for c in untold if c not in FILLED_LATER and company.has("opportunities", c)]
    open_ = company.table("opportunities").filter(pl.col("outcome") == "open").height
    if open_ and columns:
        yield Notice(
            "untold_then",
            "opportunities",
            columns[0],
            tuple(columns[:10]),
            open_,
            "{n:1 deal was|{n:,} deals were} open on {day}, before the export: what their "
            "columns {values} said then is not known. Name those that never change in "
            "known_at_creation.",
            details={"n": open_, "day": str(company.as_of), "values": shown(columns)},
        )


def undated_deals(company: Company) -> Iterator[Notice]:
    """Tell of deals without a creation date, and of closed ones without a close date."""
    deals = company.table("opportunities")
    closed = pl.col("outcome") != "open"
    cases = {
        "created_at": (pl.col("created_on").is_null(), _UNDATED),
        "closed_at": (closed & pl.col("closed_on").is_null(), _UNCLOSED),
    }
    for column, (where, text) in cases.items():
        rows = deals.filter(where)
        if rows.height:
            still = int((rows["outcome"] == "open").sum())
            yield Notice(
                "undated",
                "opportunities",
                column,
                (),
                rows.height,
                text,
                amount=money_of(rows),
                details={"n": rows.height, "open": still},
            )


_UNDATED = (
    "{n:1 deal has|{n:,} deals have} no creation date ({open:,} open). They count as of the "
    "export's day only; before it nobody knows whether they were there."
)
_UNCLOSED = (
    "{n:1 closed deal has no close date: no window contains it|{n:,} closed deals "
    "have no close date: no window contains them}."
)


def closed_before_created(company: Company) -> Iterator[Notice]:
    """Tell of deals that closed before they were created."""
    deals = company.table("opportunities")
    rows = deals.filter(pl.col("closed_day") < pl.col("created_day"))
    if rows.height:
        yield Notice(
            "closed_before_created",
            "opportunities",
            "closed_at",
            tuple(rows["opportunity_id"].head(10).to_list()),
            rows.height,
            "{n:1 deal closed before it was created|{n:,} deals closed before they were "
            "created}: {values}.",
            amount=money_of(rows),
            details={"n": rows.height, "values": shown(rows["opportunity_id"].to_list())},
        )


def zero_amounts(company: Company) -> Iterator[Notice]:
    """Tell of zeros in the amount: read as missing if the file says so, suspicious if not."""
    for name in ("opportunities", "stage_events"):
        if name not in company.book.tables:
            continue
        missing, missing_lost, zeros, lost = _zeros(company.full(name))
        if missing:
            yield _zero(missing, name, lost=missing_lost, text=_MISSING)
        if zeros and zeros == lost:
            yield _zero(zeros, name, lost=zeros, text=_ALL_ZERO)


def _zeros(rows: pl.DataFrame) -> tuple[int, ...]:
    """Count good rows: read as missing, of those lost ones, lost ones with a zero, lost ones."""
    good, lost = pl.col("set_aside").is_null(), pl.col("outcome") == "lost"
    missing = pl.col("_zero_amount") if "_zero_amount" in rows.columns else pl.lit(value=False)
    cases = (missing, missing & lost, lost & (pl.col("amount") == 0), lost)
    counts = [(good & case).sum().alias(str(n)) for n, case in enumerate(cases)]
    return rows.select(counts).row(0)


def _zero(rows: int, name: str, *, lost: int, text: str) -> Notice:
    return Notice(
        "zero_amount",
        name,
        "amount",
        (),
        rows,
        text,
        details={"n": rows, "table": name, "lost": lost},
    )


_MISSING = (
    "{n:1 row of {table} has|{n:,} rows of {table} have} an amount of 0 ({lost:,} "
    "lost): it is read as missing."
)
_ALL_ZERO = (
    "{n:The 1 lost row|All {n:,} lost rows} of {table} {n:has|have} an amount of 0. If that "
    'means that the value is not kept, write zero_is_missing = ["amount"].'
)


def stage_against_outcome(company: Company) -> Iterator[Notice]:
    """Tell of closed deals whose stage is an open one: the stage is the last one reached."""
    pipelines = company.settings.pipelines.values()
    still_open = sorted({stage for p in pipelines for stage in p.open})
    closed = (pl.col("outcome") != "open") & pl.col("stage").is_in(still_open)
    deals = company.table("opportunities").filter(closed)
    for outcome in ("won", "lost") if deals.height else ():
        rows = deals.filter(pl.col("outcome") == outcome)
        if rows.height:
            counts = rows.group_by("stage").len().sort("stage")
            text = ", ".join(f"{stage} ({n:,})" for stage, n in counts.iter_rows())
            yield Notice(
                "stage_outcome",
                "opportunities",
                "stage",
                tuple(counts["stage"].head(10).to_list()),
                rows.height,
                "{n:1 {outcome} deal stands at an open stage, the last it|{n:,} {outcome} "
                "deals stand at an open stage, the last they} reached: {values}.",
                amount=money_of(rows),
                details={"n": rows.height, "outcome": outcome, "values": text},
            )


def late_first_close(company: Company) -> Iterator[Notice]:
    """Tell of first months in which deals are created and none closes: they are censored."""
    deals = company.table("opportunities")
    created, closed = deals["created_on"].min(), deals["closed_on"].min()
    days = deals.select(pl.col("closed_day").min() - pl.col("created_day").min()).item()
    if days is not None and days >= GAP_DAYS:
        yield Notice(
            "late_first_close",
            "opportunities",
            "closed_at",
            (),
            0,
            "Deals are created from {created} on, and none closes before {closed}: "
            "rates of the first months are censored.",
            details={"created": str(created), "closed": str(closed)},
        )


def confounded(company: Company) -> Iterator[Notice]:
    """Tell of kept columns that each rep has one value of: the two cannot be told apart."""
    kept = company.columns("opportunities")[1]
    deals = company.table("opportunities").select("rep_id", *kept).drop_nulls("rep_id")
    reps = deals["rep_id"].n_unique()
    for column in kept:
        kinds = deals[column].drop_nulls().n_unique()
        if not 1 < kinds <= min(FEW, reps) or deals.height < 10 * reps:
            continue
        pairs = deals.select("rep_id", column).drop_nulls().unique()
        if pairs.height == pairs["rep_id"].n_unique():
            yield Notice(
                "confounded",
                "opportunities",
                column,
                (),
                deals.height,
                "Each rep has one {column} only: effects of rep and {column} cannot be told apart.",
                details={"column": column},
            )


def below_cost(company: Company) -> Iterator[Notice]:
    """Tell of order lines sold below cost."""
    orders = company.table("orders")
    rows = orders.filter(pl.col("amount") < pl.col("cost"))
    if rows.height:
        yield Notice(
            "below_cost",
            "orders",
            "cost",
            (),
            rows.height,
            "{n:,} of {all:,} order lines {n:was|were} sold below cost.",
            amount=money_of(rows),
            details={"n": rows.height, "all": orders.height},
        )
