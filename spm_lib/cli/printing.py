"""Tables on the terminal, and the same rows as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import typer
from rich.console import Console
from rich.table import Table

_WIDTH_OF_FILES = 240  # a redirected table is not cut to 80 columns


def console() -> Console:
    """Return the terminal, or a wide page where the output goes into a file."""
    wide = None if sys.stdout.isatty() else _WIDTH_OF_FILES
    return Console(width=wide, highlight=False, soft_wrap=False)


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
    wrapped: Sequence[str] = (),
) -> None:
    """Print rows of text; columns in ``right`` are aligned right, those in ``wrapped`` may wrap."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        table.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name not in wrapped,
            overflow="fold",
            header_style="bold",
        )
    for row in rows:
        table.add_row(*(str(cell).replace("[", r"\[") for cell in row))
    console().print(table)


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Print rows as CSV with a header; null is empty."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    typer.echo(sheet.getvalue(), nl=False)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False, default=str))
