"""The cells of a filled in Excel file: as texts, and which of them hold a formula."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from spm_lib.core.errors import SourceError, TeamError

_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]+[0-9]+)["'][^>]*>\s*<(?:\w+:)?f[\s/>]"""
)
_SHEETS = "xl/worksheets/"
_MOST_UNPACKED = 20_000_000
_BROKEN = (  # what a damaged archive raises, by where it is damaged
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    LookupError,
    EOFError,
    RuntimeError,
    UnicodeError,
)
_WHOLE = re.compile(r"-?[0-9]{1,15}(?:\.0+)?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00:00(?:\.0+)?")


@dataclass(frozen=True, eq=False)
class SheetCells:
    """The first sheet of a workbook as texts, and the cells of any sheet that hold a formula."""

    grid: pl.DataFrame = field(repr=False)
    formulas: frozenset[str]

    def value(self, cell: str) -> str | None:
        """Return what a cell says; null: nothing."""
        column, row = ord(cell[0]) - ord("A"), int(cell[1:]) - 1
        if column >= self.grid.width or row >= self.grid.height:
            return None
        return self.grid.item(row, column)


def sheet_cells(content: bytes, *, mark: str, at: str, what: str) -> SheetCells:
    """Return the cells of a form that somebody filled in.

    Parameters
    ----------
    content
        Bytes of the file.
    mark, at
        The words by which the form is known, and their cell.
    what
        Whose sheet it should be, such as "a response".

    Raises
    ------
    TeamError
        If it is no workbook, too large when unpacked, or another sheet.
    """
    found = SheetCells(grid=_grid(content), formulas=frozenset(_formulas(content)))
    if found.value(at) != mark:
        raise TeamError(
            f"This is not the sheet of {what}.",
            found=f"cell {at}: {found.value(at) or 'nothing'}",
            do="Fill in the file that was sent, without moving its cells",
        )
    return found


def whole_number(told: str | None) -> Any:
    """Return what a cell says as a whole number where it is one, else as it stands.

    Examples
    --------
    >>> whole_number("4.0"), whole_number("four"), whole_number(None)
    (4, 'four', None)
    """
    return int(float(told)) if told and _WHOLE.fullmatch(told.strip()) else told


def day_text(told: str | None) -> str | None:
    """Return what a cell says as a day where it is midnight of one, else as it stands.

    Examples
    --------
    >>> day_text("2026-12-31 00:00:00"), day_text("soon")
    ('2026-12-31', 'soon')
    """
    found = _DAY.fullmatch(told.strip()) if told else None
    return found.group(1) if found else told


def _formulas(content: bytes) -> set[str]:
    """Return the cells that hold a formula, in whichever sheet: ours has none in any."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST_UNPACKED:
                raise TeamError(
                    "This file is too large when it is unpacked.",
                    do="Fill in the file that was sent",
                )
            names = [name for name in archive.namelist() if name.startswith(_SHEETS)]
            sheets = b"".join(archive.read(name) for name in names)
    except _BROKEN as error:
        raise _no_workbook(error) from None
    return {cell.decode() for cell in _FORMULA.findall(sheets)}


def _grid(content: bytes) -> pl.DataFrame:
    """Return the first sheet as texts, as the house reads any workbook."""
    from spm_lib.sources.excel import excel_texts

    try:
        return excel_texts(content, file="form")
    except SourceError as error:
        raise _no_workbook(error) from None


def _no_workbook(error: Exception) -> TeamError:
    told = (getattr(error, "found", None) or str(error)).splitlines()
    return TeamError(
        "This cannot be opened as an Excel workbook.",
        found=told[0] if told else type(error).__name__,
        do="Save it again as .xlsx, without a password",
    )
