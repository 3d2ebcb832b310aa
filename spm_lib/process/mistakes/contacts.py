"""Rules of contact: who was spoken to, in which ways, and in which order."""

import polars as pl

from spm_lib.core.statement import Phrase
from spm_lib.process.mistakes.rule import Limit, Rule

LIMIT = pl.col("limit")
LATE = 0.9


def none_by_now(column: str) -> pl.Expr:
    """Return the expression: nothing of the kind by the time won deals had it.

    Deals that are younger than the limit are not judged; ``column`` is the day, from the creation
    on, of the first of its kind, null where there was none.
    """
    return pl.when(pl.col("age") > LIMIT).then(pl.col(column).is_null() | (pl.col(column) > LIMIT))


CONTACTS = (
    Rule(
        id="contact.single",
        name=Phrase("No second contact at the customer"),
        owner="rep",
        fix=Phrase("Ask who else has to say yes, and meet them."),
        breaks=none_by_now("second_contact"),
        needs=("contacts", "creation"),
        limit=Limit("second_contact", LATE, stated=45),
    ),
    Rule(
        id="kind.single",
        name=Phrase("Only one kind of activity"),
        owner="rep",
        fix=Phrase("Change the channel: meet those who were only written to."),
        breaks=pl.when(pl.col("touches") > 0).then(none_by_now("second_kind")),
        needs=("activities", "kinds", "creation"),
        limit=Limit("second_kind", LATE, stated=30),
    ),
    Rule(
        id="meeting.none",
        name=Phrase("No meeting by the time won deals had one"),
        owner="rep",
        fix=Phrase("Ask for a meeting; if there is none to be had, qualify the deal anew."),
        breaks=none_by_now("first_meeting"),
        needs=("meetings", "creation"),
        limit=Limit("first_meeting", 0.75, stated=30),
    ),
    Rule(
        id="demo.none",
        name=Phrase("No demo by the time won deals had one"),
        owner="rep",
        fix=Phrase("Show it before the price is spoken of."),
        breaks=none_by_now("first_demo"),
        needs=("demos", "creation"),
        limit=Limit("first_demo", 0.75, stated=45),
    ),
    Rule(
        id="proposal.early",
        name=Phrase("Proposal before a meeting"),
        owner="rep",
        fix=Phrase("Meet first, then write."),
        breaks=pl.when(pl.col("first_proposal").is_not_null()).then(
            pl.col("first_meeting").is_null() | (pl.col("first_meeting") > pl.col("first_proposal"))
        ),
        needs=("proposals", "meetings", "creation"),
    ),
)
