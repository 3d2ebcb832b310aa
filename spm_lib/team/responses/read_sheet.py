"""A filled in Excel file read back: each field with its cell, formulas told from answers."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import Any

import polars as pl

from spm_lib.core.errors import SourceError, TeamError
from spm_lib.team.responses.choices import CATEGORY_WORDS, DECISION_WORDS, chosen, chosen_metric
from spm_lib.team.responses.response_faults import Place
from spm_lib.team.responses.response_of import MOST
from spm_lib.team.responses.sheet_layout import MARK, MARK_CELL, cells

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


def read_sheet(content: bytes) -> tuple[dict[str, Any], dict[Place, str]]:
    """Return what an Excel file of a response says, and the cells that hold a formula.

    Parameters
    ----------
    content
        Bytes of the file that ``response_sheet`` wrote and somebody filled in.

    Returns
    -------
    The content for ``response_of`` (empty cells are None), and each field that holds a formula
    with its cell.

    Raises
    ------
    TeamError
        If it is no workbook, too large when unpacked, or not the sheet of a response.
    """
    formulas = _formulas(content)
    grid = _grid(content)
    if _value(grid, MARK_CELL) != MARK:
        raise TeamError(
            "This is not the sheet of a response.",
            found=f"cell {MARK_CELL}: {_value(grid, MARK_CELL) or 'nothing'}",
            do="Fill in the file that came with the letter, without moving its cells",
        )
    places = cells()
    told = {place: _value(grid, cell) for place, cell in places.items()}
    bent = {place: cell for place, cell in places.items() if cell in formulas}
    return _content(told), bent


def _content(told: dict[Place, str | None]) -> dict[str, Any]:
    made: dict[str, Any] = {key: told[key,] for key in ("letter", "rep_id", "remarks")}
    made |= {key: _number(told[key,]) for key in ("version", "confidence")}
    made["read_on"] = _day(told["read_on",])
    made["decision"] = chosen(DECISION_WORDS, told["decision",])
    made["worries"] = [
        {
            "category": chosen(CATEGORY_WORDS, told["worries", at, "category"]),
            "text": told["worries", at, "text"],
        }
        for at in range(MOST["worries"])
    ]
    made["ideas"] = [told["ideas", at] for at in range(MOST["ideas"])]
    made["goals"] = [
        {
            "metric": chosen_metric(told["goals", at, "metric"]),
            "measure": told["goals", at, "measure"],
            "due": _day(told["goals", at, "due"]),
            "help_wanted": told["goals", at, "help_wanted"],
        }
        for at in range(MOST["goals"])
    ]
    return made


def _formulas(content: bytes) -> set[str]:
    """Return the cells that hold a formula, in whichever sheet: ours has none in any."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST_UNPACKED:
                raise TeamError(
                    "This file is too large when it is unpacked.",
                    do="Fill in the file that came with the letter",
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
        return excel_texts(content, file="response")
    except SourceError as error:
        raise _no_workbook(error) from None


def _no_workbook(error: Exception) -> TeamError:
    return TeamError(
        "This cannot be opened as an Excel workbook.",
        found=str(error).splitlines()[0] if str(error) else type(error).__name__,
        do="Save it again as .xlsx, without a password",
    )


def _value(grid: pl.DataFrame, cell: str) -> str | None:
    column, row = ord(cell[0]) - ord("A"), int(cell[1:]) - 1
    if column >= grid.width or row >= grid.height:
        return None
    return grid.item(row, column)


def _number(told: str | None) -> Any:
    return int(float(told)) if told and _WHOLE.fullmatch(told.strip()) else told


def _day(told: str | None) -> str | None:
    found = _DAY.fullmatch(told.strip()) if told else None
    return found.group(1) if found else told
