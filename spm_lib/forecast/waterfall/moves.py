"""The steps of a waterfall: each change of a deal, put down as what it did to the open pipeline.

A deal is in the pipeline while it is open, in the hands of somebody of the group, and, where a
period is asked about, planned to close in it. Every change takes a deal from one state to the next;
what it added to the pipeline's value is split over at most two bars, so the bars of all changes add
up to what the pipeline gained, whatever happened in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from spm_lib.model.changes import GONE

BARS = (
    "new",
    "reopened",
    "pulled_in",
    "slipped_in",
    "owner_in",
    "up",
    "down",
    "pushed",
    "moved_earlier",
    "owner_out",
    "lost",
    "deleted",
    "won",
)
MOVES = {
    "bar": pl.String,
    "opportunity_id": pl.String,
    "day": pl.Int64,
    "amount": pl.Int64,
    "priced": pl.Boolean,
    "rep_id": pl.String,
    "group": pl.String,
}
_STATE = ("outcome", "amount", "expected_day", "rep_id", "mine")


@dataclass(frozen=True)
class Stretch:
    """From the end of the day ``since`` to that of ``until``; ``due``: days ``[start, end)``.

    All are epoch days.
    """

    since: int
    until: int
    due: tuple[int, int] | None = None


def steps_of(frame: pl.DataFrame, *, until: int) -> pl.DataFrame:
    """Return each change with the state before it, up to the end of a day.

    Columns in: those of ``DealChanges.frame``. Columns out: ``opportunity_id, day``, then per state
    ``p_...`` (before; null: not there yet) and ``s_...`` (after): outcome, amount, expected_day,
    rep_id, mine.
    """
    known = frame.filter(pl.col("day") <= until)
    same = (pl.col("opportunity_id") == pl.col("opportunity_id").shift(1)).fill_null(value=False)
    before = [pl.when(same).then(pl.col(c).shift(1)).alias(f"p_{c}") for c in _STATE]
    after = [pl.col(c).alias(f"s_{c}") for c in _STATE]
    return known.select("opportunity_id", "day", *before, *after)


def of_whole(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps as seen by all that the frame holds: one group, ""."""
    return _seen(steps.with_columns(group=pl.lit("")))


def of_people(steps: pl.DataFrame, groups: dict[str, str]) -> pl.DataFrame:
    """Return the steps as seen by each group: once, or twice where a deal changes groups.

    ``groups`` maps an owner ("": none) to the group; owners not in it are in no group.
    """
    named = {
        side: pl.when(pl.col(f"{side}_mine")).then(
            pl.col(f"{side}_rep_id")
            .fill_null("")
            .replace_strict(groups, default=None, return_dtype=pl.String)
        )
        for side in ("p", "s")
    }
    steps = steps.with_row_index("_at").with_columns(_p=named["p"], _s=named["s"])
    stays = pl.col("_p").eq_missing(pl.col("_s"))
    after = steps.with_columns(
        group="_s",
        p_mine=pl.when(pl.col("p_outcome").is_not_null()).then(stays),
        s_mine=pl.lit(value=True),
    )
    before = steps.filter(~stays).with_columns(
        group="_p", p_mine=pl.lit(value=True), s_mine=pl.lit(value=False)
    )
    both = pl.concat([after, before]).filter(pl.col("group").is_not_null())
    return _seen(both.sort("_at", maintain_order=True).drop("_p", "_s", "_at"))


def _seen(steps: pl.DataFrame) -> pl.DataFrame:
    return steps.with_columns(pl.col("p_mine", "s_mine").fill_null(value=False))


def moves_of(steps: pl.DataFrame, stretch: Stretch) -> pl.DataFrame:
    """Return what each change in the stretch did to the pipeline: one row per deal, day and bar.

    Columns out: ``bar, opportunity_id, day``, ``amount`` (signed minor units; a deal without an
    amount counts as 0), ``priced`` (False: it has none), ``rep_id`` (whose it was), ``group``.
    """
    inside = steps.filter(pl.col("day") > stretch.since).with_columns(
        p_in=_inside("p", stretch), s_in=_inside("s", stretch),
        p_v=pl.col("p_amount").fill_null(0), s_v=pl.col("s_amount").fill_null(0),
    )  # fmt: skip
    first, second = _bars(stretch)
    priced = pl.col("p_amount").is_not_null() | pl.col("s_amount").is_not_null()
    owner = pl.when("s_mine").then("s_rep_id").otherwise("p_rep_id")
    made = [
        inside.select(
            bar=bar,
            opportunity_id="opportunity_id",
            day="day",
            amount=amount,
            priced=priced,
            rep_id=owner,
            group="group",
        )
        for bar, amount in (first, second)
    ]
    frame = pl.concat(made).filter(pl.col("bar").is_not_null())
    return frame.cast(MOVES).select(list(MOVES))  # type: ignore[arg-type]


def standing(steps: pl.DataFrame, stretch: Stretch, *, day: int) -> pl.DataFrame:
    """Return the deals in the pipeline at the end of a day: opportunity_id, amount, group."""
    last = steps.filter(pl.col("day") <= day).group_by(
        "opportunity_id", "group", maintain_order=True
    )
    now = last.last().filter(_inside("s", stretch))
    return now.select("opportunity_id", "group", amount="s_amount", rep_id="s_rep_id")


def _inside(side: str, stretch: Stretch) -> pl.Expr:
    there = (pl.col(f"{side}_outcome") == "open") & pl.col(f"{side}_mine")
    return (there & _due(f"{side}_expected_day", stretch)).fill_null(value=False)


def _due(column: str, stretch: Stretch) -> pl.Expr:
    if stretch.due is None:
        return pl.lit(value=True)
    start, end = stretch.due
    return ((pl.col(column) >= start) & (pl.col(column) < end)).fill_null(value=False)


Piece = tuple[pl.Expr, pl.Expr]


def _bars(stretch: Stretch) -> tuple[Piece, Piece]:
    """Return the bar and amount of what a change brought in or altered, and of what it took out."""
    was, now = pl.col("p_outcome"), pl.col("s_outcome")
    p_in, s_in = pl.col("p_in"), pl.col("s_in")
    p_v, s_v = pl.col("p_v"), pl.col("s_v")
    fresh, mine, theirs = was.is_null(), pl.col("s_mine"), ~pl.col("p_mine")
    counted = _due("s_expected_day", stretch) | _due("day", stretch)
    won = mine & (now == "won") & (p_in | ((fresh | (was == "open")) & counted))
    lost = mine & (now == "lost") & (p_in | (fresh & _due("s_expected_day", stretch)))
    received = mine & theirs & ~fresh & (was == "open")
    lost |= received & (now == "lost") & _due("s_expected_day", stretch)
    enters = s_in | won | (lost & ~p_in)
    handed = p_in & ~mine
    differs = pl.when(s_v > p_v).then(pl.lit("up")).when(s_v < p_v).then(pl.lit("down"))
    bar_in = (
        pl.when(enters & fresh)
        .then(pl.lit("new"))
        .when(enters & mine & was.is_in(["won", "lost", GONE]))
        .then(pl.lit("reopened"))
        .when(enters & received)
        .then(pl.lit("owner_in"))
        .when(enters & ~p_in)
        .then(_direction("p_expected_day", stretch, later="pulled_in", earlier="slipped_in"))
        .when((s_in | won) & p_in & mine)
        .then(differs)
    )
    amount_in = pl.when(p_in).then(s_v - p_v).otherwise(s_v)
    left = p_in & mine & (now == "open") & ~s_in
    bar_out = (
        pl.when(handed)
        .then(pl.lit("owner_out"))
        .when(won)
        .then(pl.lit("won"))
        .when(lost)
        .then(pl.lit("lost"))
        .when(p_in & (now == GONE))
        .then(pl.lit("deleted"))
        .when(left)
        .then(_direction("s_expected_day", stretch, later="pushed", earlier="moved_earlier"))
    )
    amount_out = pl.when(won | (lost & ~p_in)).then(-s_v).otherwise(-p_v)
    return (bar_in, amount_in), (bar_out, amount_out)


def _direction(column: str, stretch: Stretch, *, later: str, earlier: str) -> pl.Expr:
    """Say from (or to) which side of the period a planned close moved; without a plan: later."""
    if stretch.due is None:
        return pl.lit(None, dtype=pl.String)
    before = (pl.col(column) < stretch.due[0]).fill_null(value=False)
    return pl.when(before).then(pl.lit(earlier)).otherwise(pl.lit(later))
