"""``spm report``: run report notebooks and say where to open the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, AsOf, Tongue, Workspace, day

if TYPE_CHECKING:
    from spm_lib.reports import RunResult

Progress = Callable[[str, int, int], None]
_FORMATS = ("html",)


def report(
    names: Annotated[
        list[str],
        typer.Argument(help="Reports (funnel, forecast, reps) or notebooks.", metavar="NAME..."),
    ],
    workspace: Workspace = WORKSPACE,
    language: Annotated[Tongue | None, typer.Option(help="Default: the workspace's own.")] = None,
    as_of: AsOf = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="A notebook's parameter.", metavar="KEY=VALUE"),
    ] = None,
    format: Annotated[str, typer.Option(help="Formats to write: html.")] = "html",  # noqa: A002
    output: Annotated[Path, typer.Option(help="Root of the output folders.")] = Path("reports"),
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Leave what is there, made from the same data and code."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Make anew even what --resume would leave.")
    ] = False,
) -> None:
    """Run report notebooks on a client's data, and write pages that open without a network."""
    _check_formats(format)
    check_there(workspace)
    given = read_parameters(parameter or [])
    from spm_lib.reports import run_reports

    with _progress(names) as progress:
        result = run_reports(
            names,
            workspace=workspace,
            as_of=day(as_of),
            language=language.value if language else None,
            parameters=given,
            output=output,
            progress=progress,
            resume=resume and not force,
        )
    _tell(result)


def _tell(result: RunResult) -> None:
    for name in result.skipped:
        typer.echo(f"{name}: already there, made from the same data and code")
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


def _check_formats(text: str) -> None:
    from spm_lib.core.errors import ParameterError

    unknown = [name for name in text.split(",") if name.strip() not in _FORMATS]
    if unknown:
        raise ParameterError(
            "A report cannot be written in this format.",
            found=", ".join(repr(name) for name in unknown),
            do=f"Use one of: {', '.join(_FORMATS)}",
        )


@contextmanager
def _progress(names: Sequence[str]) -> Iterator[Progress]:
    """Show a bar per report on a terminal, and a line per report elsewhere."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {Path(name).stem: bars.add_task(Path(name).stem, total=None) for name in names}
        yield lambda name, done, total: bars.update(tasks[name], completed=done, total=total)


def _lines() -> Progress:
    def tell(name: str, done: int, total: int) -> None:
        if done == total:
            typer.echo(f"{name}: {total} of {total} cells", err=True)

    return tell
