"""Opening a company: from frames in hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.money import exponent
from spm_lib.model.book import build_book
from spm_lib.model.canonical import TableMapping, canonical
from spm_lib.model.columns import canonical_table
from spm_lib.model.company import Company
from spm_lib.model.engine import check_engine
from spm_lib.model.kinds import Reading

if TYPE_CHECKING:
    from spm_lib.workspace import Scope, Settings


def company_from_frames(
    frames: Mapping[str, Any],
    settings: Settings,
    *,
    as_of: date | str | None = None,
    scope: Scope | None = None,
    engine: str | None = None,
) -> Company:
    """Return the company that frames in canonical columns make.

    Columns in: those of ``spm_lib.model.TABLES`` by their canonical names; amounts in major units
    (number, Decimal or text), dates as dates, datetimes or ISO text (times without a zone are read
    in the workspace's zone); further columns are kept along. Frames are polars or pandas ones; if
    any is a pandas frame, metrics of this company give pandas frames back.

    Raises
    ------
    DataError
        If a frame is neither, a table is unknown, or the tables break the model's contract.
    """
    made = {name: _polars(frame, name) for name, frame in frames.items()}
    reading = Reading(settings.calendar.timezone, exponent(settings.workspace.currency))
    tables: dict[str, pl.DataFrame] = {}
    kept: dict[str, tuple[str, ...]] = {}
    for name, frame in made.items():
        table = canonical_table(name)
        names = set(table.names())
        kept[name] = tuple(c for c in frame.columns if c not in names and not c.startswith("_"))
        mapping = TableMapping(columns={c: c for c in frame.columns if c in names}, keep=kept[name])
        tables[name] = canonical(
            frame,
            table=table,
            mapping=mapping,
            reading=reading,
            currency=settings.workspace.currency,
        )
    book = build_book(tables, settings=settings, kept=kept)
    border: Literal["polars", "pandas"] = "polars"
    if any(not isinstance(f, pl.DataFrame | pl.LazyFrame) for f in frames.values()):
        border = "pandas"
    return Company(
        as_of=_day(as_of) or _day(settings.workspace.as_of) or book.exported_on,
        scope=scope if scope is not None else _company_scope(),
        engine=check_engine(engine or settings.workspace.engine),
        border=border,
        book=book,
    )


def _company_scope() -> Scope:
    from spm_lib.workspace import Scope

    return Scope.company()


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _polars(frame: Any, name: str) -> pl.DataFrame:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    if type(frame).__module__.split(".")[0] == "pandas":
        return pl.from_pandas(frame)
    raise DataError(
        f"Table '{name}' is not a frame.",
        found=type(frame).__name__,
        do="Pass a polars or a pandas DataFrame",
    )
