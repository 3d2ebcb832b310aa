"""What changed after a period was closed: brought forward as lines of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from spm_lib.incentives.chain.calculate import CORRECTION_COLUMNS, PayRun
from spm_lib.incentives.chain.paying import PAYMENT_COLUMNS
from spm_lib.incentives.close.ledger_files import Kept, PayFiles
from spm_lib.incentives.close.reasons import Picture, reasons

_BY = ["rep_id", "component"]


def with_corrections(run: PayRun, files: PayFiles) -> PayRun:
    """Return a run in which closed periods stay as paid and differences come forward.

    What a closed period would pay now, less what was paid of it (its corrections that closed
    periods have brought already count as paid), becomes lines of kind "correction" of the first
    period after it that is not closed; ``corrections`` lists original, corrected and reason. Where
    every later period is closed, differences wait for the next one.

    Raises
    ------
    PayError
        If a closed file was changed after it was written.
    """
    closed = {kept.period: kept for kept in files.closed() if kept.period in run.periods}
    open_ = [period for period in run.periods if period not in closed]
    if not closed:
        return run
    paid = {period: kept.table("payments") for period, kept in closed.items()}
    already = pl.concat([kept.table("corrections") for kept in closed.values()])
    now = run.payments.filter(pl.col("period").is_in(open_))
    rows: list[tuple[object, ...]] = []
    for kept in closed.values():
        later = run.periods[run.periods.index(kept.period) :]
        if into := next((period for period in later if period in open_), None):
            rows += _differences(run, kept, paid[kept.period], already, into)
    corrections = pl.DataFrame(rows, schema=CORRECTION_COLUMNS, orient="row")
    forward = _lines(run, corrections)
    payments = pl.concat([*paid.values(), now, forward]).sort("rep_id", "period_start", "line")
    return replace(run, payments=payments, corrections=pl.concat([already, corrections]))


def _differences(
    run: PayRun, kept: Kept, paid: pl.DataFrame, already: pl.DataFrame, into: str
) -> Iterator[tuple[object, ...]]:
    """Return what a closed period pays now, less what was paid of it, by person and rule."""
    original = _totals(paid.filter(pl.col("kind") != "correction"), "amount", "original")
    before = _totals(already.filter(pl.col("of_period") == kept.period), "difference", "already")
    now = _totals(run.payments.filter(pl.col("period") == kept.period), "amount", "corrected")
    joined = original.join(now, on=_BY, how="full", coalesce=True, nulls_equal=True)
    joined = joined.join(before, on=_BY, how="full", coalesce=True, nulls_equal=True)
    joined = joined.with_columns(pl.col("original", "corrected", "already").fill_null(0))
    why = reasons(Picture.of_kept(kept), Picture.of_run(run, kept.period))
    for row in joined.sort(_BY, nulls_last=True).iter_rows(named=True):
        was = row["original"] + row["already"]
        if row["corrected"] != was:
            told = why.get((row["rep_id"], row["component"])) or "balances before it changed"
            difference = row["corrected"] - was
            key = (row["rep_id"], into, kept.period, row["component"])
            yield (*key, was, row["corrected"], difference, told)


def _totals(frame: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return frame.group_by(_BY).agg(pl.col(column).sum().alias(name))


def _lines(run: PayRun, corrections: pl.DataFrame) -> pl.DataFrame:
    """Return the correction lines of the open period, after its own lines."""
    starts = {period.label: period.start for period in run.pay_periods}
    last: dict[tuple[str, str], int] = {
        (rep, period): line
        for rep, period, line in run.payments.group_by("rep_id", "period")
        .agg(pl.col("line").max())
        .iter_rows()
    }
    rows: list[tuple[object, ...]] = []
    for row in corrections.iter_rows(named=True):
        key = (row["rep_id"], row["period"])
        last[key] = last.get(key, 0) + 1
        reason = f"{row['of_period']}: {row['reason']}"
        of_rule = (row["component"], None, None)
        line = (*key, starts[row["period"]], last[key], "correction", *of_rule, reason)
        rows.append((*line, row["difference"]))
    return pl.DataFrame(rows, schema=PAYMENT_COLUMNS, orient="row")
