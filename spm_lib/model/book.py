"""The book: every canonical table of a client, of all times and all people, built once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.money import exponent
from spm_lib.model.checks import set_aside_broken
from spm_lib.model.columns import TABLES, Table, day_column
from spm_lib.model.creation import known_columns
from spm_lib.model.export_day import day_counts, export_day, first_day
from spm_lib.model.history import sort_events
from spm_lib.model.kept import kept_names, renamed_columns
from spm_lib.model.keys import set_aside_duplicates
from spm_lib.model.notices import Notice
from spm_lib.model.only import only
from spm_lib.model.outcomes import with_deal_pipelines, with_outcome
from spm_lib.model.targets import completed_targets

if TYPE_CHECKING:
    from pathlib import Path

    import narwhals.stable.v2 as nw

    from spm_lib.model.company import Company
    from spm_lib.workspace import Settings


OfDeals = Callable[["Company"], "nw.LazyFrame[Any]"]


class TablesOnDisk(Mapping[str, pl.DataFrame], ABC):
    """Tables that are read into memory only when they are asked for as such.

    ``folder`` is where they lie, ``rows`` how many rows they have, ``first_day`` the first day on
    which anything happened.
    """

    folder: Path
    rows: int
    first_day: date | None

    @abstractmethod
    def parts(self, company: Company, name: str) -> list[Path] | None:
        """Return the Parquet files of a table as known in a view; None of one kept in memory."""

    @abstractmethod
    def by_deals(self, book: Book) -> Iterator[Book]:
        """Yield the book of some deals at a time, with all tables that are kept in one."""

    @abstractmethod
    def made(self, company: Company, name: str, make: OfDeals) -> list[Path]:
        """Return the Parquet files of what ``make`` makes of a view, some deals at a time."""


@dataclass(frozen=True, eq=False)
class Book:
    """All that a client's files say, in canonical tables; nothing is scoped or cut at a day.

    ``tables`` hold good rows and set-aside rows. ``given`` lists the columns that the client's data
    fills, per table. ``from_log`` says that opportunities are derived from the event log.
    ``exported_on`` is the day whose end the rows describe (see ``export_day``). ``known`` lists
    the columns that are known from a row's creation on, per table (see ``creation``).
    """

    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    given: Mapping[str, frozenset[str]]
    exported_on: date
    from_log: bool = False
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reading_notes: tuple[Notice, ...] = ()

    @property
    def size(self) -> int:
        """How many rows there are in all tables."""
        if isinstance(self.tables, TablesOnDisk):
            return self.tables.rows
        return sum(frame.height for frame in self.tables.values())

    @property
    def folder(self) -> Path | None:
        """Where the rows lie on disk; None: in memory."""
        return self.tables.folder if isinstance(self.tables, TablesOnDisk) else None

    @property
    def first_day(self) -> date | None:
        """The first day on which anything happened; None where no row is dated."""
        if isinstance(self.tables, TablesOnDisk):
            return self.tables.first_day
        return first_day(day_counts(self.tables))

    def parts(self, company: Company, name: str) -> list[Path] | None:
        """Return the files of a table as known in a view of this book; None: it is in memory."""
        if isinstance(self.tables, TablesOnDisk):
            return self.tables.parts(company, name)
        return None

    def by_deals(self) -> Iterator[Book]:
        """Yield the book of some deals at a time; of rows in memory it is this one."""
        tables = self.tables
        yield from tables.by_deals(self) if isinstance(tables, TablesOnDisk) else (self,)

    def made(self, company: Company, name: str, make: OfDeals) -> list[Path] | None:
        """Return the files of what ``make`` makes of a view; None where it is not on disk."""
        if isinstance(self.tables, TablesOnDisk):
            return self.tables.made(company, name, make)
        return None


def build_book(
    frames: Mapping[str, pl.DataFrame],
    *,
    settings: Settings,
    kept: Mapping[str, tuple[str, ...]],
    notes: Sequence[Notice] = (),
    known: Mapping[str, Sequence[str]] | None = None,
) -> Book:
    """Return the book of canonical frames (see ``canonical``), with outcomes, keys and history.

    ``known`` are the columns ``known_at_creation``, per table; default: as the settings say.

    Raises
    ------
    DataError
        If there is nothing to build on, or stages are found that no pipeline lists.
    """
    refuse_nothing(frames)
    tables, given = checked_tables(frames, settings=settings)
    exported_on, told = export_day(day_counts(tables), section=settings.workspace)
    return Book(
        settings=settings,
        tables=tables,
        given=given,
        exported_on=exported_on,
        from_log=is_from_log(tables),
        kept={name: tuple(kept_names(keep, table=name).values()) for name, keep in kept.items()},
        known=known_columns(declared(settings) if known is None else known, kept),
        reading_notes=(*notes, *renamed_columns(kept), *told),
    )


def refuse_nothing(names: Collection[str]) -> None:
    """Refuse tables that no company can be built on.

    Raises
    ------
    DataError
        If there are no deals, no history and no orders.
    """
    if not {"opportunities", "stage_events", "orders"} & set(names):
        raise DataError(
            "There is nothing to build on: no opportunities, no stage_events, no orders.",
            found=f"tables: {', '.join(names) or 'none'}",
            do="Map at least [tables.opportunities] in the workspace file",
        )


def checked_tables(
    frames: Mapping[str, pl.DataFrame], *, settings: Settings
) -> tuple[dict[str, pl.DataFrame], dict[str, frozenset[str]]]:
    """Return the tables of a book, with keys, outcomes and history, and what each is given.

    Rows of one deal decide on each other, and rows of one key; other rows do not: the tables of
    some deals are those rows of the tables of all of them.

    Raises
    ------
    DataError
        If stages are found that no pipeline lists.
    """
    tables = {name: _checked(frame, TABLES[name]) for name, frame in frames.items()}
    given = {name: _given(frame, name) for name, frame in tables.items()}
    tables = _meanings(tables, settings=settings)
    tables = _memberships(tables)
    if "targets" in tables:
        digits = exponent(settings.workspace.currency)
        tables["targets"] = completed_targets(tables["targets"], exponent=digits)
    return _coded(tables, from_log=is_from_log(tables)), given


def is_from_log(names: Collection[str]) -> bool:
    """Say whether deals are derived from the history, as nothing else tells them."""
    return "stage_events" in names and "opportunities" not in names


def declared(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the columns that the workspace file declares known at creation, per table."""
    return {name: table.known_at_creation for name, table in settings.tables.items()}


def _checked(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    return set_aside_duplicates(set_aside_broken(frame, table=table), table=table)


def _given(frame: pl.DataFrame, name: str) -> frozenset[str]:
    return frozenset(c for c in TABLES[name].names() if frame[c].null_count() < frame.height)


def _meanings(tables: dict[str, pl.DataFrame], *, settings: Settings) -> dict[str, pl.DataFrame]:
    pipelines = settings.pipelines
    if len(pipelines) > 1 and "stage_events" in tables:
        deals = tables.get("opportunities")
        events = with_deal_pipelines(tables["stage_events"], deals=deals)
        tables = {**tables, "stage_events": events}
    named = [name for name in ("opportunities", "stage_events") if name in tables]
    done = {n: with_outcome(tables[n], pipelines=pipelines, table=n) for n in named}
    if "opportunities" in done:
        done["opportunities"] = _plans_are_no_closes(done["opportunities"])
    return {**tables, **done}


def _plans_are_no_closes(frame: pl.DataFrame) -> pl.DataFrame:
    """Move ``closed_at`` of open deals to ``expected_close``; ``_planned`` says where."""
    open_ = (pl.col("outcome") == "open").fill_null(value=False)
    planned = open_ & pl.col("closed_at").is_not_null()
    plan = pl.when(planned)
    return frame.with_columns(
        set_aside=pl.coalesce(
            "set_aside", pl.when(pl.col("outcome").is_null()).then(pl.lit("no stage"))
        ),
        expected_close=pl.coalesce("expected_close", plan.then("closed_on")),
        expected_day=pl.coalesce("expected_day", plan.then("closed_day")),
        closed_at=pl.when(~open_).then("closed_at"),
        closed_on=pl.when(~open_).then("closed_on"),
        closed_day=pl.when(~open_).then("closed_day"),
        _planned=planned,
    )


def _memberships(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Make memberships valid for all time of what ``reps`` names without dates."""
    if "memberships" in tables or "reps" not in tables:
        return dict(tables)
    reps = tables["reps"]
    named = reps.filter(
        pl.col("set_aside").is_null()
        & (pl.col("team").is_not_null() | pl.col("manager_id").is_not_null())
    )
    if not named.height:
        return dict(tables)
    days = {name: pl.lit(None, dtype=pl.Date) for name in ("valid_from", "valid_to")}
    epoch = {day_column(name): pl.lit(None, dtype=pl.Int64) for name in days}
    made = named.select("rep_id", "team", "manager_id", "set_aside", "_row").with_columns(
        **days, **epoch
    )
    order = [*TABLES["memberships"].names(), *epoch, "set_aside", "_row"]
    return {**tables, "memberships": made.select(order)}


def _coded(tables: dict[str, pl.DataFrame], *, from_log: bool) -> dict[str, pl.DataFrame]:
    """Give deals an integer code ``_opp`` and sort the events."""
    tables = dict(tables)
    if "opportunities" in tables:
        tables["opportunities"] = tables["opportunities"].with_row_index("_opp")
    if "stage_events" not in tables:
        return tables
    events = tables["stage_events"]
    if from_log:
        codes = events.select("opportunity_id").unique(maintain_order=True).drop_nulls()
        codes = codes.with_row_index("_opp")
    else:
        deals = tables["opportunities"]
        codes = deals.filter(pl.col("set_aside").is_null()).select("opportunity_id", "_opp")
    return {**tables, "stage_events": sort_events(events, codes=codes)}


def good_events(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events that can tell a history: good rows of deals that exist."""
    return only(events, pl.col("set_aside").is_null() & pl.col("_opp").is_not_null())
