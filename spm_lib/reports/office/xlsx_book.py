"""The workbook: sheets with legal names, cells that are numbers or text and never commands."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from spm_lib.core.errors import MissingExtraError
from spm_lib.reports.office.text import legal, like_a_command, marked, own_text
from spm_lib.reports.writing import Writer

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from spm_lib.workspace import Brand

INK, MUTED, LINE, TINT = "#1F2933", "#52606D", "#D5DAE0", "#F5F7FA"
FONT = "Heebo"
_LONGEST_NAME, _LONGEST_TEXT = 31, 32_000
_NARROW, _WIDE = 9, 56
_LINE = 13.5  # points
# what a number's format shows as it stands: "points", the sign of a currency, a letter after "\\"
_WORDS = re.compile(r'"([^"]*)"|\[\$([^\]-]*)[^\]]*\]|\\(.)')
_RESERVED = {"history"}
Value = str | Decimal | float | int | bool | date | None


class Exact(float):
    """A number that is written with all its digits; XlsxWriter would keep sixteen.

    Examples
    --------
    >>> f"{0.37037037037037035:.16G}", f"{Exact(0.37037037037037035):.16G}"
    ('0.3703703703703703', '0.37037037037037035')
    """

    def __format__(self, _spec: str, /) -> str:
        return repr(float(self)).removesuffix(".0")


@dataclass(frozen=True)
class Entry:
    """What one cell holds: text, a number, a day or a truth, and the format it is shown in.

    ``own`` says that the text is the client's: its direction is its own.
    """

    value: Value = None
    format: str = ""
    strong: bool = False
    own: bool = False


@dataclass(frozen=True)
class Grid:
    """A table as a sheet holds it: titles, and rows as wide as these; long text is wrapped."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    helps: tuple[str, ...] = ()
    wrap: bool = True


@dataclass
class Book:
    """A workbook in one language and brand; made in memory, its bytes fixed by what is in it."""

    write: Writer
    brand: Brand
    day: date
    title: str
    client: str
    _names: set[str] = field(default_factory=set)
    _styles: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._file = io.BytesIO()
        self.workbook = _workbook(self._file)
        self.workbook.set_size(2400, 1400)
        self.workbook.set_properties(
            {
                "title": legal(self.title),
                "company": legal(self.client),
                "author": legal(self.client),
                "created": datetime(self.day.year, self.day.month, self.day.day),  # noqa: DTZ001
            }
        )
        first: Any = self.workbook.formats[0]
        first.set_font_name(self.font)
        first.set_font_size(10)

    @property
    def font(self) -> str:
        """The name of the font."""
        return self.brand.font or FONT

    @property
    def right_to_left(self) -> bool:
        """Whether sheets run from right to left."""
        return self.write.language.direction == "rtl"

    @property
    def side(self) -> str:
        """The side on which text begins."""
        return "right" if self.right_to_left else "left"

    @property
    def reading(self) -> dict[str, Any]:
        """The style of text in the report's language."""
        return {"align": self.side, "reading_order": 2 if self.right_to_left else 1}

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet under a name that is legal and not taken, ready to be printed."""
        made = self.workbook.add_worksheet(sheet_name(name, self._names))
        if self.right_to_left:
            made.right_to_left()
        made.hide_gridlines(2)
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        made.set_footer(self._footer())
        return made

    def style(self, **wanted: Any) -> Any:
        """Return a format; equal ones are made once."""
        key = tuple(sorted(wanted.items()))
        if key not in self._styles:
            base = {"font_name": self.font, "font_size": 10, "font_color": INK, "valign": "top"}
            self._styles[key] = self.workbook.add_format({**base, **wanted})
        return self._styles[key]

    def bytes(self) -> bytes:
        """Close the workbook and return it."""
        self.workbook.close()
        return self._file.getvalue()

    def _footer(self) -> str:
        left = _in_footer(f"{self.client} · {self.title}")
        middle = _in_footer(self.brand.confidentiality or self.brand.footer)
        return f"&L&8{left}&C&8{middle}&R&8&P / &N"


def line(book: Book, sheet: Worksheet, row: int, text: str, **style: Any) -> None:
    """Write one line of text into the first column."""
    put_text(book, sheet, row, 0, marked(text), **{**book.reading, **style})


def put_text(book: Book, sheet: Worksheet, row: int, column: int, text: str, **style: Any) -> None:
    """Write text that stays text, whatever it begins with."""
    text = legal(text)
    if len(text) > _LONGEST_TEXT:
        text = text[: _LONGEST_TEXT - 1] + "…"
    if like_a_command(text):
        style["quote_prefix"] = True
    sheet.write_string(row, column, text, book.style(**style))


def put(book: Book, sheet: Worksheet, row: int, column: int, entry: Entry, **style: Any) -> None:
    """Write one cell as what it is; nothing stays empty."""
    value = entry.value
    if entry.strong:
        style["bold"] = True
    if isinstance(value, str):
        order = {"align": book.side} if entry.own else book.reading
        text = own_text(value) if entry.own else marked(value)
        put_text(book, sheet, row, column, text, **order, **style)
        return
    style.pop("text_wrap", None)
    if entry.format:
        style["num_format"] = entry.format
    if value is None:
        sheet.write_blank(row, column, None, book.style(**style))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, book.style(**style, align="center"))
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
        side = book.side if column == 0 else "right"
        sheet.write_datetime(row, column, moment, book.style(**style, align=side))
    else:
        sheet.write_number(row, column, Exact(value), book.style(**style, align="right"))


def put_grid(
    book: Book, sheet: Worksheet, top: int, grid: Grid, *, fixed: bool = True, blanks: bool = True
) -> int:
    """Write a table from a row on and return the row after it.

    A ``fixed`` one is the only one of its sheet: its titles stay in sight, repeat on every printed
    page and carry a filter. Without ``blanks`` empty cells are left out, which charts take for 0.
    """
    if not grid.heads:
        return top
    wide = widths(grid)
    _put_heads(book, sheet, top, grid, wide)
    cell = {"bottom": 1, "bottom_color": LINE, "text_wrap": grid.wrap}
    for offset, row in enumerate(grid.rows, start=1):
        for column, entry in enumerate(row):
            if blanks or entry.value is not None:
                put(book, sheet, top + offset, column, entry, **cell)
        lines = max((_lines(e, w) for e, w in zip(row, wide, strict=True)), default=1)
        if grid.wrap and lines > 1:
            sheet.set_row(top + offset, _LINE * lines + 2)
    end = top + len(grid.rows)
    if fixed:
        sheet.freeze_panes(top + 1, 1)
        sheet.repeat_rows(0, top)
        sheet.autofilter(top, 0, max(end, top + 1), len(grid.heads) - 1)
    return end + 1


def _put_heads(book: Book, sheet: Worksheet, top: int, grid: Grid, wide: Sequence[float]) -> None:
    for column, head in enumerate(grid.heads):
        side = {"align": "right"} if column and _is_numeric(grid, column) else {}
        style = {**_head_style(book), **side}
        put_text(book, sheet, top, column, marked(head), **style)
        if column < len(grid.helps) and grid.helps[column]:
            sheet.write_comment(top, column, marked(grid.helps[column]), _COMMENT)
    lines = (_lines(Entry(h), w - 3) for h, w in zip(grid.heads, wide, strict=True))
    sheet.set_row(top, _LINE * max(lines, default=1) + 6)


def fit(book: Book, sheet: Worksheet, *grids: Grid, first: float = 0) -> None:
    """Make the columns as wide as what stands in them, within reason."""
    made = [widths(grid) for grid in grids]
    for column in range(max((len(wide) for wide in made), default=0)):
        wanted = max(wide[column] for wide in made if column < len(wide))
        if column == 0:
            wanted = max(wanted, first)
        sheet.set_column(column, column, wanted, book.style())


def widths(grid: Grid) -> list[float]:
    """Return how wide the columns of a table want to be, in letters."""
    found = []
    for column, head in enumerate(grid.heads):
        widest = max((length(row[column]) for row in grid.rows), default=0)
        word = max((len(word) for word in head.split()), default=0) + 4  # the filter's arrow
        some = min(len(head) / 2 + 4, _NARROW * 2)  # a long title takes a few lines, not many
        found.append(round(min(max(widest * 1.1 + 1.5, word, some, _NARROW), _WIDE), 1))
    return found


def _lines(entry: Entry, width: float) -> int:
    """Return in how many lines a cell's text stands."""
    if not isinstance(entry.value, str):
        return 1
    parts = entry.value.split("\n")
    return sum(max(len(textwrap.wrap(part, max(int(width * 0.95), 4))), 1) for part in parts)


def length(entry: Entry) -> int:
    r"""Return about how many letters a cell shows.

    Examples
    --------
    >>> length(Entry(Decimal("1234567.5"), "[$₪-40D]#,##0")), length(Entry(0.25, "0.0%"))
    (10, 5)
    >>> length(Entry(Decimal(-3), '+0.0" point";-0.0" points"')), length(Entry(5, r"[$CHF]\ 0"))
    (11, 5)
    """
    value = entry.value
    if value is None or isinstance(value, bool):
        return 5
    if isinstance(value, str):
        return max((len(part) for part in value.split("\n")), default=0)
    if isinstance(value, date):
        return 11
    sections = entry.format.split(";")
    shown = sections[1 if value < 0 and len(sections) > 1 else 0]
    words = "".join(text for found in _WORDS.findall(shown) for text in found)
    bare = _WORDS.sub("", shown)
    broken = re.search(r"0\.([0#]+)", bare)
    decimals = len(broken.group(1)) if broken else 0
    number = float(value) * (100 if "%" in bare else 1)
    return len(f"{number:,.{decimals}f}{words}") + sum(sign in bare for sign in "%+")


def sheet_name(name: str, taken: set[str]) -> str:
    """Return a legal name of a sheet that is not taken yet, and take it.

    Examples
    --------
    >>> taken = set()
    >>> sheet_name("Won/lost: [2026]", taken), sheet_name("won lost 2026", taken)
    ('Won lost 2026', 'won lost 2026 (2)')
    """
    cleaned = legal(re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name))
    cleaned = " ".join(re.sub(r"[\[\]:*?/\\\s]+", " ", cleaned).split()).strip("' ") or "–"
    number = 1
    while True:
        tail = f" ({number})" if number > 1 else ""
        shown = _cut(cleaned, _LONGEST_NAME - len(tail)) + tail
        if shown.lower() not in taken | _RESERVED:
            taken.add(shown.lower())
            return shown
        number += 1


def _cut(text: str, units: int) -> str:
    """Cut text to a number of UTF-16 units, as Excel counts them."""
    if len(text.encode("utf-16-le")) <= units * 2:
        return text
    cut = text.encode("utf-16-le")[: (units - 1) * 2].decode("utf-16-le", "ignore")
    return cut.rstrip("' ") + "…"


def _workbook(file: io.BytesIO) -> Workbook:
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise MissingExtraError.of("office", "Excel") from None
    return Workbook(file, SAFE)


SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_COMMENT = {"x_scale": 1.4, "y_scale": 0.6}


def _head_style(book: Book) -> dict[str, Any]:
    return {
        **book.reading,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": book.brand.colour,
        "text_wrap": True,
        "valign": "vcenter",
    }


def _is_numeric(grid: Grid, column: int) -> bool:
    seen = [row[column].value for row in grid.rows if row[column].value is not None]
    return bool(seen) and not any(isinstance(value, str | bool) for value in seen)


def _in_footer(text: str) -> str:
    """Return text for a footer, where ``&`` begins a command."""
    plain: Sequence[str] = legal(marked(text)).split()
    return " ".join(plain)[:80].replace("&", "&&")
