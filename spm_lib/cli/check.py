"""``spm check``: read everything, count it, and write what could not be read as a file to mend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from spm_lib.cli.opening import check_there, open_client
from spm_lib.cli.options import WORKSPACE, AsOf, Workspace, day
from spm_lib.cli.printing import print_table

if TYPE_CHECKING:
    from spm_lib.model import Company
    from spm_lib.sources import RawFrame


def check(workspace: Workspace = WORKSPACE, as_of: AsOf = None) -> None:
    """Read all files, print receipts and what was noticed, and write the quarantine.

    Rows in are rows used and rows set aside, always. Rows that cannot be read are written to
    ``quarantine/`` beside the workspace file; mended there, they are read along the next time.
    """
    check_there(workspace)
    from spm_lib.sources import read_raws
    from spm_lib.workspace import load_settings

    raws = read_raws(load_settings(workspace))
    _print_raws(raws)
    _write_quarantine(raws, workspace.parent)
    company = open_client(workspace, as_of=day(as_of))
    _print_tables(company)
    _print_notices(company)


def _print_raws(raws: Mapping[str, RawFrame]) -> None:
    rows = [
        [raw.name, f"{raw.rows_in:,}", f"{raw.frame.height:,}", f"{raw.quarantine.height:,}"]
        for raw in raws.values()
    ]
    columns = ["source", "rows in", "read", "in quarantine"]
    print_table(columns, rows, title="Read", right=columns[1:])
    for raw in raws.values():
        for note in raw.notes:
            typer.echo(f"  - {raw.name}: {note}")


def _write_quarantine(raws: Mapping[str, RawFrame], folder: Path) -> None:
    from spm_lib.sources import quarantine_path, write_quarantine

    for raw in raws.values():
        if raw.quarantine.height:
            path = write_quarantine(raw, quarantine_path(folder, raw.name))
            typer.echo(
                f"  - {raw.name}: {raw.quarantine.height:,} rows to mend are in {path} "
                "(correct their cells, empty their _reason, and check again)"
            )


def _print_tables(company: Company) -> None:
    from spm_lib.core import language

    english, rows = language("en"), []
    for name in dict.fromkeys(["opportunities", *company.book.tables]):
        receipt = company.receipt(name)
        rows.append([name, "", f"{receipt.read:,}", f"{receipt.used:,}", "", ""])
        rows += [
            ["", reason, "", "", f"{part.rows:,}", english.money(part.amount, company.currency)]
            for reason, part in receipt.set_aside.items()
        ]
    columns = ["table", "reason", "rows", "used", "set aside", "amount set aside"]
    title = f"\nTables as of {english.date(company.as_of)} (newest entry {company.exported_on})"
    print_table(columns, rows, title=title, right=columns[2:])


def _print_notices(company: Company) -> None:
    from spm_lib.core import language

    english = language("en")
    if company.notices:
        typer.echo("\nNoticed")
    for notice in company.notices:
        typer.echo(f"  - {notice.table}: {english.text(notice.message, **notice.details)}")
