"""Spells: how long each deal sat in a stage in one person's hands, and whether it went forward."""

from __future__ import annotations

import polars as pl

from spm_lib.reps.skills.given import Given


def spells_of(given: Given) -> pl.DataFrame:
    """Return the spells that touch the window, closed deals and open ones (censored) alike.

    Columns out: ``opportunity_id, rep_id`` (owner then), ``rank`` (stage), ``entered`` (epoch day
    the stage was entered), ``since, until`` (epoch days of the spell, cut to the window),
    ``forward`` (Boolean: ended by a step to a later stage or by winning, in the window), ``lost``
    (likewise), ``left`` (the visit ended so or another way), ``visit`` (a number that the spells of
    one visit to a stage share: those of a deal that changed hands meanwhile, one below the other).
    Without a stage history a deal is one spell from creation to close, and winning is the step
    forward.
    """
    stints = given.company.has("stints") and given.company.stints.height
    reached = pl.col("until") >= given.start
    rows = _split(given, _visits(given, reached)) if stints else _lives(given)
    inside = rows.filter(reached & (pl.col("since") < given.end) & pl.col("rep_id").is_not_null())
    return inside.select(
        "opportunity_id",
        "rep_id",
        "rank",
        "entered",
        since=pl.col("since").clip(lower_bound=given.start),
        until=pl.col("until").clip(upper_bound=given.end),
        forward=pl.col("forward") & (pl.col("until") < given.end),
        lost=pl.col("lost") & (pl.col("until") < given.end),
        left=pl.col("left") & (pl.col("until") < given.end),
        visit="visit",
    )


def _visits(given: Given, reached: pl.Expr) -> pl.DataFrame:
    forward = (pl.col("next_outcome") == "won") | (
        (pl.col("next_outcome") == "open") & (pl.col("next_rank") > pl.col("stage_rank"))
    )
    visits = given.company.stints.lazy().filter(pl.col("outcome") == "open")
    told = visits.select(
        "opportunity_id",
        "rep_id",
        rank="stage_rank",
        entered="entered_day",
        since="entered_day",
        until=pl.col("left_day").fill_null(given.end),
        forward=forward.fill_null(value=False),
        lost=(pl.col("next_outcome") == "lost").fill_null(value=False),
        left=pl.col("left_day").is_not_null(),
    )
    return told.filter(reached).with_row_index("visit").collect()


def _lives(given: Given) -> pl.DataFrame:
    deals = given.company.table("opportunities").filter(pl.col("created_day").is_not_null())
    return (
        deals.select(
            "opportunity_id",
            "rep_id",
            rank=pl.lit(0, pl.Int64),
            entered="created_day",
            since="created_day",
            until=pl.col("closed_day").fill_null(given.end),
            forward=(pl.col("outcome") == "won").fill_null(value=False),
            lost=(pl.col("outcome") == "lost").fill_null(value=False),
            left=pl.col("closed_day").is_not_null(),
        )
        .filter(pl.col("until") >= pl.col("since"))
        .with_row_index("visit")
    )


def _split(given: Given, visits: pl.DataFrame) -> pl.DataFrame:
    """Cut the visits of deals that changed hands where they did.

    Hands that came after a visit ended, as a won deal goes to who looks after the customer, have no
    part in it; whoever the won row itself names has won.
    """
    company = given.company
    if not company.has("stage_events", "rep_id"):
        return visits
    visited = pl.col("opportunity_id").is_in(visits["opportunity_id"].implode())
    events = company.table("stage_events").select("opportunity_id", "rep_id", "entered_day")
    events = events.filter(visited).drop_nulls()
    again = (pl.col("opportunity_id") == pl.col("opportunity_id").shift()) & (
        pl.col("rep_id") == pl.col("rep_id").shift()
    )
    many = (
        events.filter(~again.fill_null(value=False))  # few: most rows are as the one above
        .group_by("opportunity_id")
        .agg(pl.col("rep_id").n_unique())
        .filter(pl.col("rep_id") > 1)["opportunity_id"]
    )
    if not many.len():
        return visits
    moved = pl.col("opportunity_id").is_in(many.implode())
    handed = events.filter(moved).select(
        "opportunity_id", "rep_id", day="entered_day", begins=pl.lit(value=False)
    )
    cut = visits.filter(moved)
    begun = cut.select(
        "opportunity_id", "rep_id", "visit", day="entered", begins=pl.lit(value=True)
    )
    marks = pl.concat([begun, handed], how="diagonal").sort(
        ["opportunity_id", "day", "begins"], descending=[False, False, True], maintain_order=True
    )
    marks = marks.with_columns(pl.col("visit").forward_fill().over("opportunity_id"))
    marks = marks.drop_nulls("visit")
    other = pl.col("rep_id").ne_missing(pl.col("rep_id").shift()).over("visit")
    marks = marks.filter(pl.col("begins") | other)
    pieces = marks.join(
        cut.drop("opportunity_id", "rep_id"), on="visit", how="left", maintain_order="left"
    )
    pieces = pieces.filter(pl.col("begins") | (pl.col("day") <= pl.col("until")))
    pieces = pieces.with_columns(since=pl.min_horizontal("day", "until"))
    following = pl.col("since").shift(-1).over("visit")
    pieces = pieces.with_columns(end=pl.coalesce(following, "until"), last=following.is_null())
    pieces = pieces.select(
        "visit",
        "opportunity_id",
        "rep_id",
        "rank",
        "entered",
        "since",
        until="end",
        **{name: pl.col(name) & pl.col("last") for name in ("forward", "lost", "left")},
    ).filter((pl.col("until") > pl.col("since")) | pl.col("forward") | pl.col("lost"))
    return pl.concat([visits.filter(~moved), pieces])
