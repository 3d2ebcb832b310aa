"""Blocks: what a call cell of a notebook returns; each shows itself and carries a typed payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from spm_lib.model.figures import Figure
from spm_lib.model.receipts import Receipt
from spm_lib.reports.cells import Cell, Edition, Kind, Number, Piece
from spm_lib.reports.plot import Drawing, Plot, drawing_of

MIME = "application/vnd.spm.block+json"


class Sentence(Piece):
    """A sentence, already in the report's language, with the figures its numbers come from."""

    text: str
    figures: tuple[Figure, ...] = ()


class BlockBase(Piece):
    """What all blocks share: their edition, and how they show themselves in JupyterLab."""

    edition: Edition = Edition()

    def _repr_mimebundle_(self, **_chosen: Any) -> dict[str, Any]:
        """Return the block as HTML, as plain text and as its payload, as JupyterLab asks."""
        from spm_lib.reports.html.render import render_block

        return {
            "text/html": render_block(self),
            "text/plain": self.summary_line(),
            MIME: self.payload(),
        }

    def payload(self) -> dict[str, Any]:
        """Return the JSON that the exporter reads the block back from."""
        return self.model_dump(mode="json")

    def summary_line(self) -> str:
        """Return one plain line that names the block."""
        title = getattr(self, "title", "")
        return f"<{type(self).__name__}{f': {title}' if title else ''}>"

    def figures_used(self) -> list[Figure]:
        """Return the figures whose numbers this block prints."""
        return []


class Cover(BlockBase):
    """Who the report is for, what it is about, and how fresh its data is.

    ``window`` is ``[start, end)``; ``exported_on`` is the day of the newest thing in the data.
    ``audience`` is the person, team or part it is about; empty for the company. A ``brief`` report
    is printed without a page for its cover, without contents and without its annex. ``mark`` stands
    at the foot of each page.
    """

    type: Literal["cover"] = "cover"
    title: str
    subtitle: str
    client: str
    client_id: str
    as_of: date
    exported_on: date
    window: tuple[date, date] | None = None
    scope: str = "company"
    audience: str = ""
    brief: bool = False
    mark: str = ""


class Summary(BlockBase):
    """The first page: what happened, why, and what to do."""

    type: Literal["summary"] = "summary"
    happened: tuple[Sentence, ...]
    why: tuple[Sentence, ...] = ()
    todo: tuple[Sentence, ...] = ()

    def figures_used(self) -> list[Figure]:
        """Return the figures behind the sentences."""
        return [f for s in (*self.happened, *self.why, *self.todo) for f in s.figures]


class Text(BlockBase):
    """Paragraphs. ``tone`` tells plain text from a caution and from what the data lacks."""

    type: Literal["text"] = "text"
    sentences: tuple[Sentence, ...]
    tone: Literal["plain", "caution", "missing", "verbatim"] = "plain"

    def figures_used(self) -> list[Figure]:
        """Return the figures behind the sentences."""
        return [f for s in self.sentences for f in s.figures]


class Prose(BlockBase):
    """A markdown cell of the notebook; its markup is rendered, raw HTML in it is not."""

    type: Literal["prose"] = "prose"
    markdown: str


class Tile(Piece):
    """One key figure: a label, the number, a note in words, and its change where there is one.

    ``change_note`` says against what the change is; ``good`` says in which direction a change is
    welcome.
    """

    label: str
    number: Number
    note: str = ""
    note_figures: tuple[Figure, ...] = ()
    change: Number | None = None
    change_note: str = ""
    good: Literal["up", "down", "neither"] = "up"


class Tiles(BlockBase):
    """Key figures side by side."""

    type: Literal["tiles"] = "tiles"
    tiles: tuple[Tile, ...]

    def figures_used(self) -> list[Figure]:
        """Return the figures on the tiles."""
        return [
            figure
            for tile in self.tiles
            for figure in (
                tile.number.figure,
                *tile.note_figures,
                *([tile.change.figure] if tile.change else []),
            )
        ]


class Column(Piece):
    """A column of a table: its title, the kind of its cells, decimals, and a word of help."""

    title: str
    kind: Kind = "text"
    decimals: int | None = None
    help: str = ""


class Table(BlockBase):
    """A table; the first column names the rows. Numbers are parts of figures.

    A ``ruled`` one is a form: its rows are high enough to write in by hand.
    """

    type: Literal["table"] = "table"
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    ruled: bool = False

    def figures_used(self) -> list[Figure]:
        """Return the figures in the cells."""
        return [cell.figure for row in self.rows for cell in row if isinstance(cell, Number)]


class Chart(BlockBase):
    """A chart as SVG, the finding it shows as words, and its rows for other formats.

    ``data`` are the tidy rows behind the picture (column names, then one tuple per row); ``plot``
    says how Excel and PowerPoint draw them as charts of their own. Without it they show a picture.
    """

    type: Literal["chart"] = "chart"
    title: str
    alt: str
    svg: str
    columns: tuple[str, ...] = ()
    data: tuple[tuple[str | int | float | bool | None, ...], ...] = ()
    figures: tuple[Figure, ...] = ()
    note: str = ""
    plot: Plot | None = None

    @model_validator(mode="after")
    def _has_its_columns(self) -> Chart:
        missing = set(self.plot.columns()) - set(self.columns) if self.plot else set()
        if missing:
            raise ValueError(f"the plot draws columns that are not in the data: {sorted(missing)}")
        return self

    @property
    def drawing(self) -> Drawing | None:
        """The plot with its numbers; None where there is no plot or nothing to draw."""
        if self.plot is None or not self.data:
            return None
        return drawing_of(self.plot, self.columns, self.data)

    def figures_used(self) -> list[Figure]:
        """Return the figures drawn."""
        return list(self.figures)


class Picture(BlockBase):
    """A picture that an analyst's own cell printed (PNG, as base64 text)."""

    type: Literal["picture"] = "picture"
    png: str
    alt: str = ""


class Definition(Piece):
    """One entry of the dictionary, in the report's language."""

    id: str
    name: str
    formula: str
    reading: str = ""
    null_rule: str = ""
    source: str = ""


class Definitions(BlockBase):
    """What the printed numbers mean."""

    type: Literal["definitions"] = "definitions"
    entries: tuple[Definition, ...]


class TableReceipt(Piece):
    """The receipt of one table of the client's data."""

    table: str
    label: str
    receipt: Receipt


class Receipts(BlockBase):
    """Rows read = rows used + rows set aside, per table, with reasons and money."""

    type: Literal["receipts"] = "receipts"
    receipts: tuple[TableReceipt, ...]
    as_of: date

    def figures_used(self) -> list[Figure]:
        """Return one figure per table: the rows used, with the receipt."""
        return [
            Figure(
                "rows.used", self.as_of, "count", str(r.receipt.used), r.receipt, {"table": r.table}
            )
            for r in self.receipts
        ]


class NoticeEntry(Piece):
    """A trap found in the data: what it is, the values, rows and money (minor units) it touches."""

    text: str
    table: str
    column: str
    values: tuple[str, ...] = ()
    rows: int = 0
    amount: int | None = None


class Notices(BlockBase):
    """What a reader of the numbers must know about the data."""

    type: Literal["notices"] = "notices"
    notices: tuple[NoticeEntry, ...]
    as_of: date

    def figures_used(self) -> list[Figure]:
        """Return one figure per notice: the rows it touches."""
        return [notice_figure(entry, self.as_of) for entry in self.notices]


def notice_figure(entry: NoticeEntry, as_of: date) -> Figure:
    """Return the figure of a notice: the rows it touches."""
    by: Mapping[str, str] = {
        "table": entry.table,
        "column": entry.column,
        "values": ", ".join(entry.values),
    }
    return Figure("rows.noticed", as_of, "count", str(entry.rows), Receipt(entry.rows), by)


class Section(BlockBase):
    """A titled part of the report; ``part`` "annex" goes behind the evidence.

    ``anchor`` is where links of the same report lead (see ``Words.link``).
    """

    type: Literal["section"] = "section"
    title: str
    blocks: tuple[Block, ...]
    part: Literal["evidence", "annex"] = "evidence"
    anchor: str = ""

    def figures_used(self) -> list[Figure]:
        """Return the figures of all blocks inside."""
        return [figure for block in self.blocks for figure in block.figures_used()]


Block = Annotated[
    Cover
    | Summary
    | Text
    | Prose
    | Tiles
    | Table
    | Chart
    | Picture
    | Definitions
    | Receipts
    | Notices
    | Section,
    Field(discriminator="type"),
]
Section.model_rebuild()
_ANY: TypeAdapter[Block] = TypeAdapter(Block)


def read_block(payload: Mapping[str, Any]) -> Block:
    """Return the block of a payload.

    Raises
    ------
    pydantic.ValidationError
        If the payload is not that of a block.

    Examples
    --------
    >>> block = Text(sentences=(Sentence(text="Nothing happened."),))
    >>> read_block(block.payload()) == block
    True
    """
    return _ANY.validate_python(payload, strict=False)
