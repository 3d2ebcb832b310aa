"""Opening a company: from a workspace file, or from frames in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from spm_lib.core.calendar import FIRST_YEAR, LAST_YEAR, unthinkable
from spm_lib.core.errors import ParameterError
from spm_lib.model.book import Book, build_book
from spm_lib.model.company import Company
from spm_lib.model.engines import check_engine
from spm_lib.model.framed import as_polars, framed, kept_columns, kind_of
from spm_lib.model.intake import Intake
from spm_lib.model.reading import read_workspace
from spm_lib.model.stored.opening import book_of_store, is_store
from spm_lib.model.view_files import is_view, open_view
from spm_lib.model.visibility import scope_named
from spm_lib.workspace import Scope, Settings


def company_from_frames(
    frames: Mapping[str, Any],
    settings: Settings,
    *,
    as_of: date | str | None = None,
    scope: Scope | str | None = None,
    engine: str | None = None,
    known_at_creation: Mapping[str, Sequence[str]] | None = None,
) -> Company:
    """Return the company that frames in canonical columns make.

    Columns in: those of ``spm_lib.model.TABLES`` by their canonical names; amounts in major units
    (number, Decimal or text), dates as dates, datetimes or ISO text (times without a zone are read
    in the workspace's zone); further columns are kept along. Frames are polars, pandas or Spark
    ones (those are collected through Arrow); if any is a pandas frame, metrics of this company give
    pandas frames back. ``known_at_creation`` names, per table, the columns that never change (see
    the workspace file); default: as the settings say.

    Raises
    ------
    DataError
        If a frame is neither, a table is unknown, or the tables break the model's contract.
    """
    made = {name: as_polars(frame, name) for name, frame in frames.items()}
    kept = {name: kept_columns(frame, name) for name, frame in made.items()}
    tables: dict[str, pl.DataFrame] = {}
    for name in sorted(made, key=lambda name: name != "opportunities"):
        deals = tables.get("opportunities")
        tables[name] = framed(made[name], name=name, settings=settings, deals=deals)
    tables = {name: tables[name] for name in made}
    book = build_book(tables, settings=settings, kept=kept, known=known_at_creation)
    border = "pandas" if any(kind_of(f) == "pandas" for f in frames.values()) else "polars"
    return company_of(book, as_of=as_of, scope=scope, engine=engine, border=border)


def open_company(
    path: str | Path,
    *,
    as_of: date | str | None = None,
    scope: Scope | str | None = None,
    engine: str | None = None,
) -> Company:
    """Return the company of a workspace file; ``spm_lib.open`` is this function.

    Parameters
    ----------
    path
        The workspace file, or the folder that holds ``spm.toml``; or a view or a store on disk.
    as_of
        The day whose end is looked at; default: the file's ``as_of``, else the newest thing that
        happened.
    scope
        Whose rows may be seen: a ``Scope``, or ``company``, ``rep:ID``, ``team:NAME``,
        ``manager:ID``, ``COLUMN=value``; default: the company, or what the view holds.
    engine
        polars, duckdb, spark or warehouse; default: the file's.

    Raises
    ------
    WorkspaceError
        If the file says what cannot be, or asks for columns that the data does not have.
    SourceError
        If files cannot be read at all.
    DataError
        If the tables break the model's contract, such as stages that no pipeline lists.
    ParameterError
        If ``as_of`` is no day that anybody can mean, or before everything that is known.
    """
    if is_view(path):
        return open_view(path, as_of=_day(as_of), scope=scope, engine=engine)
    if is_store(path):
        book = book_of_store(path)
        return company_of(book, as_of=as_of, scope=scope, engine=engine, border="polars")
    settings, intake = _read(path)
    book = build_book(intake.tables, settings=settings, kept=intake.kept, notes=intake.notes)
    return company_of(book, as_of=as_of, scope=scope, engine=engine, border="polars")


def _read(path: str | Path) -> tuple[Settings, Intake]:
    """Return the settings and tables of a workspace file, letting go of its sources."""
    read = read_workspace(path)
    return read.settings, read.intake


def company_of(
    book: Book,
    *,
    as_of: date | str | None,
    scope: Scope | str | None,
    engine: str | None,
    border: Literal["polars", "pandas"],
) -> Company:
    """Return the view of a book that was asked for; defaults as ``open_company``.

    Raises
    ------
    ParameterError
        If it is of a day before everything that is known.
    """
    asked = _day(as_of) or book.settings.workspace.as_of
    if asked and asked < (first := book.first_day or asked):
        raise ParameterError(
            "Nothing had happened yet on the day to report as of.",
            found=f"as of {asked}; the first entry is of {first}",
            do="Give a later day",
        )
    whole = Company(
        as_of=asked or book.exported_on,
        scope=Scope.company(),
        engine=check_engine(engine or book.settings.workspace.engine, book.settings),
        border=border,
        book=book,
    )
    if scope is None:
        return whole
    return whole.within(scope_named(whole, scope) if isinstance(scope, str) else scope)


def _day(value: date | str | None) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ParameterError(
            "The day to report as of is not a date.", found=repr(value), do="Write it as 2026-01-31"
        ) from None
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise unthinkable(f"as of {day}")
    return day
