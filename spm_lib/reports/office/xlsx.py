"""Excel: a report as one workbook of real numbers, every figure and receipt in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from spm_lib.reports.blocks import (
    Block,
    Chart,
    Definitions,
    Notices,
    Picture,
    Prose,
    Receipts,
    Summary,
    Table,
    Text,
    Tiles,
)
from spm_lib.reports.document import Document
from spm_lib.reports.office.outline import Leaf, cover_lines, outline, paragraphs
from spm_lib.reports.office.xlsx_book import MUTED, Book, Grid, fit, line, put_grid
from spm_lib.reports.office.xlsx_charts import put_charts
from spm_lib.reports.office.xlsx_tables import (
    definitions_grid,
    figures_grid,
    notices_grid,
    receipts_grid,
    table_grid,
    tiles_grid,
)
from spm_lib.reports.writing import Writer

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from spm_lib.workspace import Brand

_LINE_WIDTH = 78
_UNKNOWN_DAY = date(2000, 1, 1)
B = TypeVar("B", bound=Block)


def render_xlsx(document: Document, *, brand: Brand) -> bytes:
    """Return a report as an Excel workbook.

    The summary comes first, then one sheet per table, the charts with their data, every record of
    ``figures.json``, and the annex. Numbers are numbers and days are days, each in its format;
    text is text, whatever it begins with. The same document and brand give the same bytes.

    Parameters
    ----------
    document
        The report.
    brand
        The client's colour, font and footer.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    MissingExtraError
        If the part ``office`` is not installed.

    Examples
    --------
    >>> from spm_lib.reports.blocks import Cover
    >>> from spm_lib.reports.document import build_document
    >>> from spm_lib.workspace import Brand
    >>> cover = Cover(title="Sales", subtitle="2026", client="Acme", client_id="acme",
    ...     as_of=date(2026, 9, 30), exported_on=date(2026, 9, 30))
    >>> render_xlsx(build_document([cover], title="Sales"), brand=Brand())[:2]
    b'PK'
    """
    cover = document.cover
    book = Book(
        Writer(document.edition),
        brand,
        day=cover.as_of if cover else _UNKNOWN_DAY,
        title=document.title,
        client=cover.client if cover else "",
    )
    leaves = outline(document)
    _summary(book, document, leaves)
    _sections(book, leaves)
    put_charts(book, [leaf.block for leaf in leaves if isinstance(leaf.block, Chart | Picture)])
    text = book.write.language.text
    _listed(book, text("Figures"), figures_grid(document.figures, book.write))
    _annex(book, leaves)
    return book.bytes()


def _summary(book: Book, document: Document, leaves: Sequence[Leaf]) -> None:
    sheet = book.sheet(book.write.language.text("Summary"))
    row = _heading(book, sheet, document.title)
    cover = document.cover
    if cover:
        for told in cover_lines(cover, book.write):
            line(book, sheet, row, told, font_color=MUTED)
            row += 1
    row += 1
    for block in _of(leaves, Summary):
        row = _told(book, sheet, row, block)
    tiles = tiles_grid(_of(leaves, Tiles), book.write)
    if tiles.rows:
        row = _subheading(book, sheet, row, book.write.language.text("Key figures"))
        put_grid(book, sheet, row, tiles, fixed=False)
    fit(book, sheet, tiles, first=_LINE_WIDTH)
    sheet.set_column(0, 0, _LINE_WIDTH, book.style())


def _told(book: Book, sheet: Worksheet, row: int, block: Summary) -> int:
    text = book.write.language.text
    for title, sentences in (
        (text("What happened"), block.happened),
        (text("Why"), block.why),
        (text("What to do"), block.todo),
    ):
        if not sentences:
            continue
        row = _subheading(book, sheet, row, title)
        for sentence in sentences:
            row = _wrapped(book, sheet, row, sentence.text)
        row += 1
    return row


def _sections(book: Book, leaves: Sequence[Leaf]) -> None:
    """Write one sheet per table; a section's words stand under its first one."""
    for heading in dict.fromkeys(leaf.heading for leaf in leaves):
        here = [leaf for leaf in leaves if leaf.heading == heading]
        tables = _of(here, Table)
        words = [p for leaf in here for p in _paragraphs(leaf.block)]
        title = heading or book.write.language.text("Notes")
        if not tables and words:
            _words(book, book.sheet(title), title, words)
        for number, table in enumerate(tables):
            name = _joined(title, table.title) if len(tables) > 1 else title
            grid = table_grid(table, book.write)
            under = [table.note] if table.note else []
            _listed(
                book,
                table.title if len(tables) > 1 and table.title else name,
                grid,
                title=_joined(heading, table.title),
                under=[*under, *(words if not number else [])],
            )


def _joined(heading: str, title: str) -> str:
    return f"{heading} – {title}" if heading and title else heading or title


def _paragraphs(block: Block) -> list[str]:
    return paragraphs(block) if isinstance(block, Text | Prose) else []


def _words(book: Book, sheet: Worksheet, title: str, words: Sequence[str]) -> None:
    row = _heading(book, sheet, title) + 1
    for told in words:
        row = _wrapped(book, sheet, row, told)
    sheet.set_column(0, 0, _LINE_WIDTH, book.style())


def _wrapped(book: Book, sheet: Worksheet, row: int, text: str) -> int:
    """Write text of several lines into the broad first column."""
    line(book, sheet, row, text, text_wrap=True)
    sheet.set_row(row, 13.5 * (1 + len(text) // _LINE_WIDTH + text.count("\n")) + 2)
    return row + 1


def _listed(
    book: Book, name: str, grid: Grid, *, title: str = "", under: Sequence[str] = ()
) -> None:
    """Write a sheet with one table: titles that stay in sight, a filter, and words under it."""
    sheet = book.sheet(name)
    row = _heading(book, sheet, title or name)
    end = put_grid(book, sheet, row, grid)
    for told in under:
        end += 1
        line(book, sheet, end, told, font_color=MUTED, italic=True)
    fit(book, sheet, grid)


def _annex(book: Book, leaves: Sequence[Leaf]) -> None:
    text, write = book.write.language.text, book.write
    for block in _of(leaves, Definitions):
        _listed(book, text("Definitions"), definitions_grid(block, write))
    for block in _of(leaves, Receipts):
        scoped = any(r.receipt.scoped for r in block.receipts)
        told = [text("Rows outside the scope of this report are not counted.")] if scoped else []
        _listed(book, text("Receipts"), receipts_grid(block, write), under=told)
    for block in _of(leaves, Notices):
        title = text("What to know about the data")
        if block.notices:
            _listed(book, text("Notices"), notices_grid(block, write), title=title)
        else:
            nothing = [text("Nothing unusual was found in the data.")]
            _words(book, book.sheet(text("Notices")), title, nothing)


def _heading(book: Book, sheet: Worksheet, title: str) -> int:
    line(book, sheet, 0, title, bold=True, font_size=14, font_color=book.brand.colour)
    sheet.set_row(0, 22)
    return 1


def _subheading(book: Book, sheet: Worksheet, row: int, title: str) -> int:
    line(book, sheet, row, title, bold=True, font_size=11, font_color=book.brand.colour)
    return row + 1


def _of(leaves: Sequence[Leaf], kind: type[B]) -> list[B]:
    return [leaf.block for leaf in leaves if isinstance(leaf.block, kind)]
