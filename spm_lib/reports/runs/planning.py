"""Planning a run: what is asked for becomes jobs, each with a view of its own to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import ParameterError, ReportError
from spm_lib.core.money import exponent
from spm_lib.model import minor_text, open_company, scope_named, write_view
from spm_lib.reports.runs.inprocess import needs_kernel
from spm_lib.reports.runs.jobs import Job
from spm_lib.reports.runs.leaks import Secretive, others_of
from spm_lib.reports.runs.manifest import brand_hash, input_hashes, notebook_origin
from spm_lib.reports.runs.parameters import (
    check_parameters,
    declares_parameters,
    read_cells,
    read_parameters,
)
from spm_lib.reports.runs.run_record import Item
from spm_lib.reports.runs.shelf import find_notebook
from spm_lib.reports.runs.told_files import KINDS, ToldFiles
from spm_lib.reports.scopes import COMPANY, Audience, alike, audience_of, each
from spm_lib.store import (
    ClientFolder,
    ReportFolder,
    RunFolder,
    prune,
    sha256_file,
    used,
)

if TYPE_CHECKING:
    from spm_lib.model import Company

GIVEN_APART = {
    "workspace": "--workspace",
    "scope": "--scope",
    "peers": "nothing: the run works it out",
    "plan": "nothing: the run works it out",
    "paid": "nothing: the run works it out",
    "letter": "nothing: the run works it out",
    "team": "nothing: the run works it out",
}
KEPT_DAYS = 7.0  # views that no run has used for so long are removed
OWN = ("workspace", "as_of", "language", "scope", "peers", "plan", "paid", "letter", "team")
Languages = Sequence[str]


@dataclass(frozen=True)
class Request:
    """One report asked for: whom it is for, in which languages and formats, with what parameters.

    ``scopes`` are texts such as ``rep:R7``; ``each`` stands for all people, managers, teams, or
    values of a column. Neither: the company. Without ``languages`` it is the workspace's own.
    """

    name: str
    scopes: tuple[str, ...] = ()
    each: str | None = None
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("html",)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Whether more than one report may come of it."""
        return self.each is not None or len(self.scopes) > 1 or len(self.languages) > 1


@dataclass(frozen=True)
class Planned:
    """A job, how it stands in the record of the run, and what it must not name."""

    job: Job
    item: Item
    others: Secretive | None = None


def settle(request: Request, as_of: date | str | None) -> tuple[Request, date | str | None]:
    """Return the request without parameters that choose the data, and the day they chose.

    ``as_of`` and ``language`` may be given as parameters too; they then decide the data and the
    folder, as the options do.

    Raises
    ------
    ParameterError
        If a parameter is given that has an option of its own, or ``as_of`` is no date.
    """
    given = dict(request.parameters)
    for key, option in GIVEN_APART.items():
        if key in given:
            raise ParameterError(
                f"The parameter '{key}' cannot be given like that.",
                found=f"{key}={given[key]}",
                do=f"Use {option}",
            )
    day = given.pop("as_of", None)
    languages = request.languages or tuple(str(v) for k, v in given.items() if k == "language")
    given.pop("language", None)
    if day is not None and not _is_date(str(day)):
        raise ParameterError(
            "A parameter was refused.",
            found=f"'as_of' must be a date, not {day!r}",
            do="Write it as 2026-09-30",
        )
    settled = Request(request.name, request.scopes, request.each, languages, request.formats, given)
    return settled, as_of or day


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def check_request(request: Request, *, client: Path) -> Path:
    """Return the notebook of a request whose parameters are right.

    Raises
    ------
    ReportError
        If there is no such report, or it cannot be narrowed to a scope.
    ParameterError
        If a parameter is unknown, mistyped or out of range.
    """
    notebook = find_notebook(request.name, client=client)
    check_parameters(notebook, request.parameters)
    for language in request.languages:
        check_parameters(_LANGUAGE, {"language": language})
    narrow = request.each or any(scope != COMPANY for scope in request.scopes)
    if narrow and "workspace" not in _declared(notebook):
        raise ReportError(
            f"The report '{notebook.stem}' cannot be made for one scope: it opens its data itself.",
            do="Declare `workspace: str` in its parameters cell, and open that",
        )
    return notebook


_LANGUAGE = {
    "cells": [
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": "language: str = 'en'  # language of the report [en|he]",
        }
    ]
}


def _declared(notebook: Path) -> dict[str, Any]:
    if not declares_parameters(notebook):
        return {}
    return {p.name: p for p in read_parameters(notebook)}


class Plan:
    """The jobs of a run on one client, made from one opening of its data."""

    def __init__(
        self,
        workspace: str | Path,
        *,
        as_of: date | str | None,
        output: str | Path,
        engine: str | None = None,
    ) -> None:
        self.workspace = Path(workspace)
        self.company: Company = open_company(workspace, as_of=as_of, engine=engine)
        settings = self.company.settings
        self.client = ClientFolder.of(settings.path)
        self.folder = RunFolder(Path(output), settings.workspace.id, self.company.as_of)
        self._views: dict[str, _View] = {}
        self.told = ToldFiles(self.company, self.client)
        for kind in ("views", *KINDS):
            prune(self.client.cache / kind, unused_days=KEPT_DAYS)

    @cached_property
    def data(self) -> dict[str, Any]:
        """All that decides what the data says: inputs, workspace file, code."""
        from spm_lib.reports.runs.manifest import code_version

        settings = self.company.settings
        return {
            "inputs": input_hashes(settings),
            "workspace": sha256_file(settings.path),
            "code": code_version(),
        }

    def jobs(self, request: Request, notebook: Path) -> list[Planned]:
        """Return the jobs of one request: one per audience and language."""
        languages = request.languages or (self.company.settings.workspace.language,)
        return [
            self._job(request, notebook, audience, language)
            for audience in self._audiences(request)
            for language in languages
        ]

    def _audiences(self, request: Request) -> list[Audience]:
        found = [audience_of(self.company, scope) for scope in request.scopes]
        if request.each:
            several = each(self.company, request.each)
            if not several:
                raise ParameterError(
                    f"There is nobody to make a report for: --each {request.each} finds none.",
                    found=f"no {request.each} in this data as of {self.company.as_of}",
                    do="Leave out --each for one report of the company, or map what names them",
                )
            found += several
        return found or [Audience(COMPANY)]

    def _job(self, request: Request, notebook: Path, audience: Audience, language: str) -> Planned:
        view = self._view(audience.scope)
        declared = _declared(notebook)
        checked = check_parameters(notebook, request.parameters)
        own, others = self._own(view, audience.scope, language, declared, checked)
        told = check_parameters(notebook, {k: v for k, v in own.items() if k in declared})
        changed = {k: v for k, v in checked.items() if v != declared[k].default}
        folder = self._report_folder(notebook.stem, audience, language, changed)
        parameters = {**told, **checked}
        brand = self.client.brand
        manifest = {
            "report": notebook.stem,
            "client": self.company.settings.workspace.id,
            "scope": audience.scope,
            "who": audience.who,
            "as_of": self.company.as_of.isoformat(),
            "exported_on": self.company.exported_on.isoformat(),
            "engine": self.company.engine,
            **self.data,
            **notebook_origin(notebook, parameters),
            "brand": brand_hash(brand),
            "formats": list(request.formats),
            "receipts": view.receipts,
        }
        job = Job(
            report=notebook.stem,
            notebook=str(notebook),
            parameters=parameters,
            language=language,  # type: ignore[arg-type]
            currency=self.company.currency,
            folder=str(folder.path.resolve()),
            formats=request.formats,
            brand=str(brand.resolve()),
            manifest=manifest,
            way="kernel" if needs_kernel({"cells": read_cells(notebook)}) else "in-process",
        )
        item = Item(
            notebook.stem,
            language,
            audience.scope,
            folder.path.relative_to(self.folder.path).as_posix(),
            who=audience.who,
            parameters=changed,
        )
        return Planned(job, item, others)

    def _own(
        self,
        view: _View,
        scope: str,
        language: str,
        declared: Mapping[str, Any],
        checked: Mapping[str, Any],
    ) -> tuple[dict[str, Any], Secretive | None]:
        """Return the parameters that the run gives, and what the report must not name."""
        own = {
            "workspace": view.file,
            "as_of": self.company.as_of.isoformat(),
            "language": language,
            "scope": scope,
        }
        if "peers" in declared:
            months = checked.get(
                "months", declared["months"].default if "months" in declared else 12
            )
            own["peers"] = self.told.peers(scope, months)
        if "plan" in declared and "scenario" in declared:
            own["plan"] = self.told.plan(scope, checked.get("scenario", ""))
        others = view.others
        if "paid" in declared:
            own["paid"], others = self.told.paid(scope, checked, others)
        if "letter" in declared:
            own["letter"], others = self.told.letter(scope, checked, others)
        if "team" in declared:
            own["team"], others = self.told.team(scope, others)
        return own, others

    def _report_folder(
        self, name: str, audience: Audience, language: str, changed: Mapping[str, Any]
    ) -> ReportFolder:
        scope = None if audience.scope == COMPANY else audience.scope.replace(":", "-", 1)
        return self.folder.report(
            name,
            language=language,
            scope=scope,
            parameters=changed,
            alike=alike(self.company, audience.scope),
        )

    def _view(self, scope: str) -> _View:
        """Return the view of a scope, written once."""
        if scope not in self._views:
            company, others = self.company, None
            if scope != COMPANY:
                company = company.within(scope_named(company, scope))
                others = others_of(self.company, company)
            known = {"as_of": self.company.as_of.isoformat(), "engine": self.company.engine}
            key = {**self.data, **known, "scope": scope}
            folder = self.client.cached("views", key, "")
            file = folder / "view.json"
            used(folder)
            if not file.is_file():
                file = write_view(company, folder, asked=scope)
            self._views[scope] = _View(str(file.resolve()), _receipts(company), others)
        return self._views[scope]


@dataclass(frozen=True)
class _View:
    """A scope's file, the receipts of its tables, and what it must not name."""

    file: str
    receipts: dict[str, Any]
    others: Secretive | None


def _receipts(company: Company) -> dict[str, Any]:
    tables = [name for name in company.book.tables if company.has(name)]
    return {name: _receipt(company, name) for name in sorted(tables)}


def _receipt(company: Company, table: str) -> dict[str, Any]:
    receipt = company.receipt(table)
    known = [part.amount for part in receipt.set_aside.values() if part.amount is not None]
    amount = minor_text(sum(known), exponent(company.currency)) if known else None
    return {
        "read": receipt.read,
        "used": receipt.used,
        "set_aside": receipt.read - receipt.used,
        "amount_set_aside": amount,
    }
