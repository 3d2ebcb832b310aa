"""A view on disk: a sealed company as plain files, read back in milliseconds by whoever runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.errors import DataError, ScopeError
from spm_lib.model.book import Book
from spm_lib.model.company import Company
from spm_lib.model.engines import check_engine
from spm_lib.model.notices import Notice
from spm_lib.model.sealed import seal
from spm_lib.model.visibility import scope_named
from spm_lib.store import whole_folder, write_json
from spm_lib.workspace import Scope, Settings

VIEW = "view.json"


def write_view(company: Company, folder: str | Path, *, asked: str = "company") -> Path:
    """Write a company, sealed to its scope, and return the file that ``open_company`` takes.

    ``asked`` is the scope as it was asked for. The folder appears whole or not at all.
    """
    sealed = seal(company)
    book, goal = sealed.book, Path(folder)
    with whole_folder(goal) as fresh:
        for name, frame in book.tables.items():
            frame.write_ipc_stream(fresh / f"{name}.arrows", compression="uncompressed")
        write_json(fresh / VIEW, _told(sealed, asked=asked))
    return goal / VIEW


def _told(company: Company, *, asked: str) -> dict[str, Any]:
    book, scope = company.book, company.scope
    return {
        "as_of": company.as_of.isoformat(),
        "asked": asked,
        "label": scope.label,
        "rep_ids": None if scope.rep_ids is None else sorted(scope.rep_ids),
        "part": scope.part,
        "engine": company.engine,
        "settings": book.settings.model_dump(mode="json", exclude={"access"}),
        "tables": list(book.tables),
        "given": {name: sorted(columns) for name, columns in book.given.items()},
        "exported_on": book.exported_on.isoformat(),
        "from_log": book.from_log,
        "kept": book.kept,
        "known": {name: sorted(columns) for name, columns in book.known.items()},
        "notes": [vars(note) for note in book.reading_notes],
        "notices": [vars(note) for note in company.notices] if company.scoped else None,
    }


def is_view(path: str | Path) -> bool:
    """Say whether a path is the file of a view, not a workspace file."""
    return Path(path).name == VIEW


def open_view(
    path: str | Path,
    *,
    as_of: date | None = None,
    scope: Scope | str | None = None,
    engine: str | None = None,
) -> Company:
    """Return the company of a view on disk; it cannot be widened.

    Raises
    ------
    DataError
        If a later day than the view's is asked for.
    ScopeError
        If rows are asked for that the view does not hold.
    """
    folder = Path(path).parent
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    company = _company(told, folder, engine=engine)
    if scope is not None and scope not in (told["asked"], company.scope):
        company = company.within(_narrower(company, scope))
    if as_of is None or as_of == company.as_of:
        return company
    if as_of > company.as_of:
        raise DataError(
            "The view does not know that day.",
            found=f"as of {company.as_of}, asked for {as_of}",
            do="Open the workspace file itself",
        )
    return company.at(as_of)


def _narrower(company: Company, scope: Scope | str) -> Scope:
    if isinstance(scope, Scope):
        return scope
    if scope == "company":
        raise ScopeError(
            f"The view '{company.scope.label}' cannot be widened to 'company'.",
            do="Open the company anew with the scope that is needed",
        )
    return scope_named(company, scope)


def _company(told: Mapping[str, Any], folder: Path, *, engine: str | None) -> Company:
    book = Book(
        settings=Settings.model_validate(told["settings"]),
        tables={name: _read(folder / f"{name}.arrows") for name in told["tables"]},
        given={name: frozenset(columns) for name, columns in told["given"].items()},
        exported_on=date.fromisoformat(told["exported_on"]),
        from_log=told["from_log"],
        kept={name: tuple(columns) for name, columns in told["kept"].items()},
        known={name: frozenset(columns) for name, columns in told["known"].items()},
        reading_notes=_notices(told["notes"]),
    )
    day = date.fromisoformat(told["as_of"])
    name = check_engine(engine or told["engine"], book.settings)
    whole = Company(day, Scope.company(), name, book=book)
    ids, part = told["rep_ids"], told["part"]
    scope = Scope(None if ids is None else frozenset(ids), told["label"], part and tuple(part))
    if not scope.narrow:
        return whole
    sealed = replace(whole, scope=scope, _whole=whole)
    sealed.remember("notices", _notices(told["notices"]))
    return sealed


def _read(file: Path) -> pl.DataFrame:
    """Read a table without a query: what starts an engine costs more than a scope's few rows."""
    return pl.read_ipc_stream(file)


def _notices(listed: list[dict[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(**{**one, "values": tuple(one["values"])}) for one in listed)
