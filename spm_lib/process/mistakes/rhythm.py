"""Rules of rhythm: deals that lie still, grow old, or were taken up too late."""

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.process.mistakes.rule import Limit, Rule

LIMIT = pl.col("limit")
LATE = 0.9  # quantile: later than nine of ten won deals

RHYTHM = (
    Rule(
        id="touch.stale",
        name=Phrase("Untouched too long for its stage"),
        owner="rep",
        fix=Phrase("Speak to the customer this week, or close the deal."),
        breaks=pl.col("quiet_days") > LIMIT,
        needs=("activities",),
        limit=Limit("quiet_days", LATE, stated=21, by_stage=True),
    ),
    Rule(
        id="stage.stale",
        name=Phrase("Too long in its stage"),
        owner="manager",
        fix=Phrase("Agree what moves it on and by when, or close it."),
        breaks=pl.col("in_stage") > LIMIT,
        needs=("stages",),
        limit=Limit("in_stage", LATE, stated=60, by_stage=True),
        apart=("in_stage",),
    ),
    Rule(
        id="deal.old",
        name=Phrase("Open longer than won deals take"),
        owner="manager",
        fix=Phrase("Qualify it anew, or close it."),
        breaks=pl.col("age") > LIMIT,
        needs=("creation",),
        limit=Limit("age", LATE, stated=180),
        apart=("age",),
    ),
    Rule(
        id="touch.slow_first",
        name=Phrase("First touch came late"),
        owner="rep",
        fix=Phrase("Call every new deal within the time that won deals were called in."),
        breaks=pl.when(pl.col("age") > LIMIT).then(
            pl.col("first_touch").is_null() | (pl.col("first_touch") > LIMIT)
        ),
        needs=("activities", "creation"),
        limit=Limit("first_touch", 0.75, stated=5),
    ),
    Rule(
        id="touch.no_second",
        name=Phrase("No second touch after the first"),
        owner="rep",
        fix=Phrase("Follow up every first touch with a second one."),
        breaks=pl.when(pl.col("age") > pl.col("first_touch") + LIMIT).then(
            pl.col("second_touch").is_null()
            | (pl.col("second_touch") - pl.col("first_touch") > LIMIT)
        ),
        needs=("activities", "creation"),
        limit=Limit("second_gap", LATE, stated=14),
    ),
    Rule(
        id="lead.slow_response",
        name=Phrase("Slow first response to its lead"),
        owner="rep",
        fix=Phrase("Answer leads within the time that leads of won deals were answered in."),
        breaks=pl.col("response_days") > LIMIT,
        needs=("leads",),
        limit=Limit("response_days", LATE, stated=2),
    ),
)
