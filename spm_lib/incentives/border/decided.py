"""Files of decisions beside a plan: scores, adjustments, cancellations, overlays of quota."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.errors import PayError, SpmError
from spm_lib.core.money import to_minor
from spm_lib.incentives.chain.columns import TABLES
from spm_lib.incentives.plan.plan import Plan
from spm_lib.sources import read_csv_bytes
from spm_lib.workspace import RawSettings

READ = ("scores", "adjustments", "cancellations", "splits", "quotas")
_MONEY = {"adjustments": "amount", "quotas": "value"}


def read_decided(plan: Plan, folder: Path) -> dict[str, pl.DataFrame]:
    """Return the tables that lie beside a plan as ``<plan id>.<table>.csv``; those that there are.

    CSV with a header, read as the client's other files are; columns as in ``docs/pay.md``, days as
    2026-03-31, money in major units of the plan's currency; an empty cell is null.

    Raises
    ------
    PayError
        If a file cannot be read; names the file and what stood there.
    """
    found = {}
    for name in READ:
        file = folder / f"{plan.plan.id}.{name}.csv"
        if file.is_file():
            found[name] = _read(file, name, plan.plan.currency)
    return found


def _read(file: Path, name: str, currency: str) -> pl.DataFrame:
    known = {**TABLES[name].required, **TABLES[name].optional}
    try:
        frame = _texts(file)
        columns = {
            c: _typed(frame[c].to_list(), known.get(c), currency, money=_MONEY.get(name) == c)
            for c in frame.columns
        }
        return pl.DataFrame(columns, schema={c: known.get(c, pl.String) for c in frame.columns})
    except (SpmError, ValueError, ArithmeticError) as error:
        raise PayError(
            f"{file.name} cannot be read.",
            found=str(error).splitlines()[0],
            do="Write days as 2026-03-31 and numbers as 1234.50; docs/pay.md lists the columns",
        ) from None


def _texts(file: Path) -> pl.DataFrame:
    """Return the cells of a file as texts; a row that cannot be told apart refuses it."""
    rows = read_csv_bytes(file.read_bytes(), file=file.name, settings=RawSettings())
    if not rows.quarantine.is_empty():
        raise ValueError(f"rows that are no rows of the table: {rows.quarantine.height}")
    return rows.frame.drop("_row")


def _typed(cells: list[str | None], kind: Any, currency: str, *, money: bool) -> list[object]:
    from datetime import date
    from decimal import Decimal

    if money:
        return [None if c is None else to_minor(c, currency) for c in cells]
    if kind == pl.Date:
        return [None if c is None else date.fromisoformat(c) for c in cells]
    if kind == pl.Int64:
        return [None if c is None else int(c) for c in cells]
    if isinstance(kind, pl.Decimal):
        return [None if c is None else Decimal(c) for c in cells]
    return list(cells)
