"""Rules of planned closes: pushed, past, missing, too soon, or set on the last day of a quarter."""

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.process.mistakes.rule import Limit, Rule

LIMIT = pl.col("limit")
PLANNED = pl.col("planned")

CLOSE_DATES = (
    Rule(
        id="close.pushed",
        name=Phrase("Planned close pushed repeatedly"),
        owner="rep",
        fix=Phrase("Agree a date with the customer, not with the calendar."),
        breaks=pl.col("pushes") > LIMIT,
        needs=("planned history",),
        limit=Limit("pushes", 0.9, stated=2, by_stage=True, least=1),
    ),
    Rule(
        id="close.past",
        name=Phrase("Planned close in the past"),
        owner="rep",
        fix=Phrase("Set a date that can still come true, or close the deal."),
        breaks=pl.col("mark") > PLANNED,
        needs=("planned",),
        past=("planned history",),
    ),
    Rule(
        id="close.missing",
        name=Phrase("No planned close"),
        owner="rep",
        fix=Phrase("Ask the customer when he means to decide, and note it."),
        breaks=~pl.col("planned_told"),
        needs=("planned",),
        past=("planned history",),
    ),
    Rule(
        id="close.too_soon",
        name=Phrase("Planned close too soon for its stage"),
        owner="manager",
        fix=Phrase("Plan from the steps that are still to be done."),
        breaks=pl.when(pl.col("mark") <= PLANNED).then(PLANNED - pl.col("stage_since") < LIMIT),
        needs=("planned", "stages"),
        past=("planned history",),
        limit=Limit("to_close", 0.1, stated=3, by_stage=True),
    ),
    Rule(
        id="close.quarter_end",
        name=Phrase("Planned on the last day of a quarter"),
        owner="manager",
        fix=Phrase("Ask what the customer's date is; the quarter's end is ours."),
        breaks=pl.when(pl.col("mark") <= PLANNED).then(pl.col("planned_quarter_end")),
        needs=("planned",),
        past=("planned history",),
    ),
)
