"""A report's tables as grids of a workbook: intervals as two numbers, months as dates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from spm_lib.core.money import exponent
from spm_lib.model import minor_text
from spm_lib.model.figures import Figure
from spm_lib.reports.blocks import Column, Definitions, Notices, Receipts, Table, Tile, Tiles
from spm_lib.reports.cells import Cell, Day, Number, Part
from spm_lib.reports.office.number_formats import (
    date_format,
    money_format,
    percent_format,
    plain_format,
    shown,
    unit_format,
)
from spm_lib.reports.office.xlsx_book import Entry, Grid
from spm_lib.reports.writing import Writer

_EMPTY = Entry()


def table_grid(table: Table, write: Writer) -> Grid:
    """Return a table with typed cells; a column of intervals becomes two columns of numbers."""
    split = [_holds_intervals(table, place) for place in range(len(table.columns))]
    heads: list[str] = []
    helps: list[str] = []
    for column, two in zip(table.columns, split, strict=True):
        heads += ends_of(column.title, write) if two else [column.title]
        helps += [column.help, ""] if two else [column.help]
    rows = []
    for row in table.rows:
        cells: list[Entry] = []
        for cell, column, two in zip(row, table.columns, split, strict=True):
            cells += _ends(cell, column, write) if two else [entry_of(cell, column, write)]
        rows.append(tuple(cells))
    return Grid(tuple(heads), tuple(rows), tuple(helps))


def ends_of(title: str, write: Writer) -> list[str]:
    """Return the titles of the two columns that an interval takes."""
    text = write.language.text
    return [text("{title}, from", title=title), text("{title}, up to", title=title)]


def entry_of(cell: Cell, column: Column, write: Writer) -> Entry:
    """Return one cell as a number, a day or text."""
    if cell is None:
        return _EMPTY
    if isinstance(cell, Day):
        return Entry(cell.day, date_format(write, cell.grain))
    if isinstance(cell, Number):
        made = shown(cell, write, decimals=column.decimals)
        return Entry(made.value, made.format)
    return Entry(cell.text, strong=cell.strong, own=True)


def _holds_intervals(table: Table, place: int) -> bool:
    cells = [row[place] for row in table.rows]
    return any(isinstance(cell, Number) and cell.part == "interval" for cell in cells)


def _ends(cell: Cell, column: Column, write: Writer) -> list[Entry]:
    if not isinstance(cell, Number) or cell.part != "interval":
        return [entry_of(cell, column, write), _EMPTY]
    parts: tuple[Part, Part] = ("low", "high")
    ends = [cell.model_copy(update={"part": part}) for part in parts]
    return [entry_of(end, column, write) for end in ends]


def tiles_grid(blocks: Sequence[Tiles], write: Writer) -> Grid:
    """Return the key figures, one a row, with real numbers."""
    text = write.language.text
    tiles = [tile for block in blocks for tile in block.tiles]
    ends = any(tile.number.part == "interval" for tile in tiles)
    value = text("Value")
    between = ends_of(value, write) if ends else []
    heads = ("", value, *between, text("Change"), text("Against"), text("Note"))
    return Grid(heads, tuple(_tile(tile, write, ends=ends) for tile in tiles))


def _tile(tile: Tile, write: Writer, *, ends: bool) -> tuple[Entry, ...]:
    bare = Column(title="")
    whole = tile.number.part == "interval"
    value = _EMPTY if whole else entry_of(tile.number, bare, write)
    between = _ends(tile.number, bare, write) if whole else [_EMPTY, _EMPTY]
    return (
        Entry(tile.label, strong=True),
        value,
        *(between if ends else ()),
        entry_of(tile.change, bare, write),
        Entry(tile.change_note or None) if tile.change else _EMPTY,
        Entry(tile.note or None),
    )


def figures_grid(figures: Sequence[Figure], write: Writer) -> Grid:
    """Return every record of ``figures.json``, one a row."""
    text = write.language.text
    heads = (
        text("Metric"),
        text("By"),
        text("Window from"),
        text("Window before"),
        text("As of"),
        text("Value"),
        text("Unit"),
        "n",
        text("Low"),
        text("High"),
        text("Level"),
        text("Used"),
        text("Set aside"),
        text("Scoped"),
        text("Reasons"),
    )
    return Grid(heads, tuple(_figure(figure, write) for figure in figures), wrap=False)


def _figure(figure: Figure, write: Writer) -> tuple[Entry, ...]:
    day, count = date_format(write), plain_format(0)
    form = unit_format(figure.unit, [_decimal(figure.value)], write)
    start, end = figure.window or (None, None)
    receipt = figure.receipt
    has_ends = figure.low is not None or figure.high is not None
    return (
        Entry(figure.metric, own=True),
        Entry(", ".join(f"{k} = {v}" for k, v in figure.by.items()) or None, own=True),
        Entry(start, day),
        Entry(end, day),
        Entry(figure.as_of, day),
        Entry(_decimal(figure.value), form),
        Entry(figure.unit, own=True),
        Entry(figure.n, count),
        Entry(_decimal(figure.low), form),
        Entry(_decimal(figure.high), form),
        Entry(Decimal(str(figure.level)) if has_ends else None, percent_format(0)),
        Entry(receipt.used, count),
        Entry(receipt.read - receipt.used, count),
        Entry(receipt.scoped),
        Entry(_reasons(figure, write) or None),
    )


def _reasons(figure: Figure, write: Writer) -> str:
    told = write.language.text
    parts = sorted(figure.receipt.set_aside.items())
    return ", ".join(f"{told(reason)}: {write.count(part.rows)}" for reason, part in parts)


def definitions_grid(block: Definitions, write: Writer) -> Grid:
    """Return the definitions, one metric a row."""
    text = write.language.text
    heads = (
        text("Metric"),
        text("Name"),
        text("Formula"),
        text("How to read it"),
        text("When there is none"),
        text("Source"),
    )
    rows = tuple(
        (
            Entry(e.id, own=True),
            Entry(e.name, strong=True),
            Entry(e.formula),
            Entry(e.reading or None),
            Entry(e.null_rule or None),
            Entry(e.source or None),
        )
        for e in block.entries
    )
    return Grid(heads, rows)


def receipts_grid(block: Receipts, write: Writer) -> Grid:
    """Return the receipts: a row per table of data, then one per reason for setting rows aside."""
    text, count = write.language.text, plain_format(0)
    currency = block.edition.currency
    money = money_format(currency, exponent(currency))
    heads = (
        text("Data"),
        text("Reason"),
        text("Rows read"),
        text("Used"),
        text("Set aside"),
        text("Amount"),
    )
    rows: list[tuple[Entry, ...]] = []
    for told in block.receipts:
        receipt = told.receipt
        rows.append(
            (
                Entry(told.label, strong=True),
                _EMPTY,
                Entry(receipt.read, count),
                Entry(receipt.used, count),
                Entry(receipt.read - receipt.used, count),
                _EMPTY,
            )
        )
        for reason, part in sorted(receipt.set_aside.items()):
            amount = _decimal(minor_text(part.amount, exponent(currency)))
            rows.append(
                (
                    Entry(told.label),
                    Entry(text(reason)),
                    _EMPTY,
                    _EMPTY,
                    Entry(part.rows, count),
                    Entry(amount, money),
                )
            )
    return Grid(heads, tuple(rows))


def notices_grid(block: Notices, write: Writer) -> Grid:
    """Return what was odd in the data, with the rows and the money it touches."""
    text = write.language.text
    currency = block.edition.currency
    money = money_format(currency, exponent(currency))
    heads = (
        text("Notice"),
        text("Table"),
        text("Column"),
        text("Values"),
        text("Rows"),
        text("Amount"),
    )
    rows = tuple(
        (
            Entry(n.text),
            Entry(n.table, own=True),
            Entry(n.column, own=True),
            Entry(", ".join(n.values) or None, own=True),
            Entry(n.rows, plain_format(0)),
            Entry(_decimal(minor_text(n.amount, exponent(currency))), money),
        )
        for n in block.notices
    )
    return Grid(heads, rows)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
