"""What a run was given and did not look at: counted by reason, with its money; never in silence."""

from __future__ import annotations

import polars as pl

from spm_lib.incentives.chain.cancelling import cancellations_of
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.plan.plan import Plan
from spm_lib.model import Receipt, SetAside

UNKNOWN = "unknown deal"
OTHER_DAYS = "outside the plan's days"
LEFT_OUT = "returns left out"
NO_CLAWBACK = "the plan takes nothing back"
TOO_LATE = "after the window"


def receipts_of(plan: Plan, data: PayData, transactions: pl.DataFrame) -> dict[str, Receipt]:
    """Return a receipt per table: rows used, and rows set aside by reason with their money.

    Parameters
    ----------
    data
        What was known: everything that happened up to the run's end.
    transactions
        Those that the plan looks at.

    Notes
    -----
    ``transactions``; ``cancellations``, with the amount of the deal; and, where a rule is paid on
    collection, ``receipts``. Money is minor units of the plan's currency; null where no row of
    the reason has any in it, as with unknown deals.
    """
    found = {
        "transactions": _transactions(plan, data, transactions),
        "cancellations": _cancellations(plan, data, transactions),
    }
    if any(c.release and c.release.on == "collection" for c in plan.components):
        found["receipts"] = _received(data, transactions)
    return found


def _receipt(rows: pl.DataFrame) -> Receipt:
    """Return a receipt of rows of reason (null: used) and amount."""
    aside = rows.filter(pl.col("reason").is_not_null())
    sums = aside.group_by("reason").agg(
        pl.len(), pl.when(pl.col("amount").count() > 0).then(pl.col("amount").sum()).alias("sum")
    )
    parts = {reason: SetAside(number, amount) for reason, number, amount in sums.iter_rows()}
    return Receipt(rows.height - aside.height, dict(sorted(parts.items())))


def _transactions(plan: Plan, data: PayData, transactions: pl.DataFrame) -> Receipt:
    day, own = pl.col("date"), plan.plan.currency
    given = data.transactions.select("transaction_id", "event", "date", "amount", "currency")
    outside = (day < plan.plan.valid_from) | (day >= plan.plan.valid_to)
    reason = pl.when(outside).then(pl.lit(OTHER_DAYS))
    if given.height - transactions.height > given.filter(outside).height:
        keys = ["transaction_id", "event"]
        used = transactions.select(keys, used=pl.lit(value=True))
        given = given.join(used, on=keys, how="left", nulls_equal=True)
        reason = reason.when(pl.col("used").is_null()).then(pl.lit(LEFT_OUT))
    ours = pl.when(pl.col("currency").fill_null(own) == own).then(pl.col("amount"))
    return _receipt(given.select(reason.alias("reason"), amount=ours))


def _cancellations(plan: Plan, data: PayData, transactions: pl.DataFrame) -> Receipt:
    size = pl.col("amount").abs()
    deals = {
        deal: (day, amount)
        for deal, day, amount in transactions.filter(
            pl.col("transaction_id").is_in(data.cancellations["transaction_id"].implode())
        )
        .group_by("transaction_id")
        .agg(pl.col("date").min(), pl.col("amount").sort_by(size).last())
        .iter_rows()
    }
    known = set(data.transactions["transaction_id"]) if data.cancellations.height else set()
    rows: list[tuple[str | None, int | None]] = []
    for deal, cancelled in cancellations_of(data.cancellations).items():
        begun, amount = deals.get(deal, (None, None))
        if begun is None:
            rows.append((OTHER_DAYS if deal in known else UNKNOWN, None))
        elif plan.clawback is None:
            rows.append((NO_CLAWBACK, amount))
        else:
            rows.append((None if cancelled.counts(plan, begun) else TOO_LATE, amount))
    schema = {"reason": pl.String, "amount": pl.Int64}
    return _receipt(pl.DataFrame(rows, schema=schema, orient="row"))


def _received(data: PayData, transactions: pl.DataFrame) -> Receipt:
    own = transactions["transaction_id"].unique().implode()
    ours = pl.col("transaction_id").is_in(own)
    known = pl.col("transaction_id").is_in(data.transactions["transaction_id"].unique().implode())
    reason = pl.when(~known).then(pl.lit(UNKNOWN)).when(~ours).then(pl.lit(OTHER_DAYS))
    return _receipt(data.receipts.select(reason.alias("reason"), "amount"))
