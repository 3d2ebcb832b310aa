"""``spm metrics``: the dictionary, or one metric's table."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import (
    WORKSPACE,
    AsOf,
    Format,
    OnEngine,
    TableFormat,
    Tongue,
    Workspace,
    day,
)
from spm_lib.cli.printing import print_csv, print_json, print_table

if TYPE_CHECKING:
    from spm_lib.core import Language, Window
    from spm_lib.model import Company, Figure, MetricId


def metrics(
    metric: Annotated[
        str | None,
        typer.Argument(help="Its id; without it, the dictionary.", metavar="[ID]"),
    ] = None,
    workspace: Workspace = WORKSPACE,
    by: Annotated[
        str | None, typer.Option(help="Columns to break down by, such as rep_id,month.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The day after the last one.")
    ] = None,
    as_of: AsOf = None,
    engine: OnEngine = None,
    language: Annotated[Tongue, typer.Option(help="Of names and numbers.")] = Tongue.en,
    format: TableFormat = Format.table,  # noqa: A002
) -> None:
    """Print the metric dictionary, or the values of one metric with n, interval and receipt.

    --from is the first day and --to the day after the last one; or --from alone names a period,
    such as 2026-Q1, or a day from which on all is counted.
    """
    from spm_lib.cli.dictionary import print_dictionary
    from spm_lib.core import language as spoken

    if metric is None:
        print_dictionary(format, workspace=workspace, tongue=language.value)
        return
    definition = _definition(metric, workspace)
    company = open_client(workspace, as_of=day(as_of), engine=engine)
    names = [name.strip() for name in by.split(",")] if by else []
    window = read_window(company, since=since, until=until)
    assert definition.compute is not None
    figures = definition.compute(company, by=names or None, window=window)
    if format is Format.table:
        _print(definition, figures, company=company, spoken=spoken(language.value))
    elif format is Format.csv:
        _print_csv(figures)
    else:
        print_json(records(figures, currency=company.currency))


def _definition(metric: str, workspace: Path) -> MetricId:
    from spm_lib.cli.dictionary import declare_all
    from spm_lib.core.errors import MetricError
    from spm_lib.model import metric_id

    declare_all(workspace)
    definition = metric_id(metric)
    if definition.compute is None:
        raise MetricError(
            f"The metric '{metric}' is not computed on its own.",
            found=f"room '{definition.room}'",
            do="Make the report that prints it; its figures.json holds the value",
        )
    return definition


def read_window(company: Company, *, since: str | None, until: str | None) -> Window | None:
    """Return the window that --from and --to mean; None if neither is given.

    Raises
    ------
    ParameterError
        If a day cannot be read, only the end is given, or the window holds no day.
    """
    from spm_lib.core import ParameterError

    if since is None and until is None:
        return None
    window = _asked(company, since=since, until=until)
    if not window.days:
        raise ParameterError(
            "The window has no days.",
            found=f"from {window.start} until before {window.end}, as of {company.as_of}",
            do="Give --to, the day after the last one, or an earlier --from",
        )
    return window


def _asked(company: Company, *, since: str | None, until: str | None) -> Window:
    from spm_lib.core import ParameterError, Window

    if since is None:
        raise ParameterError(
            "A window needs its first day.", found=f"--to {until}", do="Add --from YYYY-MM-DD"
        )
    if until is not None:
        return company.calendar.parse_window(f"{since}/{until}")
    try:
        first = date.fromisoformat(since)
    except ValueError:
        return company.calendar.parse_window(since)
    return Window(first, max(first, company.as_of + timedelta(days=1)))


def records(figures: list[Figure], *, currency: str) -> list[dict[str, object]]:
    """Return figures as records of ``figures.json``."""
    from spm_lib.core import exponent

    return [figure.to_dict(exponent(currency)) for figure in figures]


def _print_csv(figures: list[Figure]) -> None:
    names = list(dict.fromkeys(name for figure in figures for name in figure.by))
    fixed = ["window_start", "window_end", "as_of", "value", "unit", "n", "low", "high"]
    fixed += ["mature"] if any(figure.mature is not None for figure in figures) else []
    parts = list(dict.fromkeys(name for figure in figures for name in figure.counts))
    counted = [*parts, "used", "set_aside", "scoped"]
    rows = [
        {
            **figure.by,
            "metric": figure.metric,
            "window_start": figure.window[0] if figure.window else None,
            "window_end": figure.window[1] if figure.window else None,
            **{name: getattr(figure, name) for name in fixed[2:]},
            **figure.counts,
            "used": figure.receipt.used,
            "set_aside": figure.receipt.read - figure.receipt.used,
            "scoped": figure.receipt.scoped,
        }
        for figure in figures
    ]
    print_csv([*names, "metric", *fixed, *counted], rows, numbers=("value", "low", "high"))


def _print(
    definition: MetricId, figures: list[Figure], *, company: Company, spoken: Language
) -> None:
    from spm_lib.cli.figures import figure_table, receipt_lines
    from spm_lib.metrics import definition_rows
    from spm_lib.model import STALE, is_stale

    if is_stale(company.as_of, exported_on=company.exported_on):
        days = (company.as_of - company.exported_on).days
        typer.echo(f"{spoken.text(STALE, days=days)}\n")
    for label, text in definition_rows(definition, spoken):
        typer.echo(f"{label}: {text}")
    typer.echo("")
    columns, rows, numbers = figure_table(figures, company=company, spoken=spoken)
    print_table(columns, rows, right=numbers)
    typer.echo("")
    for line in receipt_lines(figures, company=company, spoken=spoken):
        typer.echo(line)
