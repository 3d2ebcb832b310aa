"""The book cut at a day: what was known at the end of D, table by table, and nothing later."""

from __future__ import annotations

from datetime import date

import polars as pl

from spm_lib.model.book import Book, good_events
from spm_lib.model.columns import TABLES, day_column, on_column
from spm_lib.model.creation import untold_columns
from spm_lib.model.currency import convert
from spm_lib.model.history import build_stints, carry_forward, last_states
from spm_lib.model.only import only
from spm_lib.model.states import mended, moment_from_history, states_as_deals, with_states
from spm_lib.model.targets import with_period_ends

UNDATED = "undated"
NO_DEAL = "no such deal"
DEAL_ASIDE = "deal set aside"
STARTS = {
    "activities": "happened_at",
    "leads": "created_at",
    "orders": "date",
    "payments": "date",
    "forecast_calls": "submitted_at",
    "costs": "period_start",
    "fx_rates": "date",
    "accounts": "created_at",
    "memberships": "valid_from",
    "reps": "hired_on",
    "stage_events": "entered_at",
}
ENDS = {
    "leads": ("first_response_at", "converted_at"),
    "orders": ("invoiced_at",),
    "memberships": ("valid_to",),
    "reps": ("left_on",),
}
UNTOLD = (
    *("set_aside", "recorded_at", "recorded_on", "recorded_day"),
    *("_file", "_row", "_pipeline", "currency"),
)
TOLD = ("stage", "stage_rank", "amount", "rep_id", "expected_close", "expected_day")


def table_at(book: Book, name: str, *, day: date) -> pl.DataFrame:
    """Return all rows of a table, good and set aside, as known at the end of ``day``."""
    if name == "opportunities":
        return opportunities_at(book, day=day)
    frame = only(book.tables[name], known(name, book.tables[name], day=day))
    for column in ENDS.get(name, ()):
        frame = _not_yet(frame, column, day=day)
    if name == "stage_events" and not book.from_log:
        frame = _of_known_deals(frame, book, day=day)
    if name == "targets":
        frame = with_period_ends(frame, day=day)
    if name == "splits":
        frame = _splits_at(frame, book, day=day)
    if name == "leads" and day < book.exported_on:
        frame = _leads_then(frame, book)
    return convert(frame, book=book, table=TABLES[name], day=day)


def _leads_then(frame: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Blank what only the export's day tells of leads that had not been converted by then."""
    done = pl.col("converted_on").is_not_null()
    blank = ("opportunity_id", *_untold(book, "leads"))
    return frame.with_columns(pl.when(done).then(pl.col(c)).alias(c) for c in blank)


def _untold(book: Book, name: str) -> tuple[str, ...]:
    return untold_columns(name, kept=book.kept.get(name, ()), known=book.known)


def known(name: str, frame: pl.DataFrame, *, day: date) -> pl.Expr:
    """Say which rows had happened and had been entered by the end of ``day`` (null dates: yes)."""
    start = STARTS.get(name)
    parts = [on_column(start)] if start else []
    parts += ["recorded_on"] if "recorded_on" in frame.columns else []
    return pl.all_horizontal(
        pl.lit(True), *[(pl.col(c) <= day).fill_null(value=True) for c in parts]
    )


def _not_yet(frame: pl.DataFrame, column: str, *, day: date) -> pl.DataFrame:
    """Blank an end that had not come by ``day``, and what came with it."""
    later = (pl.col(on_column(column)) > day).fill_null(value=False)
    if not frame.select(later.any()).item():
        return frame
    names = {column, on_column(column), day_column(column)}
    names |= {"opportunity_id"} if column == "converted_at" else set()
    return frame.with_columns(
        pl.when(~later).then(pl.col(c)).alias(c) for c in names if c in frame.columns
    )


def _of_known_deals(events: pl.DataFrame, book: Book, *, day: date) -> pl.DataFrame:
    """Set aside events of deals that nobody knew by ``day``."""
    deals = only(book.tables["opportunities"], _present(day=day))
    good = deals.filter(pl.col("set_aside").is_null())["_opp"]
    there = events.get_column("_opp").is_in(good.implode()).fill_null(value=False)
    aside = deals.filter(pl.col("set_aside").is_not_null())["opportunity_id"].unique()
    reason = (
        pl.when(pl.lit(there))
        .then(None)
        .when(pl.col("opportunity_id").is_in(aside.implode()))
        .then(pl.lit(DEAL_ASIDE))
        .otherwise(pl.lit(NO_DEAL))
    )
    return events.with_columns(set_aside=pl.coalesce("set_aside", reason))


def _present(*, day: date) -> pl.Expr:
    return pl.all_horizontal(
        (pl.col(c) <= day).fill_null(value=True) for c in ("created_on", "recorded_on")
    )


def events_at(book: Book, *, day: date) -> pl.DataFrame:
    """Return the good events known at the end of ``day``, carried forward deal by deal.

    Without the columns that say nothing of a deal, but where and when a row was entered.
    """
    good = good_events(table_at(book, "stage_events", day=day))
    return carry_forward(good.drop(UNTOLD, strict=False))


def opportunities_at(book: Book, *, day: date) -> pl.DataFrame:
    """Return all deals, good and set aside, as known at the end of ``day``.

    From the export's day on, rows stand as the client gave them; before it only those of deals
    closed by then. Never a row to which something happened after ``day``. Other deals are told by
    their history, and where there is none they are open, with stage, amount, owner and the like
    null.
    Columns that no history tells are null too, but for those declared ``known_at_creation``.
    """
    if book.from_log:
        keep = book.kept.get("stage_events", ())
        return states_as_deals(last_states(events_at(book, day=day), keep=keep), keep=keep)
    deals = only(book.tables["opportunities"], _present(day=day))
    if "stage_events" in book.tables:
        deals = mended(with_states(deals, last_states(events_at(book, day=day))), book=book)
    deals = _retold(deals, book, day=day)
    deals = deals.drop([c for c in deals.columns if c.startswith("_h_")])
    return convert(deals, book=book, table=TABLES["opportunities"], day=day)


def _trusted(deals: pl.DataFrame, book: Book, *, day: date) -> pl.Series:
    """Say which rows tell what was known at the end of ``day``."""
    closed = ((pl.col("closed_on") <= day) & (pl.col("outcome") != "open")).fill_null(value=False)
    later = (pl.col("closed_on") > day).fill_null(value=False)
    fresh = pl.lit(value=True) if day >= book.exported_on else closed
    trusted = deals.select(_trusted=fresh & ~later)["_trusted"]
    if "stage_events" in book.tables:
        trusted &= ~_changed_later(deals, book, day=day)
    return trusted


def _retold(deals: pl.DataFrame, book: Book, *, day: date) -> pl.DataFrame:
    trusted = _trusted(deals, book, day=day)
    if trusted.all():
        return deals
    frame = deals.with_columns(trusted)
    foreign = [c for c in frame.columns if c.startswith("_foreign_")]
    blank = {
        c: pl.when("_trusted").then(pl.col(c)) for c in (*_untold(book, "opportunities"), *foreign)
    }
    told = {c: _told(frame, c) for c in TOLD}
    outcome = pl.when("_trusted").then("outcome").otherwise(_outcome_then(frame))
    undated = pl.when(~pl.col("_trusted") & _dateless(frame)).then(pl.lit(UNDATED))
    return frame.with_columns(
        **told,
        **blank,
        **_closes(frame, book),
        outcome=outcome,
        set_aside=pl.coalesce("set_aside", undated),
    ).drop("_trusted")


def _outcome_then(frame: pl.DataFrame) -> pl.Expr:
    history = [pl.col("_h_outcome")] if "_h_outcome" in frame.columns else []
    return pl.coalesce(*history, pl.lit("open"))


def _dateless(frame: pl.DataFrame) -> pl.Expr:
    """Say of which deals nobody can tell whether they were there, or closed, on a past day."""
    closed_sometime = ((pl.col("outcome") != "open") & pl.col("closed_on").is_null()).fill_null(
        value=False
    )
    dateless = pl.col("created_on").is_null() | closed_sometime
    told = "_h_opportunity_id" in frame.columns
    return dateless & pl.col("_h_opportunity_id").is_null() if told else dateless


def _told(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Take the row's value where it is trusted, the history's where there is one, else null."""
    history = f"_h_{name}"
    other = pl.col(history) if history in frame.columns else pl.lit(None, frame.schema[name])
    return pl.when("_trusted").then(pl.col(name)).otherwise(other)


def _closes(frame: pl.DataFrame, book: Book) -> dict[str, pl.Expr]:
    if "_h_closed_at" not in frame.columns:
        return {c: pl.when("_trusted").then(pl.col(c)) for c in _CLOSED}
    moment = moment_from_history(frame, "closed", timezone=book.settings.calendar.timezone)
    others = [moment, pl.col("_h_closed_on"), pl.col("_h_closed_day")]
    return {
        c: pl.when("_trusted").then(pl.col(c)).otherwise(other)
        for c, other in zip(_CLOSED, others, strict=True)
    }


_CLOSED = ("closed_at", "closed_on", "closed_day")


def _changed_later(deals: pl.DataFrame, book: Book, *, day: date) -> pl.Series:
    """Say which deals have a change that happened or was entered after ``day``."""
    events = book.tables["stage_events"]
    good = pl.col("set_aside").is_null() & pl.col("_opp").is_not_null()
    after = ~known("stage_events", events, day=day)
    later = events.select(pl.col("_opp").filter(good & after))["_opp"]
    return deals["_opp"].is_in(later.unique().implode())


def _splits_at(frame: pl.DataFrame, book: Book, *, day: date) -> pl.DataFrame:
    """Keep undated splits only of what was sold by ``day``, before the export's day."""
    if day >= book.exported_on:
        return frame
    sold = pl.col("recorded_on").is_not_null()
    if "opportunities" in book.tables or book.from_log:
        deals = opportunities_at(book, day=day).filter(pl.col("outcome") != "open")
        sold |= pl.col("opportunity_id").is_in(deals["opportunity_id"].implode())
    if "orders" in book.tables:
        orders = table_at(book, "orders", day=day)["order_id"]
        sold |= pl.col("order_id").is_in(orders.implode())
    return frame.filter(sold)


def stints_at(book: Book, *, day: date, deals: pl.DataFrame) -> pl.DataFrame:
    """Return the stage visits known at the end of ``day`` of the good deals given.

    Where the history names no owner or no amount, those of the deal's row (as known then) stand.
    """
    stints = build_stints(events_at(book, day=day))
    good = deals.filter(pl.col("set_aside").is_null())
    rows = good.select("_opp", _rep="rep_id", _amount="amount", _pipe="pipeline")
    joined = stints.join(rows, on="_opp", how="inner", maintain_order="left")
    return joined.with_columns(
        rep_id=pl.coalesce("rep_id", "_rep"),
        amount=pl.coalesce("amount", "_amount"),
        pipeline=pl.coalesce("pipeline", "_pipe"),
    ).drop("_opp", "_rep", "_amount", "_pipe")
