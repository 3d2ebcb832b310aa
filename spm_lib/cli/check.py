"""``spm check``: read everything, count it, and write what must be mended as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from spm_lib.cli.opening import check_there
from spm_lib.cli.options import WORKSPACE, AsOf, Workspace, day
from spm_lib.cli.printing import print_table

if TYPE_CHECKING:
    from spm_lib.model import CheckReport


def check(workspace: Workspace = WORKSPACE, as_of: AsOf = None) -> None:
    """Read all files, print receipts and what was noticed, and write the quarantine.

    Rows in are rows used and rows set aside, always. Rows that cannot be used are written to
    ``quarantine/`` beside the workspace file; mended there, they are read along the next time.
    """
    check_there(workspace)
    from spm_lib.model import check_workspace

    found = check_workspace(workspace, as_of=day(as_of))
    _print_sources(found)
    _print_tables(found)
    _print_notices(found)
    _tell_quarantine(found)


def _print_sources(found: CheckReport) -> None:
    rows = [
        [raw.name, f"{raw.rows_in:,}", f"{raw.frame.height:,}", f"{raw.quarantine.height:,}"]
        for raw in found.raws.values()
    ]
    columns = ["source", "rows in", "read", "unreadable"]
    print_table(columns, rows, title="Sources", right=columns[1:])
    for raw in found.raws.values():
        for note in raw.notes:
            typer.echo(f"  - {raw.name}: {note}")


def _print_tables(found: CheckReport) -> None:
    from spm_lib.core import language

    english, company, rows = language("en"), found.company, []
    for name, receipt in found.receipts.items():
        rows.append([name, "", f"{receipt.read:,}", f"{receipt.used:,}", "", ""])
        rows += [
            ["", reason, "", "", f"{part.rows:,}", english.money(part.amount, company.currency)]
            for reason, part in receipt.set_aside.items()
        ]
    columns = ["table", "reason", "rows", "used", "set aside", "amount set aside"]
    newest = english.date(company.exported_on)
    title = f"\nTables as of {english.date(company.as_of)} (newest entry {newest})"
    print_table(columns, rows, title=title, right=columns[2:])
    _print_unmapped(found)


def _print_unmapped(found: CheckReport) -> None:
    """Tell which tables and columns no source fills: parts of reports that need them are left."""
    from spm_lib.model import TABLES

    company = found.company
    tables = [name for name in TABLES if not company.has(name)]
    wanted = ("opportunities", "stage_events", "reps", "activities")
    columns = [
        f"{name}.{column.name}"
        for name in wanted
        if company.has(name)
        for column in TABLES[name].columns
        if not company.has(name, column.name)
    ]
    for what, names in (("tables", tables), ("columns", columns)):
        if names:
            typer.echo(f"\nNot mapped, {what}: {', '.join(names)}")
    if tables or columns:
        typer.echo("What they hold and what they add to reports: docs/reference-tables.md")


def _print_notices(found: CheckReport) -> None:
    from spm_lib.core import language

    english = language("en")
    if found.notices:
        typer.echo("\nNoticed")
    for notice in found.notices:
        told = english.text(notice.message, **notice.details)
        named = told.startswith(f"{notice.table}: ")
        typer.echo(f"  - {told}" if named else f"  - {notice.table}: {told}")


def _tell_quarantine(found: CheckReport) -> None:
    paths = found.write_quarantine()
    if not paths:
        return
    typer.echo("\nTo mend (correct the cells of a row, empty its _reason, and check again)")
    for path in paths:
        typer.echo(f"  - {path}: {found.quarantine[path.stem].height:,} rows")
