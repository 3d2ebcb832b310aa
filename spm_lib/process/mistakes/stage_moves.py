"""Rules of the way through the stages: back, and over one of them."""

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.process.mistakes.rule import Limit, Rule

STAGE_MOVES = (
    Rule(
        id="stage.back",
        name=Phrase("Moved back in the stages"),
        owner="rep",
        fix=Phrase("Say what was taken for granted, and check it in the next deal."),
        breaks=pl.col("back"),
        needs=("stages",),
    ),
    Rule(
        id="stage.skipped",
        name=Phrase("A stage was skipped"),
        owner="manager",
        fix=Phrase("Make up for what that stage is there for."),
        breaks=pl.col("skipped"),
        needs=("stages",),
    ),
    Rule(
        id="owner.changed",
        name=Phrase("Handed over more often than won deals are"),
        owner="manager",
        fix=Phrase("Leave the deal with one person until it is decided."),
        breaks=pl.col("handovers") > pl.col("limit"),
        needs=("owner history",),
        limit=Limit("handovers", 0.9, stated=1),
    ),
    Rule(
        id="discount.late",
        name=Phrase("Amount cut in the last stage"),
        owner="manager",
        fix=Phrase("Trade a lower price for something, before the last stage."),
        breaks=pl.when("last_stage").then(pl.col("cut_late")),
        needs=("stages", "amount history"),
    ),
)
