"""Cancelled deals: whether the plan looks at them, what was served, what attainment loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from spm_lib.core.months import months_after
from spm_lib.incentives.chain.arithmetic import rounded
from spm_lib.incentives.plan.plan import Plan

_ONE, _ZERO = Fraction(1), Fraction(0)


@dataclass(frozen=True)
class Cancellation:
    """When a deal was cancelled, its term in months, and the months served where they are told."""

    day: date
    term_months: int | None
    served_months: int | None

    def counts(self, plan: Plan, begun: date) -> bool:
        """Say whether a plan takes anything back of a deal of that day."""
        clawback = plan.clawback
        if clawback is None:
            return False
        window = clawback.window_days
        return window is None or (self.day - begun).days <= window

    def kept(self, plan: Plan, begun: date) -> Fraction:
        """Return the share of the deal that stays: 0, or pro rata the whole months served."""
        if plan.clawback is None or plan.clawback.how == "full" or not self.term_months:
            return _ZERO
        served = self.served_months
        if served is None:
            served = 0
            while months_after(begun, served + 1) <= self.day:
                served += 1
        return max(_ZERO, min(_ONE, Fraction(served, self.term_months)))


def cancellations_of(frame: pl.DataFrame) -> dict[str, Cancellation]:
    """Return cancellations by transaction."""
    columns = ("transaction_id", "date", "term_months", "served_months")
    return {deal: Cancellation(*told) for deal, *told in frame.select(columns).iter_rows()}


def with_reversals(plan: Plan, cancelled: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Return credits with a row per cancelled one that takes its unserved share off attainment.

    Nothing is added where the plan's clawback leaves attainment as it is. Such rows have the kind
    ``reversal``, the day of the cancellation, and no pay.
    """
    if plan.clawback is None or not plan.clawback.attainment or cancelled.is_empty():
        return given
    found = given.filter(pl.col("transaction_id").is_in(cancelled["transaction_id"].implode()))
    rows = list(_reversals(plan, cancellations_of(cancelled), found))
    if not rows:
        return given
    made = pl.DataFrame(rows, schema=given.schema, orient="row")
    return pl.concat([given, made], how="vertical_relaxed")


def _reversals(
    plan: Plan, cancelled: dict[str, Cancellation], found: pl.DataFrame
) -> Iterator[dict[str, object]]:
    for row in found.iter_rows(named=True):
        ends = cancelled[row["transaction_id"]]
        if not ends.counts(plan, row["date"]):
            continue
        lost = 1 - ends.kept(plan, row["date"])
        pays = {c: 0 for c in row if c.startswith("pay.")}
        quota = {c: -rounded(n * lost) for c, n in row.items() if c.startswith("quota.")}
        yield {**row, **pays, **quota, "date": ends.day, "kind": "reversal"}
