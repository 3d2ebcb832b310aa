"""Excel sheets read into a frame, typed only where no cell is lost by it."""

from __future__ import annotations

import logging
from typing import Any

import fastexcel
import polars as pl

from spm_lib.core.errors import SourceError
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.headers import column_names
from spm_lib.sources.raw_frame import Dialect, empty_quarantine
from spm_lib.workspace import RawSettings


def read_excel_bytes(content: bytes, *, file: str, settings: RawSettings) -> FileRows:
    """Return the rows of one sheet (default: the first).

    Columns out: the sheet's own, typed where every filled cell fits the type, else String; and
    ``_row`` Int64, the row number that Excel shows. Blank rows are no rows. An error cell
    (``#DIV/0!``) is empty. Numbers among texts are texts with the file's decimal sign.

    Raises
    ------
    SourceError
        If the workbook cannot be opened, or has no such sheet, or the sheet is empty.
    """
    sheet, reader = _sheet(content, file=file, wanted=settings.sheet)
    texts = _load(reader, sheet, file=file, skip_rows=0, dtypes="string")
    rows = [row for row in _filled_rows(texts) if row >= settings.skip]
    if not rows:
        raise SourceError("A sheet is empty.", found=f"{file}, sheet {sheet}", do="Name another")
    body = rows[1:] if settings.header else rows
    found = [cell or "" for cell in texts.row(rows[0])] if settings.header else texts.columns
    used = _used_columns(texts, rows=body, header=found if settings.header else None)
    names = column_names([found[i] for i in used], given=settings.names, file=file)
    first = rows[0] + (1 if settings.header else 0)
    cells = _cells(reader, sheet, texts[first:], file=file, first=first, decimal=settings.decimal)
    places = [row - first for row in body]
    columns = [
        cells.to_series(i).gather(places).alias(name) for i, name in zip(used, names, strict=True)
    ]
    frame = pl.DataFrame(columns).with_columns(
        pl.Series("_row", [r + 1 for r in body], dtype=pl.Int64)
    )
    dialect = Dialect(file=file, kind="excel", header=settings.header, columns=tuple(names))
    return FileRows(frame, empty_quarantine(), dialect)


def excel_texts(content: bytes, *, file: str) -> pl.DataFrame:
    """Return the cells of the first sheet as texts, its rows and columns as Excel counts them.

    An empty cell and an error cell are null; of a formula it is the value that was kept with it.

    Raises
    ------
    SourceError
        If the workbook cannot be opened.
    """
    sheet, reader = _sheet(content, file=file, wanted=None)
    return _load(reader, sheet, file=file, skip_rows=0, dtypes="string")


def _sheet(content: bytes, *, file: str, wanted: str | int | None) -> tuple[str, Any]:
    try:
        reader = fastexcel.read_excel(content)
    except fastexcel.FastExcelError as error:
        raise SourceError(
            f"{file} cannot be opened as an Excel workbook.",
            found=str(error).splitlines()[0],
            do="Save it again as .xlsx, without a password",
        ) from None
    names = reader.sheet_names
    wanted = next(iter(names), "") if wanted is None else wanted  # damaged: no sheet at all
    if isinstance(wanted, int) and 1 <= wanted <= len(names):
        return names[wanted - 1], reader
    if wanted not in names:
        raise SourceError(
            f"{file} has no sheet {wanted!r}.", found=", ".join(names), do="Correct sheet"
        )
    return str(wanted), reader


def _load(
    reader: Any, sheet: str, *, file: str, skip_rows: int, dtypes: str | None = None
) -> pl.DataFrame:
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    try:
        loaded = reader.load_sheet(
            sheet, header_row=None, skip_rows=skip_rows, dtypes=dtypes, schema_sample_rows=None
        )
    except fastexcel.FastExcelError as error:
        raise SourceError(
            f"Sheet {sheet} of {file} cannot be read.", found=str(error).splitlines()[0]
        ) from None
    return loaded.to_polars()


def _filled_rows(texts: pl.DataFrame) -> list[int]:
    if not texts.width:
        return []
    filled = texts.select(pl.any_horizontal(pl.all().is_not_null()).alias("filled"))["filled"]
    return filled.arg_true().to_list()


def _used_columns(texts: pl.DataFrame, *, rows: list[int], header: list[str] | None) -> list[int]:
    """Return the places of columns with a header or a value."""
    body = texts[rows]
    return [
        i
        for i in range(texts.width)
        if (header and header[i]) or body.to_series(i).null_count() < body.height
    ]


def _cells(
    reader: Any, sheet: str, texts: pl.DataFrame, *, file: str, first: int, decimal: str
) -> pl.DataFrame:
    """Return the columns typed where no cell is lost by it, else as texts.

    Numbers among texts are written with the file's decimal sign, as people write theirs.
    """
    if not texts.height:
        return texts
    typed = _load(reader, sheet, file=file, skip_rows=first)
    mixed = [i for i in range(texts.width) if _loses(typed.to_series(i), texts.to_series(i))]
    numbers = pl.DataFrame()
    if mixed and decimal != ".":  # only a truth value can be made of numbers and not of texts
        numbers = _load(reader, sheet, file=file, skip_rows=first, dtypes="boolean")
    for i in mixed:
        cells = texts.to_series(i)
        if numbers.width:
            is_number = numbers.to_series(i).is_not_null() & ~cells.is_in(_TRUTHS)
            cells = cells.str.replace(".", decimal, literal=True).zip_with(is_number, cells)
        typed = typed.with_columns(cells.alias(typed.columns[i]))
    return typed


_TRUTHS = ["true", "false"]


def _loses(typed: pl.Series, texts: pl.Series) -> bool:
    """Say whether a type loses cells, or makes numbers of truth values; texts lose nothing."""
    truths = typed.dtype.is_numeric() and bool(texts.is_in(_TRUTHS).any())
    lost = typed.null_count() > texts.null_count()
    return typed.dtype == pl.String or lost or truths
