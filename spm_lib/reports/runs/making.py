"""Making one report: its notebook is run, and every format is drawn from what it showed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import ReportError, SpmError
from spm_lib.reports.cells import Edition
from spm_lib.reports.figures import figure_records
from spm_lib.reports.formats import FORMATS
from spm_lib.reports.runs.export import document_of
from spm_lib.reports.runs.jobs import Job, Made
from spm_lib.reports.runs.kernel import Stopped, Watch, execute
from spm_lib.store import ReportFolder, sha256_bytes, write_json, write_whole
from spm_lib.workspace import load_brand

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from spm_lib.reports.document import Document

CellDone = Callable[[int, int], None]


def make(job: Job, cell_done: CellDone | None = None) -> Made:
    """Make a report and write its files, the manifest last: where it stands, all is whole.

    A report that cannot be made leaves its notebook as far as it came, and no older page.
    """
    try:
        document, files = _written(job, Watch(cell_done))
    except SpmError as error:
        return Made(error=str(error))
    return _told(document, files)


def made_before(job: Job) -> Made:
    """Return what came of a job whose report is whole, from its notebook and its manifest.

    Where somebody has since changed the notebook to what makes no report, its title is told alone.
    """
    kept = json.loads(job.place.manifest.read_text(encoding="utf-8"))
    try:
        notebook = json.loads(job.place.notebook.read_text(encoding="utf-8"))
        return _told(document_of(notebook, title=job.report, edition=_edition(job)), kept["files"])
    except (SpmError, ValueError, LookupError, TypeError):
        return Made(title=kept["title"], files=tuple(kept["files"]))


def _told(document: Document, files: Iterable[str]) -> Made:
    return Made(
        title=document.title,
        subtitle=document.cover.subtitle if document.cover else "",
        headline=tuple(s.text for s in document.headline[:2]),
        files=tuple(files),
    )


def _edition(job: Job) -> Edition:
    return Edition.model_validate({"language": job.language, "currency": job.currency})


def _written(job: Job, watch: Watch) -> tuple[Document, dict[str, str]]:
    place = job.place
    notebook, stopped = execute(
        Path(job.notebook),
        parameters=job.parameters,
        watch=watch,
        way=job.way,
        timeout=job.timeout,
    )
    if stopped:
        _keep_failed(place, notebook)
        raise _failure(job.report, stopped, place)
    document = document_of(notebook, title=job.report, edition=_edition(job))
    began = time.perf_counter()
    drawn = _drawn(job, document)
    watch.timings.rendering = round(time.perf_counter() - began, 3)
    place.manifest.unlink(missing_ok=True)
    _write_notebook(place, notebook)
    write_json(place.figures, figure_records(document.figures, currency=job.currency))
    for name, content in drawn.items():
        write_whole(place.path / name, content)
    for stale in _stale(place, drawn):
        stale.unlink()
    files = {name: _hash(place.path / name) for name in (*drawn, place.figures.name)}
    write_json(place.manifest, _manifest(job, document, files, watch))
    return document, files


def _drawn(job: Job, document: Document) -> dict[str, bytes | str]:
    brand = load_brand(job.brand)
    return {job.place.file(name).name: FORMATS[name](document, brand=brand) for name in job.formats}


def _stale(place: ReportFolder, drawn: dict[str, Any]) -> list[Path]:
    """Return files of formats that this report was not asked for: they belong to other data."""
    there = (place.file(name) for name in FORMATS)
    return [path for path in there if path.name not in drawn and path.is_file()]


def _hash(path: Path) -> str:
    return sha256_bytes(path.read_bytes())


def _manifest(job: Job, document: Document, files: dict[str, str], watch: Watch) -> dict[str, Any]:
    return {
        **job.manifest,
        "title": document.title,
        "language": job.language,
        "currency": job.currency,
        "figures": len(document.figures),
        "files": files,
        "way": job.way,
        "timings": watch.timings.to_dict(),
    }


def _keep_failed(folder: ReportFolder, notebook: NotebookNode) -> None:
    """Keep the notebook as far as it came; an older page would belong to other data."""
    stale = (folder.manifest, folder.figures, *(folder.file(name) for name in FORMATS))
    for path in stale:
        path.unlink(missing_ok=True)
    _write_notebook(folder, notebook)


def _write_notebook(folder: ReportFolder, notebook: NotebookNode) -> None:
    """Write an executed notebook on one line, which is as valid and far sooner done."""
    write_whole(folder.notebook, json.dumps(notebook, ensure_ascii=False) + "\n")


def _failure(name: str, stopped: Stopped, folder: ReportFolder) -> ReportError:
    first = next((line.strip() for line in stopped.source.splitlines() if line.strip()), "")
    return ReportError(
        f"The report '{name}' stopped in cell {stopped.cell}: {first[:80]}",
        found=stopped.cause,
        do=f"Mend the cause; the notebook as far as it came is kept in {folder.notebook}",
    )
