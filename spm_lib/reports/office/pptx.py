"""PowerPoint: a report as slides with native charts and tables that stay editable."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from spm_lib.core.bidi import embed
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
from spm_lib.reports.cells import Cell, Number
from spm_lib.reports.cells import Words as Told
from spm_lib.reports.document import Document
from spm_lib.reports.drawing import clean_svg
from spm_lib.reports.office.outline import cover_lines, metric_ids_of, outline, paragraphs
from spm_lib.reports.office.pptx_charts import put_chart
from spm_lib.reports.office.pptx_deck import INCH, Area, Deck
from spm_lib.reports.office.pptx_tables import Sheet, Slot, put_table
from spm_lib.reports.office.pptx_tiles import put_tiles
from spm_lib.reports.office.pptx_words import Words, put_caption, put_words
from spm_lib.reports.office.text import marked
from spm_lib.reports.writing import Writer

if TYPE_CHECKING:
    from spm_lib.workspace import Brand

_UNKNOWN_DAY = date(2000, 1, 1)
_CAPTION = 420  # letters that may stand under a chart


def render_pptx(document: Document, *, brand: Brand) -> bytes:
    """Return a report as a PowerPoint presentation.

    A title slide, the summary and the key figures come first, then one slide per chart, its
    finding as the title, and one per table, and last the annex. Charts are PowerPoint's own, with
    their numbers behind them. The ids of a slide's metrics stand in its notes. On the brand's
    template the slides take its layouts, fonts and colours. The same document and brand give the
    same bytes.

    Parameters
    ----------
    document
        The report.
    brand
        The client's template, or the colour, font and logo for the house's own look.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    MissingExtraError
        If the part ``office`` is not installed.
    ReportError
        If the template cannot be read.

    Examples
    --------
    >>> from spm_lib.reports.blocks import Sentence
    >>> from spm_lib.reports.document import build_document
    >>> from spm_lib.workspace import Brand
    >>> text = Text(sentences=(Sentence(text="Nothing happened."),))
    >>> render_pptx(build_document([text], title="Sales"), brand=Brand())[:2]
    b'PK'
    """
    cover = document.cover
    deck = Deck(
        Writer(document.edition),
        brand,
        title=document.title,
        client=cover.client if cover else "",
        day=cover.as_of if cover else _UNKNOWN_DAY,
    )
    told = cover_lines(cover, deck.write) if cover else ()
    _logo(deck, deck.cover(list(told)))
    leaves = outline(document)
    for heading in dict.fromkeys(leaf.heading for leaf in leaves):
        _section(deck, heading, [leaf.block for leaf in leaves if leaf.heading == heading])
    return deck.bytes()


def _section(deck: Deck, heading: str, blocks: Sequence[Block]) -> None:
    """Write a section's blocks; short words of a section stand under its first chart or table."""
    words = [p for block in blocks if isinstance(block, Text | Prose) for p in paragraphs(block)]
    shown = [block for block in blocks if isinstance(block, Chart | Table)]
    short = bool(shown) and sum(map(len, words)) <= _CAPTION
    for block in blocks:
        under = words if short and shown and block is shown[0] else []
        if isinstance(block, Text | Prose):
            continue
        _SLIDES[type(block)](deck, heading, block, under)
    if words and not short:
        title = heading or deck.write.language.text("Notes")
        metrics = [m for block in blocks if isinstance(block, Text) for m in metric_ids_of(block)]
        put_words(deck, title, [Words(told) for told in words], list(dict.fromkeys(metrics)))


def _summary(deck: Deck, heading: str, block: Summary, under: Sequence[str]) -> None:  # noqa: ARG001
    text = deck.write.language.text
    words: list[Words] = []
    for title, sentences in (
        (text("What happened"), block.happened),
        (text("Why"), block.why),
        (text("What to do"), block.todo),
    ):
        if sentences:
            words += [Words(title, heading=True), *(Words(s.text) for s in sentences)]
    put_words(deck, text("Summary"), words, metric_ids_of(block))


def _tiles(deck: Deck, heading: str, block: Tiles, under: Sequence[str]) -> None:  # noqa: ARG001
    put_tiles(deck, heading or deck.write.language.text("Key figures"), block)


def _chart(deck: Deck, heading: str, block: Chart, under: Sequence[str]) -> None:  # noqa: ARG001
    slide, area = deck.slide(block.title, metrics=metric_ids_of(block))
    lines = [line for line in (block.note, *under) if line]
    area = area.above(put_caption(deck, slide, area, lines))
    drawing = block.drawing
    if drawing is not None:
        put_chart(deck, slide, area, drawing, block.alt)
        return
    from spm_lib.charts import svg_png

    _placed(slide, area, svg_png(clean_svg(block.svg)), block.alt)


def _picture(deck: Deck, heading: str, block: Picture, under: Sequence[str]) -> None:  # noqa: ARG001
    slide, area = deck.slide(heading or deck.title)
    _placed(slide, area, base64.b64decode(block.png), block.alt)


def _placed(slide: Any, area: Area, png: bytes, alt: str) -> None:
    """Put a picture into the middle of an area, as large as it fits."""
    shape = slide.shapes.add_picture(io.BytesIO(png), area.left, area.top)
    share = min(area.width / shape.width, area.height / shape.height, 1)
    shape.width, shape.height = int(shape.width * share), int(shape.height * share)
    shape.left = area.left + (area.width - shape.width) // 2
    shape._element.nvPicPr.cNvPr.set("descr", marked(alt))


def _table(deck: Deck, heading: str, block: Table, under: Sequence[str]) -> None:
    title = " – ".join(part for part in (heading, block.title) if part) or deck.title
    heads = tuple(Slot(c.title, number=c.kind not in ("text", "date")) for c in block.columns)
    rows = tuple(
        tuple(
            _slot(cell, deck.write, column.decimals, number=head.number)
            for cell, column, head in zip(row, block.columns, heads, strict=True)
        )
        for row in block.rows
    )
    told = tuple(line for line in (block.note, *under) if line)
    put_table(deck, title, Sheet(heads, rows, told), metric_ids_of(block))


def _slot(cell: Cell, write: Writer, decimals: int | None, *, number: bool) -> Slot:
    if isinstance(cell, Told):
        return Slot(cell.text, number=number, strong=cell.strong, own=True)
    shown = write.cell(cell, decimals=decimals)
    return Slot(shown, number=number or isinstance(cell, Number))


def _definitions(
    deck: Deck,
    heading: str,
    block: Definitions,
    under: Sequence[str],  # noqa: ARG001
) -> None:
    text = deck.write.language.text
    heads = (Slot(text("Name")), Slot(text("Definition")), Slot(text("Metric")))
    rows = tuple(
        (
            Slot(e.name, strong=True),
            Slot(" ".join(part for part in (f"{e.formula}.", e.reading, e.null_rule) if part)),
            Slot(e.id, own=True),
        )
        for e in block.entries
    )
    if rows:
        put_table(deck, heading or text("Definitions"), Sheet(heads, rows), ())


def _receipts(
    deck: Deck,
    heading: str,
    block: Receipts,
    under: Sequence[str],  # noqa: ARG001
) -> None:
    text, count = deck.write.language.text, deck.write.count
    heads = (
        Slot(text("Data")),
        Slot(text("Rows read"), number=True),
        Slot(text("Used"), number=True),
        Slot(text("Set aside"), number=True),
        Slot(text("Why, and how much money")),
    )
    rows = tuple(
        (
            Slot(r.label),
            Slot(count(r.receipt.read), number=True),
            Slot(count(r.receipt.used), number=True),
            Slot(count(r.receipt.read - r.receipt.used), number=True),
            Slot("\n".join(_reasons(r.receipt.set_aside, deck.write))),
        )
        for r in block.receipts
    )
    scoped = any(r.receipt.scoped for r in block.receipts)
    told = (text("Rows outside the scope of this report are not counted."),) if scoped else ()
    put_table(deck, heading or text("Receipts"), Sheet(heads, rows, told), metric_ids_of(block))


def _reasons(parts: Any, write: Writer) -> list[str]:
    found = []
    for reason, part in sorted(parts.items()):
        money = "" if part.amount is None else f" ({write.minor(part.amount)})"
        told = embed(write.language.text(reason), write.language.direction)
        found.append(f"{told}: {write.count(part.rows)}{money}")
    return found


def _notices(deck: Deck, heading: str, block: Notices, under: Sequence[str]) -> None:  # noqa: ARG001
    text = deck.write.language.text
    words = [
        Words(n.text if n.amount is None else f"{n.text} ({deck.write.minor(n.amount)})")
        for n in block.notices
    ]
    nothing = [Words(text("Nothing unusual was found in the data."))]
    put_words(deck, heading or text("Notices"), words or nothing, metric_ids_of(block))


def _logo(deck: Deck, slide: Any) -> None:
    """Put the logo on the title slide, at the side where reading begins."""
    logo = deck.brand.logo
    if logo is None or deck.brand.template is not None:
        return
    if logo.suffix.lower() == ".svg":
        from spm_lib.charts import svg_png

        picture = svg_png(clean_svg(logo.read_text(encoding="utf-8")), scale=3.0)
    else:
        picture = logo.read_bytes()
    side = int(0.9 * INCH)
    shape = slide.shapes.add_picture(io.BytesIO(picture), side, int(0.7 * INCH))
    share = min(1.1 * INCH / shape.height, 3.5 * INCH / shape.width)
    shape.width, shape.height = int(shape.width * share), int(shape.height * share)
    if deck.right_to_left:
        shape.left = deck.width - side - shape.width
    shape._element.nvPicPr.cNvPr.set("descr", marked(deck.client))


_SLIDES: dict[type, Callable[..., None]] = {
    Summary: _summary,
    Tiles: _tiles,
    Chart: _chart,
    Picture: _picture,
    Table: _table,
    Definitions: _definitions,
    Receipts: _receipts,
    Notices: _notices,
}
