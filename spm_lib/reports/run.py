"""Running reports: notebooks and parameters in, whole files out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import ReportError, SpmError
from spm_lib.model import minor_text
from spm_lib.reports.cells import Edition
from spm_lib.reports.document import Document
from spm_lib.reports.export import document_of
from spm_lib.reports.figures import figure_records
from spm_lib.reports.html import render_document
from spm_lib.reports.index_page import render_index
from spm_lib.reports.kernel import Stopped, Watch, execute
from spm_lib.reports.manifest import origin
from spm_lib.reports.parameters import check_parameters, declares_parameters, read_parameters
from spm_lib.reports.run_record import Item, RunRecord
from spm_lib.reports.shelf import find_notebook
from spm_lib.store import ReportFolder, RunFolder, write_json, write_whole

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from spm_lib.model import Company

Progress = Callable[[str, int, int], None]
OWN = ("workspace", "as_of", "language")


@dataclass(frozen=True)
class RunResult:
    """What a run made: its index page and its items; ``skipped`` were already there."""

    index: Path
    items: tuple[Item, ...]
    skipped: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Item, ...]:
        """The reports that could not be made."""
        return tuple(item for item in self.items if item.status == "failed")

    def check(self) -> RunResult:
        """Return the result, or raise a ReportError that tells every failure in one paragraph."""
        if not self.failed:
            return self
        if len(self.failed) == 1:
            raise ReportError(self.failed[0].error or "")
        told = "; ".join(f"{item.report}: {item.error}" for item in self.failed)
        raise ReportError(
            f"{len(self.failed)} of {len(self.items)} reports were not made.", found=told
        )


@dataclass(frozen=True)
class _Job:
    """One report to be made: its notebook, its checked parameters and its folder."""

    notebook: Path
    parameters: Mapping[str, Any]
    language: str
    folder: ReportFolder
    item: Item


def run_reports(
    names: Sequence[str],
    *,
    workspace: str | Path,
    as_of: date | str | None = None,
    language: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    output: str | Path = "reports",
    progress: Progress | None = None,
    resume: bool = False,
) -> RunResult:
    """Make reports of one client and write them under ``output``.

    Parameters
    ----------
    names
        Names of reports, or paths of notebooks.
    workspace
        The client's workspace file.
    as_of
        The last day known; the workspace's own by default.
    language
        "en" or "he"; the workspace's own by default.
    parameters
        Given to every notebook of the run; texts are read as the declared type.
    output
        Root of the output folders.
    progress
        Called as ``progress(report, cells done, cells in all)``.
    resume
        Leave out reports that are already there, made of the same data, code and parameters.

    Returns
    -------
    RunResult
        A report that fails does not stop the others: see ``failed`` and ``check``.

    Raises
    ------
    ParameterError
        If a parameter is unknown, mistyped or out of range; no kernel has started then.
    SpmError
        If there is no such report, or the client's data cannot be opened.
    """
    from spm_lib.model import open_company

    notebooks = [find_notebook(name, client=Path(workspace).parent) for name in names]
    for notebook in notebooks:
        check_parameters(notebook, parameters or {})
    company = open_company(workspace, as_of=as_of)
    language = language or company.settings.workspace.language
    folder = RunFolder(Path(output), company.settings.workspace.id, company.as_of)
    record = RunRecord(folder, about=_about(company))
    jobs = [_job(n, company, parameters or {}, language, folder) for n in notebooks]
    done, skipped = [], []
    for job in jobs:
        if resume and _is_there(job, company):
            skipped.append(job.item.report)
            done.append(record.items.get(job.item.folder, replace(job.item, status="done")))
            continue
        record.put(job.item)
        done.append(_make(job, company, record, progress))
    _write_index(record, company, language)
    return RunResult(folder.index, tuple(done), tuple(skipped))


def run_report(name: str, **options: Any) -> ReportFolder:
    """Make one report and return its folder; options as those of ``run_reports``.

    Raises
    ------
    ReportError
        If a cell fails: the cell and the cause are named, and the notebook is kept as far as it
        came.
    """
    result = run_reports([name], **options).check()
    return ReportFolder(result.index.parent / result.items[0].folder)


def _about(company: Company) -> dict[str, Any]:
    settings = company.settings.workspace
    return {
        "workspace": settings.id,
        "name": settings.name,
        "as_of": company.as_of.isoformat(),
        "exported_on": company.exported_on.isoformat(),
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _job(
    notebook: Path, company: Company, given: Mapping[str, Any], language: str, run: RunFolder
) -> _Job:
    declared = {}
    if declares_parameters(notebook):
        declared = {p.name: p for p in read_parameters(notebook)}
    checked = check_parameters(notebook, given)
    own = {
        "workspace": str(company.settings.path.resolve()),
        "as_of": company.as_of.isoformat(),
        "language": language,
    }
    missing = {k: v for k, v in own.items() if k in declared and k not in given}
    told = check_parameters(notebook, missing)
    changed = {k: v for k, v in checked.items() if v != declared[k].default and k not in OWN}
    language = str(checked.get("language", language))
    folder = run.report(notebook.stem, language=language, parameters=changed)
    item = Item(
        notebook.stem,
        language,
        "all",
        folder.path.relative_to(run.path).as_posix(),
        parameters=changed,
    )
    return _Job(notebook, {**told, **checked}, language, folder, item)


def _is_there(job: _Job, company: Company) -> bool:
    import json

    if not job.folder.html.is_file() or not job.folder.manifest.is_file():
        return False
    kept = json.loads(job.folder.manifest.read_text(encoding="utf-8"))
    now = origin(company.settings, notebook=job.notebook, parameters=job.parameters)
    return all(kept.get(key) == value for key, value in now.items())


def _make(job: _Job, company: Company, record: RunRecord, progress: Progress | None) -> Item:
    item = record.change(job.item, status="running")
    began = time.perf_counter()
    try:
        document = _made(job, company, progress)
    except SpmError as error:
        return record.change(item, status="failed", error=str(error), seconds=_since(began))
    return record.change(
        item,
        status="done",
        title=document.title,
        subtitle=document.cover.subtitle if document.cover else "",
        headline=tuple(s.text for s in document.headline[:2]),
        seconds=_since(began),
    )


def _made(job: _Job, company: Company, progress: Progress | None) -> Document:
    name = job.item.report
    watch = Watch(lambda done, total: progress(name, done, total) if progress else None)
    started_from = origin(company.settings, notebook=job.notebook, parameters=job.parameters)
    notebook, stopped = execute(job.notebook, parameters=job.parameters, watch=watch)
    if stopped:
        _keep_failed(job.folder, notebook)
        raise _failure(name, stopped, job.folder)
    began = time.perf_counter()
    edition = Edition.model_validate({"language": job.language, "currency": company.currency})
    document = document_of(notebook, title=name, edition=edition)
    page = render_document(document)
    watch.timings.rendering = _since(began)
    _write_notebook(job.folder, notebook)
    write_json(job.folder.figures, figure_records(document.figures, currency=company.currency))
    write_json(job.folder.manifest, _manifest(job, company, document, started_from, watch))
    write_whole(job.folder.html, page)
    return document


def _manifest(
    job: _Job, company: Company, document: Document, made_from: Mapping[str, Any], watch: Watch
) -> dict[str, Any]:
    tables = [name for name in company.book.tables if company.has(name)]
    return {
        "report": job.item.report,
        "title": document.title,
        "client": company.settings.workspace.id,
        "language": job.language,
        "scope": job.item.scope,
        "as_of": company.as_of.isoformat(),
        "exported_on": company.exported_on.isoformat(),
        "engine": company.engine,
        "currency": company.currency,
        **made_from,
        "receipts": {name: _receipt(company, name) for name in sorted(tables)},
        "figures": len(document.figures),
        "timings": watch.timings.to_dict(),
    }


def _receipt(company: Company, table: str) -> dict[str, Any]:
    from spm_lib.core.money import exponent

    receipt = company.receipt(table)
    known = [part.amount for part in receipt.set_aside.values() if part.amount is not None]
    amount = minor_text(sum(known), exponent(company.currency)) if known else None
    return {
        "read": receipt.read,
        "used": receipt.used,
        "set_aside": receipt.read - receipt.used,
        "amount_set_aside": amount,
    }


def _keep_failed(folder: ReportFolder, notebook: NotebookNode) -> None:
    """Keep the notebook as far as it came; an older page would belong to other data."""
    for stale in (folder.html, folder.figures, folder.manifest):
        stale.unlink(missing_ok=True)
    _write_notebook(folder, notebook)


def _write_notebook(folder: ReportFolder, notebook: NotebookNode) -> None:
    import nbformat

    write_whole(folder.notebook, nbformat.writes(notebook) + "\n")


def _failure(name: str, stopped: Stopped, folder: ReportFolder) -> ReportError:
    first = next((line.strip() for line in stopped.source.splitlines() if line.strip()), "")
    return ReportError(
        f"The report '{name}' stopped in cell {stopped.cell}: {first[:80]}",
        found=stopped.cause,
        do=f"Mend the cause; the notebook as far as it came is kept in {folder.notebook}",
    )


def _write_index(record: RunRecord, company: Company, language: str) -> None:
    page = render_index(
        sorted(record.items.values(), key=lambda item: (item.language != language, item.folder)),
        client=company.settings.workspace.name,
        as_of=company.as_of,
        exported_on=company.exported_on,
        edition=Edition.model_validate({"language": language, "currency": company.currency}),
    )
    write_whole(record.folder.index, page)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 3)
