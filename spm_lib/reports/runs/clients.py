"""Many clients in one run: each on its own, and one page that says how each came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spm_lib.core.errors import ReportError, SpmError
from spm_lib.reports.cells import Edition
from spm_lib.reports.html.render import render_page
from spm_lib.reports.runs.run import RunResult
from spm_lib.reports.writing import Writer
from spm_lib.store import write_json, write_whole


@dataclass(frozen=True)
class ClientRun:
    """How the run of one client came out: its result, or why there is none."""

    workspace: Path
    result: RunResult | None = None
    error: str = ""

    @property
    def made(self) -> int:
        """How many reports are there."""
        items = self.result.items if self.result else ()
        return sum(item.status == "done" for item in items)

    @property
    def faults(self) -> list[str]:
        """What went wrong, one line each."""
        failed = self.result.failed if self.result else ()
        return [*([self.error] if self.error else []), *(item.error or "" for item in failed)]


def run_clients(
    workspaces: Sequence[Path], run: Callable[[Path], RunResult], *, output: str | Path = "reports"
) -> list[ClientRun]:
    """Run each client by ``run``, none stopped by another's failure, and write the summary.

    ``clients.html`` and ``clients.json`` in the output folder say how each came out.
    """
    runs = [_one(workspace, run) for workspace in workspaces]
    root = Path(output)
    write_json(root / "clients.json", {"written_at": _now(), "clients": [_told(r) for r in runs]})
    page = render_page(
        "clients.html.j2", writer=Writer(Edition()), runs=[_shown(r, root) for r in runs]
    )
    write_whole(root / "clients.html", page)
    return runs


def check_clients(runs: Sequence[ClientRun]) -> None:
    """Raise a ReportError that names every client of whom a report is missing."""
    failed = [run for run in runs if run.faults]
    if failed:
        told = "; ".join(f"{run.workspace}: {' '.join(run.faults)}" for run in failed)
        raise ReportError(f"{len(failed)} of {len(runs)} clients have reports missing.", found=told)


def _one(workspace: Path, run: Callable[[Path], RunResult]) -> ClientRun:
    try:
        return ClientRun(workspace, run(workspace))
    except SpmError as error:
        return ClientRun(workspace, error=str(error))


def _told(run: ClientRun) -> dict[str, Any]:
    return {
        "workspace": run.workspace.as_posix(),
        "index": run.result.index.as_posix() if run.result else None,
        "reports": run.made,
        "faults": run.faults,
    }


def _shown(run: ClientRun, root: Path) -> dict[str, Any]:
    link = ""
    if run.result and run.result.index.is_relative_to(root):
        link = run.result.index.relative_to(root).as_posix()
    return {**_told(run), "link": link, "name": run.workspace.parent.name or run.workspace.name}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
