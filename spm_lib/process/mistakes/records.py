"""Rules of what is written down: next step, amount, product, duplicates, owner, how it ended."""

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.process.mistakes.rule import Limit, Rule

RECORDS = (
    Rule(
        id="step.none",
        name=Phrase("No next step"),
        owner="rep",
        fix=Phrase("Agree the next step with the customer and write it down with its day."),
        breaks=pl.col("next_step").is_null(),
        needs=("next step",),
        past=("next step then",),
    ),
    Rule(
        id="amount.missing",
        name=Phrase("No amount"),
        owner="rep",
        fix=Phrase("Estimate it: a rough amount is more than none."),
        breaks=~pl.col("amount_told"),
        needs=("amount",),
        past=("amount history",),
    ),
    Rule(
        id="amount.no_product",
        name=Phrase("Amount without a product"),
        owner="rep",
        fix=Phrase("Say what the amount is for."),
        breaks=pl.when("amount_told").then(pl.col("product_id").is_null()),
        needs=("amount", "product"),
        past=("product then", "amount history"),
    ),
    Rule(
        id="source.missing",
        name=Phrase("No source"),
        owner="operations",
        fix=Phrase("Have the source filled in when the deal is created."),
        breaks=pl.col("source").is_null(),
        needs=("source",),
        past=("source then",),
        apart=("source",),
    ),
    Rule(
        id="deal.duplicate",
        name=Phrase("Twice the same deal"),
        owner="operations",
        fix=Phrase("Merge the two; keep the older one's history."),
        breaks=pl.when(pl.col("account_id").is_not_null()).then(
            pl.col("twin_days") <= pl.col("limit")
        ),
        needs=("account", "amount", "creation"),
        past=("account then", "amount history"),
        limit=Limit("age", 0.5, stated=30),
    ),
    Rule(
        id="owner.gone",
        name=Phrase("Its owner has left"),
        owner="manager",
        fix=Phrase("Give the deal to somebody who is there."),
        breaks=pl.col("owner_gone"),
        needs=("leavers",),
    ),
    Rule(
        id="owner.missing",
        name=Phrase("No owner"),
        owner="operations",
        fix=Phrase("Give the deal an owner."),
        breaks=pl.col("rep_id").is_null(),
        needs=("owner",),
        past=("owner history",),
    ),
    Rule(
        id="lost.no_reason",
        name=Phrase("Lost without a reason"),
        owner="rep",
        fix=Phrase("Ask the customer why, and note it."),
        breaks=pl.when(pl.col("outcome") == "lost").then(pl.col("lost_reason").is_null()),
        needs=("lost reason",),
        ended=True,
    ),
    Rule(
        id="won.no_history",
        name=Phrase("Won without a history"),
        owner="operations",
        fix=Phrase("Enter deals when they begin, not when they are won."),
        breaks=pl.when(pl.col("outcome") == "won").then(pl.col("open_visits") == 0),
        needs=("stages",),
        ended=True,
    ),
)
