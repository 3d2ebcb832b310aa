"""Running reports: notebooks and parameters in, whole files out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import ReportError
from spm_lib.reports.formats import check_formats
from spm_lib.reports.runs.index_page import write_index
from spm_lib.reports.runs.jobs import Job, Made
from spm_lib.reports.runs.leaks import leaks_in
from spm_lib.reports.runs.making import made_before
from spm_lib.reports.runs.manifest import changed_since
from spm_lib.reports.runs.planning import Plan, Planned, Request, check_request, settle
from spm_lib.reports.runs.pool import Step, Steps, make_apart, make_here, started
from spm_lib.reports.runs.run_record import Item, RunRecord
from spm_lib.reports.runs.secrets import check_folder
from spm_lib.store import ReportFolder, sha256_file, sha256_json

if TYPE_CHECKING:
    from spm_lib.workspace import Settings

Progress = Callable[[str, int, int], None]


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
        told = "; ".join(f"{_named(item)}: {item.error}" for item in self.failed)
        raise ReportError(
            f"{len(self.failed)} of {len(self.items)} reports were not made.", found=told
        )


def run_reports(
    names: Sequence[str],
    *,
    workspace: str | Path,
    as_of: date | str | None = None,
    engine: str | None = None,
    language: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    scopes: Sequence[str] = (),
    each: str | None = None,
    formats: Sequence[str] = ("html",),
    output: str | Path = "reports",
    progress: Progress | None = None,
    force: bool = False,
    at_once: int | None = None,
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
    engine
        Where rows are counted; the workspace's own by default.
    language
        "en" or "he"; the workspace's own by default.
    parameters
        Given to every notebook of the run; texts are read as the declared type.
    scopes
        Whom to make each report for: ``company``, ``rep:ID``, ``team:NAME``, ``manager:ID``,
        ``COLUMN=value``; the company by default.
    each
        One report for each rep, manager, team, or value of a column of deals.
    formats
        "html", "pdf", "xlsx", "pptx"; the page is always written.
    output
        Root of the output folders.
    progress
        Called as ``progress(report, cells done, cells in all)``; for many reports as
        ``progress("reports", reports done, reports in all)``.
    force
        Make anew what is already there, made of the same data, code and parameters.
    at_once
        The most reports made at the same time; by default one per processor.

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
    languages = (language,) if language else ()
    requests = [
        Request(name, tuple(scopes), each, languages, check_formats(formats), parameters or {})
        for name in names
    ]
    return run_requests(
        requests,
        workspace=workspace,
        as_of=as_of,
        engine=engine,
        output=output,
        progress=progress,
        force=force,
        at_once=at_once,
    )


def run_requests(
    requests: Sequence[Request],
    *,
    workspace: str | Path,
    as_of: date | str | None = None,
    engine: str | None = None,
    output: str | Path = "reports",
    progress: Progress | None = None,
    force: bool = False,
    at_once: int | None = None,
) -> RunResult:
    """Make the reports of several requests on one client; see ``run_reports``."""
    settled = []
    for request in requests:
        one, as_of = settle(request, as_of)
        settled.append((one, check_request(one, client=Path(workspace).parent)))
    many = len(settled) > 1 or any(request.many for request, _ in settled)
    with started(many=many, at_once=at_once) as server:
        plan = Plan(workspace, as_of=as_of, engine=engine, output=output)
        planned = [p for request, book in settled for p in plan.jobs(request, book)]
        record = RunRecord(plan.folder, about=_about(plan), anyway=force)
        planned = [
            replace(p, item=replace(p.item, order=number)) for number, p in enumerate(planned)
        ]
        there = [] if force else [p for p in planned if is_there(p.job)]
        ahead = [p for p in planned if p not in there]
        run = _Run(record, ahead, progress, settings=plan.company.settings)
        record.put(*[p.item for p in ahead], *run.not_told_of(there))
        try:
            if server.available():
                make_apart(server, [p.job for p in ahead], step=run.step, ended=run.ended)
            else:
                make_here([p.job for p in ahead], step=run.step, ended=run.ended)
        finally:
            run.close()
            write_index(record, plan.company)
    known = record.items
    items = tuple(known.get(p.item.folder, replace(p.item, status="done")) for p in planned)
    failed = {item.folder for item in items if item.status == "failed"}
    skipped = tuple(_named(p.item) for p in there if p.item.folder not in failed)
    return RunResult(plan.folder.index, items, skipped)


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


class _Run:
    """Follows the jobs of a run: tells the steps, and keeps the record."""

    def __init__(
        self,
        record: RunRecord,
        planned: Sequence[Planned],
        progress: Progress | None,
        *,
        settings: Settings,
    ) -> None:
        self.record, self.planned, self.progress = record, planned, progress
        self.settings = settings
        self.done = 0
        self.many = len({p.item.report for p in planned}) < len(planned)

    @property
    def step(self) -> Step | None:
        """What tells the cells of a job as they are done; None where nobody asks for them."""
        return self._step if self.progress and not self.many else None

    def _step(self, number: int) -> Steps:
        name = self.planned[number].item.report

        def tell(done: int, total: int) -> None:
            if self.progress:
                self.progress(name, done, total)

        return tell

    def ended(self, number: int, made: Made, seconds: float) -> None:
        """Look over what a job wrote, and note how it ended."""
        self.done += 1
        if not made.error and (fault := self._fault(self.planned[number])):
            made = Made(error=fault)
            _withdraw(self.planned[number].job.place)
        status = "failed" if made.error else "done"
        told = made.model_dump()
        item = self.planned[number].item
        self.record.note(replace(item, status=status, seconds=round(seconds, 3), **_lists(told)))
        if self.progress and self.many:
            self.progress("reports", self.done, len(self.planned))

    def _fault(self, planned: Planned) -> str | None:
        """Return why a report that was made must not be shown: secrets, or rows of others."""
        place = planned.job.place
        files = [path for path in place.path.iterdir() if path.is_file()]
        try:
            check_folder(place.path, self.settings, files=files)
        except ReportError as error:
            return str(error)
        found = leaks_in(files, planned.others) if planned.others else []
        if not found:
            return None
        error = ReportError(
            f"The report '{_named(planned.item)}' names what its scope may not see.",
            found=f"{len(found)} places, in {', '.join(sorted({f.split(':')[0] for f in found}))}",
            do="Look at the notebook: it must read the data it is given and nothing else",
        )
        return str(error)

    def not_told_of(self, there: Sequence[Planned]) -> list[Item]:
        """Look over reports that are whole but whose run did not live to say so."""
        known = self.record.items
        found = []
        for one in there:
            item = known.get(one.item.folder)
            if item is None or item.status != "done":
                told = _lists(made_before(one.job).model_dump())
                item = replace(item or one.item, status="done", **told)
                if fault := self._fault(one):
                    item = replace(item, status="failed", error=fault, files=())
                    _withdraw(one.job.place)
                found.append(item)
        return found

    def close(self) -> None:
        """Write the record; what did not come to its end was stopped."""
        known = self.record.items
        open_ = [p.item for p in self.planned if known[p.item.folder].status == "waiting"]
        self.record.put(*[replace(item, status="stopped") for item in open_])


def _withdraw(place: ReportFolder) -> None:
    """Take back what must not be shown, and keep nothing of it."""
    for path in place.path.iterdir():
        if path.is_file():
            path.unlink(missing_ok=True)  # another run may be taking it back too


def _lists(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "headline": tuple(told["headline"]), "files": tuple(told["files"])}


def is_there(job: Job) -> bool:
    """Say whether a report is whole and made of the same data, code, brand and parameters."""
    place = job.place
    try:
        kept = json.loads(place.manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if changed_since(kept, job.manifest) or not place.notebook.is_file():
        return False
    files = kept.get("files", {})
    wanted = {place.file(name).name for name in job.formats}
    whole = all(
        (place.path / n).is_file() and sha256_file(place.path / n) == h for n, h in files.items()
    )
    return wanted <= set(files) and whole


def _named(item: Item) -> str:
    return item.report if item.scope == "company" else f"{item.report} {item.scope}"


def _about(plan: Plan) -> dict[str, Any]:
    settings = plan.company.settings
    return {
        "workspace": settings.workspace.id,
        "owner": sha256_json(str(settings.path.resolve()))[:16],
        "name": settings.workspace.name,
        "as_of": plan.company.as_of.isoformat(),
        "exported_on": plan.company.exported_on.isoformat(),
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
