"""Files of decisions beside a plan: scores, adjustments, cancellations, overlays of quota."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from spm_lib.core.errors import PayError, SpmError
from spm_lib.core.money import to_minor
from spm_lib.core.statement import Phrase
from spm_lib.incentives.chain.columns import LEAVE, TABLES
from spm_lib.incentives.chain.refusing import refused
from spm_lib.incentives.plan.plan import Plan
from spm_lib.sources import read_csv_bytes
from spm_lib.workspace import RawSettings, nearest

READ = ("scores", "adjustments", "cancellations", "splits", "quotas", "payees")
_OTHERS = ("disputes", "leave")
_TABLES = {**TABLES, "leave": LEAVE}
_MEND = Phrase("Ask who works out the pay to mend the file").text
_MONEY = {"adjustments": "amount", "quotas": "value"}


def read_decided(
    plan: Plan, folder: Path, *, people: Collection[str] | None = None
) -> dict[str, pl.DataFrame]:
    """Return the tables that lie beside a plan as ``<plan id>.<table>.csv``; those that there are.

    Leave pays nothing and is not among them; it is read here so that its faults are told before
    anybody is paid.

    CSV with a header, read as the client's other files are; columns as in ``docs/pay.md``, days as
    2026-03-31, money in major units of the plan's currency, quotas of units in units; an empty
    cell is null.

    Parameters
    ----------
    people
        Who is known; None: nobody is looked for.

    Raises
    ------
    PayError
        If a file cannot be read, is of no table, or names somebody whom nobody knows; tells the
        file, the row and what stood there.
        If an adjustment is of a day outside the plan, which no period would pay.
    """
    found = {}
    for file in sorted(folder.glob(f"{plan.plan.id}.*.csv")):
        name = file.name.removeprefix(f"{plan.plan.id}.").removesuffix(".csv")
        if name not in (*READ, *_OTHERS):
            raise PayError(
                f"There is no table '{name}' to decide on.", found=file.name, do=nearest(name, READ)
            )
    for name in READ:
        file = folder / f"{plan.plan.id}.{name}.csv"
        if file.is_file():
            found[name] = _read(file, name, plan, people)
    read_leave(plan, folder, people=people)
    if "adjustments" in found:
        _check_days(plan, found["adjustments"])
    return found


def read_leave(
    plan: Plan, folder: Path, *, people: Collection[str] | None = None
) -> pl.DataFrame | None:
    """Return the days on which people were on leave, ``<plan id>.leave.csv``; null: no such file.

    Columns: rep_id, valid_from, valid_to (the first day after), reason.

    Parameters
    ----------
    people
        Who is known; None: nobody is looked for.

    Raises
    ------
    PayError
        If the file cannot be read, a leave holds no day, or names somebody whom nobody knows:
        read as nobody's it would leave a worked month; tells what stood there.
    """
    file = folder / f"{plan.plan.id}.leave.csv"
    if not file.is_file():
        return None
    leave = _read(file, "leave", plan, people)
    nameless = leave.filter(pl.col("rep_id").is_null())
    if not nameless.is_empty():
        raise refused(
            f"Leave in {file.name} is of nobody.",
            (f"{a} to {b}" for a, b in nameless.select("valid_from", "valid_to").iter_rows()),
            do="Write whose leave each row is: the rep_id",
        )
    torn = leave.filter((pl.col("valid_from") >= pl.col("valid_to")).fill_null(value=True))
    if not torn.is_empty():
        days = torn.select("rep_id", "valid_from", "valid_to").iter_rows()
        raise refused(
            f"Leave in {file.name} ends before it began.",
            (f"{rep} ({first} to {end})" for rep, first, end in days),
            do="Write the first day of each leave, and the first day after it",
        )
    return leave


def withheld(error: PayError) -> PayError:
    """Return a refusal of a file without the rows that it names: they are other people's.

    Examples
    --------
    >>> print(withheld(PayError("a.leave.csv cannot be read.", found="row 3, rep_id: 'R7'")))
    a.leave.csv cannot be read. What to do: Ask who works out the pay to mend the file.
    """
    return PayError(error.what, do=_MEND)


def _check_days(plan: Plan, adjustments: pl.DataFrame) -> None:
    """Refuse adjustments of days that no pay period holds: nobody would ever be paid them."""
    head, day = plan.plan, pl.col("date")
    outside = adjustments.filter((day < head.valid_from) | (day >= head.valid_to))
    if not outside.is_empty():
        raise refused(
            f"Adjustments lie outside the days of the plan '{head.id}'.",
            (f"{a} ({d})" for a, d in outside.select("adjustment_id", "date").iter_rows()),
            do=f"Write a day from {head.valid_from} on and before {head.valid_to}",
        )


def _read(file: Path, name: str, plan: Plan, people: Collection[str] | None = None) -> pl.DataFrame:
    known = {**_TABLES[name].required, **_TABLES[name].optional}
    try:
        frame = _texts(file)
        if people is not None and "rep_id" in frame.columns:
            _check_people(file, frame, people)
        missing = [c for c in _TABLES[name].required if c not in frame.columns]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        columns = {c: _typed(frame, c, _reader(c, name, plan)) for c in frame.columns[1:]}
        return pl.DataFrame(columns, schema={c: known.get(c, pl.String) for c in columns})
    except UnknownPersonError:
        raise
    except (SpmError, ValueError, ArithmeticError) as error:
        raise PayError(
            f"{file.name} cannot be read.",
            found=str(error).splitlines()[0],
            do="Write days as 2026-03-31 and numbers as 1234.50; docs/pay.md lists the columns",
        ) from None


class UnknownPersonError(PayError):
    """A file beside a plan names somebody whom nobody knows."""


def _check_people(file: Path, frame: pl.DataFrame, people: Collection[str]) -> None:
    """Refuse a file that names somebody whom nobody knows; each by row."""
    stated = frame.filter(pl.col("rep_id").is_not_null()).select("_row", "rep_id")
    unknown = [(row, rep) for row, rep in stated.iter_rows() if rep not in people]
    if not unknown:
        return
    told = refused(
        f"{file.name} names people whom nobody knows.",
        (f"row {row}, rep_id: '{rep}'" for row, rep in unknown),
        do="Write each rep_id as it stands in the table reps, or take the row out",
    )
    raise UnknownPersonError(told.what, found=told.found, do=told.do)


def _texts(file: Path) -> pl.DataFrame:
    """Return the cells of a file as texts, and first the row of each; torn rows refuse it."""
    rows = read_csv_bytes(file.read_bytes(), file=file.name, settings=RawSettings())
    if not rows.quarantine.is_empty():
        raise ValueError(f"rows that are no rows of the table: {rows.quarantine.height}")
    return rows.frame.select("_row", pl.exclude("_row"))


def _typed(
    frame: pl.DataFrame, column: str, read: Callable[[str, str | None], object]
) -> list[object]:
    """Return a column's values; a cell that is none refuses the file, by its row."""
    quotas = frame["quota"].to_list() if "quota" in frame.columns else [None] * frame.height
    found = []
    for row, cell, quota in zip(frame["_row"], frame[column], quotas, strict=True):
        try:
            found.append(None if cell is None else read(cell, quota))
        except (SpmError, ValueError, ArithmeticError):
            raise ValueError(f"row {row}, {column}: '{cell}'") from None
    return found


def _reader(column: str, name: str, plan: Plan) -> Callable[[str, str | None], object]:
    """Return what makes a cell (and the name of its quota) a value."""
    kind = {**_TABLES[name].required, **_TABLES[name].optional}.get(column)
    units = {m.quota or m.id for m in plan.measures if m.counted}
    if _MONEY.get(name) == column:
        currency = plan.plan.currency
        return lambda cell, quota: int(cell) if quota in units else to_minor(cell, currency)
    if kind == pl.Date:
        return lambda cell, _: date.fromisoformat(cell)
    if kind == pl.Int64:
        return lambda cell, _: int(cell)
    if isinstance(kind, pl.Decimal):
        return lambda cell, _: _number(cell)
    return lambda cell, _: cell


def _number(cell: str) -> Decimal:
    number = Decimal(cell)
    if not number.is_finite():
        raise ValueError(cell)
    return number
