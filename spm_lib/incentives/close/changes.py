"""Why did my pay change: the lines between any two runs, which add up to the change."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.language import Language
from spm_lib.core.money import exponent
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.close.reasons import Picture, reasons
from spm_lib.incentives.explain.words import KINDS, reason_told

CHANGE_COLUMNS = {
    "rep_id": pl.String,
    "kind": pl.String,
    "component": pl.String,
    "before": pl.Int64,
    "after": pl.Int64,
    "change": pl.Int64,
    "reason": pl.String,
}
_BY = ["rep_id", "kind", "component"]


@dataclass(frozen=True, eq=False)
class PayChange:
    """What changed in a person's pay of a period, line by line; the lines add up to ``change``."""

    rep: str
    period: str
    currency: str
    before: int
    after: int
    table: pl.DataFrame = field(repr=False)

    @property
    def change(self) -> int:
        """After less before, in minor units."""
        return self.after - self.before

    def tell(self, language: Language) -> list[str]:
        """Return the change in sentences: the whole, then one per line that changed."""
        places = exponent(self.currency)

        def money(minor: int) -> str:
            return language.money(minor, self.currency, decimals=places)

        head = language.text(
            "Pay of {rep} for {period} changed by {change}: from {before} to {after}.",
            rep=self.rep,
            period=self.period,
            change=money(self.change),
            before=money(self.before),
            after=money(self.after),
        )
        lines = [
            language.text(
                "{what}: {change}. Reason: {reason}.",
                what=f"{row['component'] or ''} {language.text(KINDS[row['kind']])}".strip(),
                change=money(row["change"]),
                reason=reason_told(row["reason"], language),
            )
            for row in self.table.iter_rows(named=True)
        ]
        return [head, *lines]


def pay_change(before: PayRun, after: PayRun, rep: str, period: str) -> PayChange:
    """Return why a person's pay of a period is not the same in two runs.

    Runs may differ in data, plan or both. A period or a person that one of them does not have
    pays nothing there.
    """
    then, now = Picture.of_run(before, period), Picture.of_run(after, period)
    why = reasons(then, now)
    one, other = (
        _lines(picture, rep, name) for picture, name in ((then, "before"), (now, "after"))
    )
    joined = one.join(other, on=_BY, how="full", coalesce=True, nulls_equal=True)
    joined = joined.with_columns(pl.col("before", "after").fill_null(0))
    rows = [
        (
            row["rep_id"],
            row["kind"],
            row["component"],
            row["before"],
            row["after"],
            row["after"] - row["before"],
            why.get((rep, row["component"]), "what comes before this line changed"),
        )
        for row in joined.sort(_BY, nulls_last=True).iter_rows(named=True)
        if row["after"] != row["before"]
    ]
    table = pl.DataFrame(rows, schema=CHANGE_COLUMNS, orient="row")
    totals = (int(one["before"].sum()), int(other["after"].sum()))
    return PayChange(rep, period, after.plan.plan.currency, *totals, table)


def _lines(picture: Picture, rep: str, name: str) -> pl.DataFrame:
    own = picture.payments.filter(pl.col("rep_id") == rep)
    return own.group_by(_BY).agg(pl.col("amount").sum().alias(name))
