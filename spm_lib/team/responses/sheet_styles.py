"""How the Excel forms of the team look: one book, one set of styles, the same bytes each time."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from spm_lib.core.errors import MissingExtraError
from spm_lib.core.language import Language

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook


def new_book(day: date) -> tuple[io.BytesIO, Workbook]:
    """Return where a workbook is written to, and the workbook; texts in it are never formulas.

    Parameters
    ----------
    day
        Told as the day on which it was made, so that the same form is the same bytes.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise MissingExtraError.of("office", "Writing an Excel file") from None
    sink = io.BytesIO()
    book = Workbook(sink, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime.combine(day, time())})
    return sink, book


@dataclass(frozen=True, eq=False)
class SheetStyles:
    """The styles of a form: ``open`` cells (and ``day`` cells) are those to fill in."""

    plain: Format
    wrapped: Format
    strong: Format
    title: Format
    faint: Format
    open: Format
    day: Format

    @classmethod
    def of(cls, book: Workbook, language: Language) -> SheetStyles:
        """Return the styles of a book, for a language that is read in its own direction."""
        order = 2 if language.direction == "rtl" else 1
        font = {"font_name": "Arial", "font_size": 10, "valign": "top", "reading_order": order}
        box = {**font, "text_wrap": True, "locked": False, "border": 1, "border_color": "#C9B458",
               "bg_color": "#FFF9E5", "reading_order": 0}  # fmt: skip
        return cls(
            plain=book.add_format(font),
            wrapped=book.add_format({**font, "text_wrap": True}),
            strong=book.add_format({**font, "bold": True}),
            title=book.add_format({**font, "bold": True, "font_size": 16}),
            faint=book.add_format({**font, "font_color": "#52606D", "font_size": 8}),
            open=book.add_format(box),
            day=book.add_format({**box, "num_format": "yyyy-mm-dd", "align": "left"}),
        )
