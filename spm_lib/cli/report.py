"""``spm report``: run report notebooks and say where to open the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, AsOf, OnEngine, Tongue, Workspaces, day

if TYPE_CHECKING:
    from spm_lib.reports import Request, RunResult

Progress = Callable[[str, int, int], None]
MOST_TOLD = 5
TOLD_EVERY = 20


def report(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Reports (funnel, forecast, reps, coaching, mistakes) or notebooks.",
            metavar="NAME...",
        ),
    ] = None,
    workspace: Workspaces = None,
    language: Annotated[Tongue | None, typer.Option(help="Default: the workspace's own.")] = None,
    as_of: AsOf = None,
    engine: OnEngine = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="A notebook's parameter.", metavar="KEY=VALUE"),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="Whom it is for: company, rep:ID, team:NAME, manager:ID, COLUMN=value.",
            metavar="SCOPE",
        ),
    ] = None,
    each: Annotated[
        str | None,
        typer.Option(
            "--each",
            help="One report for each rep, manager, team, or value of a column of deals, beside "
            "those of --scope.",
            metavar="rep|manager|team|COLUMN",
        ),
    ] = None,
    pack: Annotated[
        Path | None,
        typer.Option("--pack", help="A pack file that names the reports.", metavar="FILE"),
    ] = None,
    format: Annotated[  # noqa: A002
        list[str] | None,
        typer.Option(
            help="Formats beside the page (html): pdf, xlsx, pptx, with commas between.",
            metavar="FORMATS",
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Root of the output folders.")] = Path("reports"),
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on where a run was stopped; what is there is left, as always."
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Make anew what is there, from the same data or not.")
    ] = False,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="Make nothing: check reports that are there.", metavar="DIR"),
    ] = None,
) -> None:
    """Run report notebooks on a client's data, and write pages that open without a network.

    What is there already, made from the same data, code and parameters, is left as it is. Several
    clients (--workspace more than once) are run one after another, with one page for all.
    """
    clients = workspace or [WORKSPACE]
    if verify is not None:
        tell_verified(verify, workspace)
        return
    for client in clients:
        check_there(client)
    formats = [name.strip() for name in ",".join(format or ["html"]).split(",") if name.strip()]
    _check(names, pack=pack, each=each or scope, resume=resume, force=force)
    _check_audience(each, scope or ())
    requests = _requests(
        names or [],
        pack=pack,
        languages=(language.value,) if language else (),
        formats=formats,
        parameters=read_parameters(parameter or []),
        scopes=tuple(scope or ()),
        each=each,
    )
    options = {"as_of": day(as_of), "engine": engine, "output": output, "force": force}
    _run(requests, clients, options)


def _requests(
    names: Sequence[str], *, pack: Path | None, formats: Sequence[str], **asked: Any
) -> list[Request]:
    from spm_lib.reports import Request, check_formats, load_pack

    if pack is not None:
        return list(load_pack(pack))
    return [Request(name, formats=check_formats(formats), **asked) for name in names]


def _run(requests: list[Request], clients: Sequence[Path], options: dict[str, Any]) -> None:
    from spm_lib.reports import check_clients, run_clients, run_requests

    def one(client: Path) -> RunResult:
        with _progress() as progress:
            return run_requests(requests, workspace=client, progress=progress, **options)

    if len(clients) == 1:
        _tell(one(clients[0]))
        return
    runs = run_clients(clients, one, output=options["output"])
    for run in runs:
        typer.echo(f"{run.workspace}: {run.made} reports" + (", see below" if run.faults else ""))
    typer.echo(f"Open {options['output'] / 'clients.html'}")
    check_clients(runs)


def _check(
    names: Sequence[str] | None,
    *,
    pack: Path | None,
    each: object,
    resume: bool,
    force: bool,
) -> None:
    from spm_lib.core.errors import ParameterError

    if not names and pack is None:
        raise ParameterError(
            "No report was named.", do="Write for example: spm report funnel forecast reps"
        )
    if pack is not None and (names or each):
        raise ParameterError(
            "The pack names its reports and whom they are for itself.",
            do="Leave out the names, --each and --scope, or --pack",
        )
    if resume and force:
        raise ParameterError(
            "--resume leaves what is there, --force makes it anew.", do="Give one of them"
        )


def _check_audience(each: str | None, scopes: Sequence[str]) -> None:
    from spm_lib.core.errors import ParameterError

    twice = [scope for scope in scopes if each and scope.startswith((f"{each}:", f"{each}="))]
    if twice:
        raise ParameterError(
            f"--each {each} makes this report already.",
            found=f"--scope {', '.join(twice)}",
            do="Leave out --each for this report alone, or --scope for all of them",
        )


def tell_verified(folder: Path, workspaces: Sequence[Path] | None) -> None:
    """Print what became of every report below a folder; broken ones are an error.

    Raises
    ------
    ReportError
        If a file of a report is not as it was written.
    """
    from spm_lib.core.errors import ReportError
    from spm_lib.reports import verify

    own = workspaces[0] if workspaces else WORKSPACE if WORKSPACE.is_file() else None
    found = verify(folder, workspace=own)
    for one in found:
        told = [*one.broken, *one.changed] or ["as it was written"]
        typer.echo(f"{one.folder}: {'; '.join(told)}")
    broken = [one for one in found if one.broken]
    if broken:
        raise ReportError(
            f"{len(broken)} of {len(found)} reports are not as they were written.",
            do="Make them anew with `spm report ... --force`",
        )


def _tell(result: RunResult) -> None:
    for name in result.skipped[:MOST_TOLD]:
        typer.echo(f"{name}: already there, made from the same data and code")
    if len(result.skipped) > MOST_TOLD:
        typer.echo(f"... and {len(result.skipped) - MOST_TOLD} more")
    made = [item for item in result.items if item not in result.failed]
    if made:
        typer.echo(f"Open {result.index}")
    result.check()


def read_parameters(texts: Sequence[str]) -> dict[str, str]:
    """Return ``key=value`` texts as a mapping; the notebook says what type each is.

    Raises
    ------
    ParameterError
        If a text has no ``=``, or a key is given twice.

    Examples
    --------
    >>> read_parameters(["months=6", "title=a=b"])
    {'months': '6', 'title': 'a=b'}
    """
    from spm_lib.core.errors import ParameterError

    given: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip() or key.strip() in given:
            raise ParameterError(
                "A parameter is given once, as KEY=VALUE.",
                found=repr(text),
                do="Write for example -p months=6",
            )
        given[key.strip()] = value
    return given


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar per report on a terminal, or one for many; and a line per report elsewhere."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield show


def _lines() -> Progress:
    def tell(name: str, done: int, total: int) -> None:
        if name == "reports":
            if done == total or done % TOLD_EVERY == 0:
                typer.echo(f"{done} of {total} reports", err=True)
        elif done == total:
            typer.echo(f"{name}: {total} of {total} cells", err=True)

    return tell
