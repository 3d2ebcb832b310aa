"""``spm report``: run report notebooks and say where to open the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, AsOf, Tongue, Workspace, day

if TYPE_CHECKING:
    from spm_lib.reports import RunResult

Progress = Callable[[str, int, int], None]
MOST_TOLD = 5
TOLD_EVERY = 20


def report(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Reports (funnel, forecast, reps) or notebooks.", metavar="NAME..."),
    ] = None,
    workspace: Workspace = WORKSPACE,
    language: Annotated[Tongue | None, typer.Option(help="Default: the workspace's own.")] = None,
    as_of: AsOf = None,
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
            help="One report for each rep, manager, team, or value of a column of deals.",
            metavar="rep|manager|team|COLUMN",
        ),
    ] = None,
    format: Annotated[  # noqa: A002
        str, typer.Option(help="Formats beside the page: pdf, xlsx, pptx, with commas between.")
    ] = "html",
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
) -> None:
    """Run report notebooks on a client's data, and write pages that open without a network.

    What is there already, made from the same data, code and parameters, is left as it is.
    """
    check_there(workspace)
    _check(names, resume=resume, force=force)
    given = read_parameters(parameter or [])
    formats = [name.strip() for name in format.split(",") if name.strip()]
    from spm_lib.reports import check_formats, run_reports

    check_formats(formats)
    with _progress() as progress:
        result = run_reports(
            names or [],
            workspace=workspace,
            as_of=day(as_of),
            language=language.value if language else None,
            parameters=given,
            scopes=scope or [],
            each=each,
            formats=formats,
            output=output,
            progress=progress,
            force=force,
        )
    _tell(result)


def _check(names: Sequence[str] | None, *, resume: bool, force: bool) -> None:
    from spm_lib.core.errors import ParameterError

    if not names:
        raise ParameterError(
            "No report was named.", do="Write for example: spm report funnel forecast reps"
        )
    if resume and force:
        raise ParameterError(
            "--resume leaves what is there, --force makes it anew.", do="Give one of them"
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
