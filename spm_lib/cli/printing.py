"""Tables on the terminal, and the same rows as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from spm_lib.core.bidi import tame
from spm_lib.core.formulas import guard

_WIDTH_OF_FILES = 240  # a redirected table is not cut to 80 columns
_NARROWEST, _GAP = 16, 2


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
    wrapped: Sequence[str] = (),
) -> None:
    """Print rows of text; columns in ``right`` are aligned right, those in ``wrapped`` may wrap.

    No other cell is ever cut: a table too wide for the terminal runs over its edge. What could
    command a terminal is dropped from the texts.
    """
    cells = [[tame(str(cell)) for cell in row] for row in rows]
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        side = "right" if name in right else "left"
        folds = name in wrapped
        table.add_column(name, justify=side, no_wrap=not folds, header_style="bold")
    for row in cells:
        table.add_row(*(escape(cell) for cell in row))
    _page(_needed(columns, cells, wrapped)).print(table)


def _needed(columns: Sequence[str], rows: Sequence[Sequence[str]], wrapped: Sequence[str]) -> int:
    """Return the width at which no cell of an unwrapped column is cut."""
    widths = [
        _NARROWEST if name in wrapped else max(cell_len(name), *(cell_len(r[i]) for r in rows), 0)
        for i, name in enumerate(columns)
    ]
    return sum(widths) + _GAP * len(widths)


def _page(needed: int) -> Console:
    """Return the terminal, or a wide page where the output goes into a file."""
    return Console(width=max(page_width(), needed), highlight=False)


def page_width() -> int:
    """Return how many signs fit beside each other: on the terminal, or in a file."""
    return Console().width if sys.stdout.isatty() else _WIDTH_OF_FILES


def print_csv(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, numbers: Collection[str] = ()
) -> None:
    """Print rows as CSV with a header; null is empty.

    Texts that a spreadsheet would take for a formula get an apostrophe in front, in the header
    too; columns in ``numbers`` are written as they stand.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow([guard(name) for name in columns])
    for row in rows:
        cells = ((name, row.get(name)) for name in columns)
        writer.writerow(
            [v if name in numbers or not isinstance(v, str) else guard(v) for name, v in cells]
        )
    typer.echo(sheet.getvalue(), nl=False)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False, default=str))
