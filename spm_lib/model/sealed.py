"""A sealed company: nothing in memory that its scope may not see, so that nothing can slip out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from spm_lib.core.in_one_go import in_one_go
from spm_lib.model.parts import part_of
from spm_lib.model.visibility import of_people, owners_of, visible
from spm_lib.workspace import Scope

if TYPE_CHECKING:
    from spm_lib.model.book import Book
    from spm_lib.model.company import Company

OTHER = "\x1fother"
LEFT_BEHIND = ("created_at", "created_on", "created_day", "recorded_on", "recorded_day", "pipeline")
_TOLD = ("opportunity_id", "set_aside", "outcome", *LEFT_BEHIND)
_CARRIED = ("amount", "expected_close", "expected_day", "currency")


def seal(company: Company) -> Company:
    """Return the same view of the company on a book that holds only what its scope may see.

    Every figure as of ``company.as_of`` is the same as before, and every figure of an earlier day
    of what the scope saw then. Other people's ids in the history of a shared deal become one mark;
    of a deal that was handed on, nothing is left but that it was there and how it moved.
    """
    whole = company.whole
    if not company.scoped or whole is None:
        return company
    tables = {name: _cut(company, name) for name in company.book.tables}
    book: Book = replace(company.book, tables=tables, reading_notes=())
    sealed = replace(whole, book=book).within(company.scope)
    sealed.remember("notices", company.notices)
    return sealed


def on_its_own(company: Company) -> Company:
    """Return a scope's rows as a company of their own, which knows of nobody else.

    Its people are all there is: shares of the whole are shares among them.

    Examples
    --------
    >>> import spm_lib
    >>> team = spm_lib.open("data/sample/spm.toml", scope="manager:M01")
    >>> alone = on_its_own(team)
    >>> alone.scoped, set(alone.table("reps")["rep_id"]) == set(team.table("reps")["rep_id"])
    (False, True)
    """
    if not company.scoped:
        return company
    sealed = seal(company)
    return replace(sealed, scope=Scope.company(), _whole=None)


def _cut(company: Company, name: str) -> pl.DataFrame:
    frame = company.book.tables[name]
    if name == "stage_events":
        return _kept_events(company)
    if name == "opportunities":
        return _deals(company, frame)
    if frame is company.everyone(name):  # nothing of it is later than this day
        return company.full(name)
    return part_of(company, name, visible(company, name, frame))


def _kept_events(company: Company) -> pl.DataFrame:
    """Return the part of the history that is kept, which decides on the deals too."""
    events = company.book.tables["stage_events"]
    return company.once("kept events", lambda: _events(company, events))


def _events(company: Company, events: pl.DataFrame) -> pl.DataFrame:
    """Keep the history of deals that are or were in scope, without what others did later."""
    seen = _is_in("_opp", _seen(company))
    if company.scope.part is not None:
        return events.filter(seen)
    reps = company.scope.rep_ids or frozenset()
    marked = events.with_columns(_mine=of_people(pl.lit(_owners(company, events)), reps))
    once = _is_in("_opp", marked["_opp"].filter(marked["_mine"]))
    rows = marked.lazy().filter(pl.col("_mine") | seen | once).with_row_index("_at")
    last = pl.when("_mine").then("_at").max().over("_opp")
    gone = ~seen & (pl.col("_at") > pl.when(pl.col("_opp").is_not_null()).then(last))
    others = pl.col("rep_id").is_not_null() & ~of_people(pl.col("rep_id"), reps)
    blank = [
        c
        for c in (*_CARRIED, *_foreign(events), *_kept(company, "stage_events"))
        if c in events.columns
    ]
    owner = pl.when(others).then(pl.lit(OTHER)).otherwise("rep_id")
    told = (
        rows.with_columns(_told=~gone)  # null, which blanks too: an event of no known deal
        .with_columns(pl.when("_told").then(pl.col(blank)), rep_id=owner)
        .select(events.columns)
    )
    return in_one_go(told)


def _owners(company: Company, events: pl.DataFrame) -> pl.Series:
    """Return the owner of each event, which is the same for every scope of one company."""
    whole = company.whole or company
    return whole.once("owners of events", lambda: owners_of(company, events))


def _deals(company: Company, deals: pl.DataFrame) -> pl.DataFrame:
    """Keep the deals in scope; of those handed on, keep only that they were there."""
    seen = _is_in("_opp", _seen(company))
    if company.scope.part is not None:
        return part_of(company, "opportunities", deals)
    own = of_people(pl.col("rep_id"), company.scope.rep_ids or frozenset())
    later = own & ~_is_in("_opp", company.everyone("opportunities")["_opp"])
    once = pl.lit(value=False)
    if "stage_events" in company.book.tables:
        once = _is_in("_opp", _kept_events(company)["_opp"])
    blank = [c for c in deals.columns if c not in _TOLD and c not in ("_opp", "_row")]
    rows = deals.lazy().filter(seen | own | once).with_columns(_whole=seen | later)
    told = rows.with_columns(
        pl.when("_whole").then(pl.col(blank)),
        outcome=pl.when("_whole").then("outcome").otherwise(pl.lit("open")),
    )
    return in_one_go(told.select(deals.columns))


def _seen(company: Company) -> pl.Series:
    return company.full("opportunities")["_opp"]


def _is_in(column: str, values: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(values.implode()).fill_null(value=False)


def _kept(company: Company, name: str) -> tuple[str, ...]:
    return tuple(company.book.kept.get(name, ()))


def _foreign(frame: pl.DataFrame) -> list[str]:
    return [c for c in frame.columns if c.startswith("_foreign_")]
