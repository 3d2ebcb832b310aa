"""Every change of every deal, in order: what a deal was worth, when it was planned, whose it was.

Made from the history of stages where there is one, else from the dates of the deals' rows. The
history counts where it tells something; the row fills what it never told, and says how it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.model.asof import NO_DEAL, UNDATED, events_at, table_at
from spm_lib.model.book import Book
from spm_lib.model.runs import carried_back, carried_on, last_where, with_runs, without_runs

if TYPE_CHECKING:
    from spm_lib.model.company import Company

GONE = "gone"
DISAGREE = "history and deal disagree"
COLUMNS = ("opportunity_id", "day", "outcome", "amount", "expected_day", "rep_id")
_CARRIED = ("amount", "expected_day", "rep_id")
_FAR = 10**7
_FEWEST = 5  # deals seen on two days or more, from which on a history can be one of kept states


@dataclass(frozen=True, eq=False)
class DealChanges:
    """Changes of deals as known at one day, in scope.

    Attributes
    ----------
    frame
        One row per change, in order of deal and time: ``opportunity_id``, ``day`` (epoch day),
        ``outcome`` (open, won, lost, or "gone": deleted), ``amount`` (minor units from then on),
        ``expected_day``, ``rep_id`` (from then on), ``mine`` (False: the deal is somebody else's
        from then on, and nothing more of it is told). A deal's first row is its creation.
    told
        What the history tells: of "stage", "amount", "expected_close", "rep_id" (each change of
        it), and "deleted" (the history is made of kept states, where a deal can be missed).
    aside
        Deals left out: ``opportunity_id, reason``.
    """

    frame: pl.DataFrame
    told: frozenset[str]
    aside: pl.DataFrame


def changes_of(company: Company) -> DealChanges:
    """Return the changes of the company's deals as known at its date, in its scope.

    Of a deal that came or went, nothing is told that was only known in other hands.
    """
    whole = company.whole or company
    raw = whole.once("raw changes", lambda: _whole_of(whole))
    if whole is company:
        return _told_of(raw)
    own = company.values("opportunities", "opportunity_id").implode()
    if company.scope.part is not None:
        mine = pl.col("opportunity_id").is_in(own)
        return _told_of(replace(raw, frame=raw.frame.filter(mine), aside=raw.aside.filter(mine)))
    frame = _in_hands(raw.frame, list(company.scope.rep_ids or ()))
    seen = pl.col("opportunity_id").is_in(own)
    frame = frame.with_columns(pl.when(seen).then(pl.col(f"_{c}")).alias(f"_{c}") for c in _CARRIED)
    aside = raw.aside.filter(pl.col("opportunity_id").is_in(own))
    return _told_of(DealChanges(frame, raw.told, aside))


def _whole_of(whole: Company) -> DealChanges:
    """Return the changes of all deals; where rows lie on disk, of some deals at a time.

    Deals that only a history tells stand in its order, which nothing short of all of it shows.
    """
    book = whole.book
    if book.folder is None or book.from_log:
        return _put_together([_some_of(whole)], book)
    views = (replace(whole, book=part) for part in book.by_deals())
    return _put_together([_some_of(view) for view in views], book)


def _told_of(raw: DealChanges) -> DealChanges:
    """Return changes with the gaps filled, in the columns that are told."""
    return replace(raw, frame=_filled(raw.frame).select(*COLUMNS, "mine"))


def _in_hands(frame: pl.DataFrame, reps: list[str]) -> pl.DataFrame:
    """Keep what happened in these hands, and beside it that a deal came or went."""
    frame = with_runs(frame, "opportunity_id")
    owner = _coalesced("rep_id")
    frame = frame.with_columns(mine=owner.is_in(reps).fill_null(value=False))
    same = pl.col("opportunity_id") == pl.col("opportunity_id").shift(1)
    next_same = pl.col("opportunity_id") == pl.col("opportunity_id").shift(-1)
    beside = (pl.col("mine").shift(1) & same) | (pl.col("mine").shift(-1) & next_same)
    frame = without_runs(frame.filter(pl.col("mine") | beside.fill_null(value=False)))
    return frame.with_columns(pl.when("mine").then(pl.col(c)).alias(c) for c in _CARRIED)


@dataclass(frozen=True)
class _Some:
    """What is known of some deals: their changes, gaps not yet filled, and who was seen when.

    ``frame`` has, beside the columns told, what the deal's row says (``_amount, _expected_day,
    _rep_id``) and the deal's place among all (``_placed``). ``orphans`` are the events of deals
    without a row, ``seen`` the days on which the history tells of each deal.
    """

    frame: pl.DataFrame
    orphans: pl.DataFrame
    aside: pl.DataFrame
    seen: pl.DataFrame


def _some_of(company: Company) -> _Some:
    """Return the changes known at the company's date of the good deals of its book."""
    book, deals = company.book, company.full("opportunities")
    if "_opp" not in deals.columns:  # there is no such table
        deals = deals.with_row_index("_opp")
    place = "_place" if "_place" in deals.columns else "_opp"
    good = deals.filter(pl.col("set_aside").is_null()).select(
        "_opp",
        "opportunity_id",
        "created_day",
        "closed_day",
        *(pl.col(c).alias(f"_{c}") for c in ("outcome", "stage", *_CARRIED)),
        _placed=pl.col(place).cast(pl.Int64),
    )
    events, orphans = _events(book, day=company.as_of)
    last = events.group_by("_opp", maintain_order=True).agg(
        pl.col("outcome").last().alias("_ended"),
        pl.col("day").first().alias("_began"),
        pl.col("day").last().alias("_stopped"),
    )
    good = good.join(last, on="_opp", how="left", maintain_order="left")
    good = good.with_columns(reason=_reason())
    used = good.filter(pl.col("reason").is_null())
    aside = good.filter(pl.col("reason").is_not_null())
    named = events.join(good.select("_opp", "opportunity_id"), on="_opp")
    seen = pl.concat(part.select("opportunity_id", "day") for part in (named, orphans)).unique()
    frame = _joined(events, used)
    return _Some(frame, orphans, aside.select("opportunity_id", "reason", "_placed"), seen)


def _put_together(parts: Sequence[_Some], book: Book) -> DealChanges:
    """Return the changes of all deals, in order, and the deals that kept states miss."""
    days = _state_days([part.seen for part in parts]) if "stage_events" in book.tables else []
    frame = pl.concat([part.frame for part in parts])
    aside = pl.concat([part.aside for part in parts])
    if len(parts) > 1:
        frame, aside = (rows.sort("_placed", maintain_order=True) for rows in (frame, aside))
    frame = frame.drop("_placed")
    if days:
        orphans = pl.concat([part.orphans for part in parts])
        blank = [pl.lit(None, frame.schema[f"_{c}"]).alias(f"_{c}") for c in _CARRIED]
        alone = frame.clear() if book.from_log else orphans.select(*COLUMNS, *blank)
        kept = frame.with_columns(_orphan=pl.lit(book.from_log))
        frame = _with_gone(pl.concat([kept, alone.with_columns(_orphan=pl.lit(value=True))]), days)
    told = _told(book) | ({"deleted"} if days else set())
    kept = frame.select(*COLUMNS, *(f"_{c}" for c in _CARRIED), mine=pl.lit(value=True))
    return DealChanges(kept, frozenset(told), aside.drop("_placed"))


def _told(book: Book) -> set[str]:
    if "stage_events" not in book.tables:
        return set()
    given = book.given.get("stage_events", frozenset())
    return {"stage", *({"amount", "expected_close", "rep_id"} & set(given))}


def _reason() -> pl.Expr:
    """Say of which deals the changes cannot be told."""
    is_open = pl.col("_outcome") == "open"
    untold = pl.col("_ended").is_null()
    dateless = untold & pl.col("created_day").is_null()
    endless = ~is_open & pl.col("closed_day").is_null() & (untold | (pl.col("_ended") == "open"))
    ended = (pl.col("_ended") != "open").fill_null(value=False)
    odd = ended & (pl.col("_ended") != pl.col("_outcome")) & pl.col("_stage").is_not_null()
    return (
        pl.when((dateless | endless).fill_null(value=True))
        .then(pl.lit(UNDATED))
        .when(odd)
        .then(pl.lit(DISAGREE))
    )


def _events(book: Book, *, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events of good deals, carried forward, and those of deals without a row."""
    schema = {"_opp": pl.UInt32, "day": pl.Int64, "outcome": pl.String, "amount": pl.Int64}
    schema |= {"expected_day": pl.Int64, "rep_id": pl.String}
    orphan = {"opportunity_id": pl.String, **{k: t for k, t in schema.items() if k != "_opp"}}
    if "stage_events" not in book.tables:
        return pl.DataFrame(schema=schema), pl.DataFrame(schema=orphan)
    outcome = pl.col("outcome").fill_null("open")
    events = events_at(book, day=day).select(
        "_opp", outcome, *_CARRIED, day=pl.col("entered_day")
    )  # in order of deal and moment
    rows = table_at(book, "stage_events", day=day)
    alone = rows.filter(pl.col("set_aside") == NO_DEAL).sort(
        "opportunity_id", "entered_day", maintain_order=True
    )
    alone = with_runs(alone, "opportunity_id").with_columns(carried_on(c) for c in _CARRIED)
    alone = alone.select("opportunity_id", outcome, *_CARRIED, day=pl.col("entered_day"))
    return events.select(*schema), alone.select(*orphan)


def _joined(events: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Return creations, events and closes of each deal in order, gaps filled from its row."""
    began = pl.col("_began").is_null() | (pl.col("created_day") < pl.col("_began"))
    created = deals.filter(began & pl.col("created_day").is_not_null())
    ends = (pl.col("_ended") == "open") | pl.col("_ended").is_null()
    closed = deals.filter((pl.col("_outcome") != "open") & ends)
    kinds = [
        created.select("_opp", day="created_day", outcome=pl.lit("open")),
        events.join(deals.select("_opp"), on="_opp", how="semi", maintain_order="left"),
        closed.select(
            "_opp", day="closed_day", outcome="_outcome", amount="_amount", rep_id="_rep_id"
        ),
    ]
    frame = pl.concat(
        [kind.with_columns(_kind=pl.lit(i)) for i, kind in enumerate(kinds)], how="diagonal"
    ).sort("_opp", "_kind", maintain_order=True)
    names = ["opportunity_id", "closed_day", "_outcome", "_placed", *(f"_{c}" for c in _CARRIED)]
    frame = frame.join(deals.select("_opp", *names), on="_opp", how="left", maintain_order="left")
    frame = with_runs(frame, "_opp")
    frame = frame.with_columns(carried_on(c).alias(c) for c in _CARRIED)
    return _as_the_row_ends(frame).select(*COLUMNS, *(f"_{c}" for c in _CARRIED), "_placed")


def _as_the_row_ends(frame: pl.DataFrame) -> pl.DataFrame:
    """Let a won deal close on the day, and at the amount, that its row tells: those are counted."""
    first = pl.col("_at") == pl.col("_start")
    turn = first | pl.col("outcome").ne_missing(pl.col("outcome").shift(1))
    kept = first | pl.col("rep_id").eq_missing(pl.col("rep_id").shift(1))
    won = last_where(turn) & kept & (pl.col("outcome") == "won") & (pl.col("_outcome") == "won")
    frame = frame.with_columns(_won=won)
    day = pl.when("_won").then(pl.coalesce("closed_day", "day")).otherwise("day")
    base = pl.col("_start") * _FAR  # so that the largest day so far starts anew with each deal
    return frame.with_columns(
        day=(base + day).cum_max() - base,
        amount=pl.when("_won").then(pl.coalesce("_amount", "amount")).otherwise("amount"),
    )


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    """Let the first value that is told stand before it too, else the row's, in the same hands."""
    frame = with_runs(frame, "opportunity_id")
    filled = (pl.when("mine").then(_coalesced(c)).otherwise(pl.col(c)).alias(c) for c in _CARRIED)
    return without_runs(frame.with_columns(filled))


def _coalesced(name: str) -> pl.Expr:
    return pl.coalesce(name, carried_back(name), f"_{name}")


def _state_days(seen: Sequence[pl.DataFrame]) -> list[int]:
    """Return the days of kept states, where the history is made of them; else none.

    It is if every deal has a row on each of those days between its first and its last. ``seen`` are
    the days on which some deals are told, of no deal in two of them.
    """
    days = pl.concat([part["day"].unique() for part in seen]).unique().sort()
    if days.len() < 2:
        return []
    place = pl.col("day").replace_strict(days, pl.int_range(days.len(), eager=True))
    often, whole = 0, True
    for part in seen:
        runs = part.with_columns(place=place).group_by("opportunity_id").agg(
            pl.len().alias("n"), run=pl.col("place").max() - pl.col("place").min() + 1
        )  # fmt: skip
        often += runs.filter(pl.col("n") > 1).height
        whole = whole and bool((runs["n"] == runs["run"]).all())
    return days.to_list() if whole and often >= _FEWEST else []


def _with_gone(frame: pl.DataFrame, days: list[int]) -> pl.DataFrame:
    """Add to open deals without a row that a later state misses that they are gone by then."""
    last = frame.filter(pl.col("_orphan")).group_by("opportunity_id", maintain_order=True).last()
    missed = last.filter((pl.col("outcome") == "open") & (pl.col("day") < days[-1]))
    after = dict(pairwise(days))
    gone = missed.with_columns(
        day=pl.col("day").replace_strict(after, return_dtype=pl.Int64), outcome=pl.lit(GONE)
    ).select(frame.columns)
    return pl.concat([frame, gone]).sort("opportunity_id", maintain_order=True)
