"""What activities tell of the first days of a deal, or of a stage: kinds, how soon, how many."""

from __future__ import annotations

import polars as pl

from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics.associations import Behaviour
from spm_lib.metrics.definition import EPOCH
from spm_lib.model import Company

FIRST_DAYS = 7  # of a deal: what is done early on
FAST = 2  # working days within which a first touch is fast
KINDS = {
    "call": Phrase("A call"),
    "email": Phrase("An e-mail"),
    "meeting": Phrase("A meeting"),
    "demo": Phrase("A demo"),
    "proposal": Phrase("A proposal"),
}
MANY = {  # what many of a kind are called; a kind of the client's own has its own name
    "call": Phrase("calls"),
    "email": Phrase("e-mails"),
    "meeting": Phrase("meetings"),
    "demo": Phrase("demos"),
    "proposal": Phrase("proposals"),
}

Made = tuple[pl.DataFrame, list[Behaviour]]


def with_touches(company: Company, frame: pl.DataFrame, *, start: str = "created_day") -> Made:
    """Add what activities tell: kinds, how soon, how many, by how many people.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned.
    frame
        One row per deal: ``opportunity_id``, ``mark`` and ``start`` (epoch days); activities from
        ``start`` to ``mark``, both included, are counted.
    start
        Name of the column that holds the first day.

    Returns
    -------
    tuple
        The frame with one Float64 column per behaviour (0: not done; nothing is null), and the
        behaviours; both as they were where no activity is known by its deal.
    """
    if not company.has("activities", "opportunity_id"):
        return frame, []
    acts = (
        company.table("activities")
        .select("opportunity_id", "kind", "happened_day", by="rep_id")
        .join(frame.select("opportunity_id", "mark", start=pl.col(start)), on="opportunity_id")
        .filter(pl.col("happened_day").is_between(pl.col("start"), pl.col("mark")))
    )
    kinds = acts["kind"].drop_nulls().unique().sort().to_list()
    worked = _working(company, acts)
    told = (
        acts.with_columns(soon=worked <= FAST)
        .group_by("opportunity_id")
        .agg(
            *(
                (pl.col("kind") == kind).any().cast(pl.Float64).alias(f"early.{kind}")
                for kind in kinds
            ),
            **{
                "touch.fast": pl.col("soon").any().cast(pl.Float64),
                "touch.many": (pl.len().cast(pl.Float64) + 1).log(),
                "touch.recent": (pl.col("mark") - pl.col("happened_day").max()).first() <= FAST,
                "people.two": (pl.col("by").n_unique() > 1).cast(pl.Float64),
            },
        )
    )
    made = [
        *(_early(kind) for kind in kinds),
        Behaviour("people.two", Statement("Two people on the deal")),
        Behaviour(
            "touch.fast",
            Statement("A touch in two working days"),
            whole=True,
        ),
        Behaviour("touch.many", Statement("More touches early on"), whole=True),
        Behaviour("touch.recent", Statement("A touch in the last two days"), whole=True),
    ]
    names = [b.name for b in made]
    joined = frame.join(told, on="opportunity_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(names).cast(pl.Float64).fill_null(0.0)), made


def _early(kind: str) -> Behaviour:
    text = "{kind} in the first days"
    return Behaviour(f"early.{kind}", Statement(text, {"kind": KINDS.get(kind, kind)}))


def _working(company: Company, acts: pl.DataFrame) -> pl.Series:
    """Return the working days between the first day and each activity."""
    if not acts.height:
        return pl.Series("worked", [], dtype=pl.Int64)
    first, last = acts["start"].min(), acts["happened_day"].max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    epoch = EPOCH.toordinal()
    days = company.calendar.frame(
        EPOCH.fromordinal(epoch + first), EPOCH.fromordinal(epoch + last + 1)
    )
    index = dict(days.select("day", "working_index").iter_rows())
    place = [acts[c].replace_strict(index) for c in ("happened_day", "start")]
    return place[0] - place[1]
