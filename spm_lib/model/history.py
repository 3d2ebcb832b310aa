"""A deal's history: the state it leaves at a day, and the stints (stage visits) it is made of.

Everything here works on events sorted by deal, moment and sequence, with boundary masks in place
of windows, so that 4.5 million events take well under a second. Cutting such a frame at a day
leaves a prefix of every deal, hence no row knows of a later one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from spm_lib.model.keys import EXACT, content_of

CARRIED = ("stage", "outcome", "stage_rank", "amount", "expected_close", "rep_id", "pipeline")
_PARTS = ("at", "on", "day")
STINT_COLUMNS = [
    "opportunity_id",
    "stage",
    "stage_rank",
    "outcome",
    "entered_on",
    "left_on",
    "entered_day",
    "left_day",
    "visit",
    "seq",
    "rep_id",
    "amount",
    "pipeline",
    "next_stage",
    "next_rank",
    "next_outcome",
    "is_last",
]


def sort_events(events: pl.DataFrame, *, codes: pl.DataFrame) -> pl.DataFrame:
    """Return the events in order of deal, moment and sequence, rows told twice set aside.

    ``codes`` maps ``opportunity_id`` to the integer ``_opp``; an id that is not in it gets null.
    Without a sequence the order of the rows counts, through all files: ``_place`` where the rows
    are some of many, else as they stand.
    """
    coded = events.join(codes, on="opportunity_id", how="left", maintain_order="left")
    here = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    place = pl.col("_place") if "_place" in coded.columns else here
    coded = coded.with_columns(_place=place, _said="seq", seq=pl.coalesce("seq", place))
    keys = coded.select(
        "seq",
        "_place",
        _deal=pl.col("_opp").cast(pl.Int64).fill_null(_LAST),
        _when=pl.col("entered_at").to_physical().cast(pl.Int64).fill_null(_LAST),
    )
    names = ["_when", "seq", "_place"] if events["seq"].null_count() < events.height else ["_when"]
    order = keys.select(pl.arg_sort_by("_deal", *names, maintain_order=True))
    return _told_once(coded.select(pl.all().gather(order.to_series()))).drop("_place", "_said")


_LAST = 2**62


def _told_once(events: pl.DataFrame) -> pl.DataFrame:
    """Set aside rows in order that say what a row of the same deal and moment said before.

    Days without a time of day may hold a way there and back (Lead, Demo, Lead): where without the
    repeats another state would be left, they are no repeats.
    """
    moment = ["opportunity_id", "entered_at", "recorded_at"]
    numbered = events.with_row_index("_n").with_columns(pl.col("_n").cast(pl.Int64))
    as_before = pl.all_horizontal(
        pl.col(c).eq_missing(pl.col(c).shift(1)) for c in ("_opp", "entered_at")
    )
    alone = ~as_before & ~as_before.shift(-1, fill_value=False)
    same = numbered.filter(pl.col("set_aside").is_null() & ~alone)
    content = ["_said", *(c for c in content_of(same) if c != "seq")]
    first = pl.col("_n").min().over(content)
    same = same.with_columns(first.alias("_first"))
    settled = pl.col("_first").last().over(moment) == pl.col("_first").max().over(moment)
    again = same.filter((pl.col("_n") > pl.col("_first")) & settled)["_n"]
    reason = pl.when(pl.col("_n").is_in(again.implode())).then(pl.lit(EXACT))
    return numbered.with_columns(set_aside=pl.coalesce("set_aside", reason)).drop("_n")


def carry_forward(events: pl.DataFrame) -> pl.DataFrame:
    """Fill what a change did not mention with what was known before it, deal by deal.

    Columns out: those of ``events`` with ``stage, outcome, stage_rank, amount, expected_close,
    rep_id, pipeline`` carried forward; ``_first`` and ``_last`` (Boolean, of the deal), ``_visit``
    (Boolean: the stage changed), ``_turn`` (Boolean: the outcome changed).
    """
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    first = pl.col("_opp").ne_missing(pl.col("_opp").shift(1)) | (row == 0)
    frame = events.with_columns(_first=first, _at=row)
    start = pl.when("_first").then("_at").forward_fill()
    frame = frame.with_columns(_start=start)
    frame = frame.with_columns(_carried(name) for name in (*CARRIED, "expected_day"))
    return frame.with_columns(
        _last=pl.col("_first").shift(-1, fill_value=True),
        _visit=_changed("stage") & pl.col("stage").is_not_null(),
        _turn=_changed("outcome") & pl.col("outcome").is_not_null(),
    ).drop("_at", "_start")


def _carried(name: str) -> pl.Expr:
    source = "stage" if name in ("outcome", "stage_rank") else name
    since = pl.when(pl.col(source).is_not_null()).then(pl.col("_at")).forward_fill()
    known = pl.when(since >= pl.col("_start")).then(since)
    return pl.col(name).gather(known).alias(name)


def _changed(name: str) -> pl.Expr:
    return pl.col("_first") | pl.col(name).ne_missing(pl.col(name).shift(1))


def last_states(carried: pl.DataFrame, *, keep: Sequence[str] = ()) -> pl.DataFrame:
    """Return one row per deal: its state after the last event.

    ``created_at/_on/_day`` is the first event; ``closed_at/_on/_day`` the moment of the last turn
    into won or lost (null while open); ``rep_id`` of a closed deal is the owner at that moment.
    """
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    last = carried.with_columns(
        _turned=pl.when("_turn").then(row).forward_fill(),
        _begun=pl.when("_first").then(row).forward_fill(),
    ).filter("_last")
    closed = pl.col("outcome").is_in(["won", "lost"])
    owner = carried["rep_id"].gather(last["_turned"])
    began = {f"created_{p}": carried[f"entered_{p}"].gather(last["_begun"]) for p in _PARTS}
    ended = {f"closed_{p}": carried[f"entered_{p}"].gather(last["_turned"]) for p in _PARTS}
    states = last.with_columns(
        *[told.alias(name) for name, told in began.items()],
        *[pl.when(closed).then(pl.lit(told)).alias(name) for name, told in ended.items()],
        rep_id=pl.when(closed).then(pl.lit(owner)).otherwise("rep_id"),
    )
    return states.select("_opp", "opportunity_id", *began, *ended, *CARRIED, "expected_day", *keep)


def build_stints(carried: pl.DataFrame) -> pl.DataFrame:
    """Return one row per stage visit, in order of deal and time.

    Columns out: ``opportunity_id, stage, stage_rank`` (0..k-1 open, k won, -1 lost), ``outcome``,
    ``entered_on, left_on`` (Date; null: still there), ``entered_day, left_day`` (epoch days),
    ``visit`` (1 = the deal's first visit to that stage, 2 = it came back), ``seq`` (1.. within the
    deal), ``rep_id`` (owner then), ``amount`` (minor units, as known on entering), ``pipeline``,
    ``next_stage, next_rank, next_outcome`` (null: none yet), ``is_last``.
    """
    visits = carried.filter("_visit").with_columns(
        _more=pl.col("_opp").eq_missing(pl.col("_opp").shift(-1)).fill_null(value=False),
        _first=pl.col("_opp").ne_missing(pl.col("_opp").shift(1)),
    )
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    first_row = pl.when("_first").then(row).forward_fill()
    visits = visits.with_columns(
        seq=row - first_row + 1,
        left_on=_next("entered_on"),
        left_day=_next("entered_day"),
        next_stage=_next("stage"),
        next_rank=_next("stage_rank"),
        next_outcome=_next("outcome"),
        is_last=~pl.col("_more"),
    )
    return visits.with_columns(visit=_visit_numbers(visits)).select([*STINT_COLUMNS, "_opp"])


def _visit_numbers(visits: pl.DataFrame) -> pl.Series:
    """Return 1 for a deal's first visit to a stage, 2 where it came back, and so on."""
    stages = visits["stage"].unique(maintain_order=True)
    codes = visits["stage"].cast(pl.Enum(stages.drop_nulls())).to_physical().cast(pl.Int64)
    keys = (visits["_opp"].cast(pl.Int64) * max(stages.len(), 1) + codes).alias("key")
    numbers = pl.Series("visit", [1], dtype=pl.Int64).new_from_index(0, visits.height)
    again = keys.is_duplicated().arg_true()
    if not len(again):
        return numbers
    repeated = keys.gather(again).to_frame()
    counted = repeated.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("key"))
    return numbers.scatter(again, counted.to_series())


def _next(name: str) -> pl.Expr:
    return pl.when("_more").then(pl.col(name).shift(-1))
