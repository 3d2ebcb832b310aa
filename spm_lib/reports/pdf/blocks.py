"""Printed blocks: the report model as the nodes and files that the print template draws."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree

from spm_lib.core.bidi import embed, first_strong
from spm_lib.reports.blocks import (
    Block,
    Chart,
    Cover,
    Definitions,
    Notices,
    Picture,
    Prose,
    Receipts,
    Section,
    Sentence,
    Summary,
    Table,
    TableReceipt,
    Text,
    Tile,
    Tiles,
)
from spm_lib.reports.drawing import clean_svg
from spm_lib.reports.pdf.prose import Node, prose_nodes
from spm_lib.reports.pdf.table import table_node
from spm_lib.reports.pdf.text import plain, printable
from spm_lib.reports.writing import Writer

_TILE = 18  # letters that stay together on a tile
_HEADING = 40
_PNG = b"\x89PNG\r\n\x1a\n"
_NUMBER = re.compile(r"\d+(\.\d+)?")
_ROUND = {4: 4, 7: 4, 8: 4}  # tiles -> tiles in a row; else three


class Printer:
    """Turns blocks into nodes; pictures become files beside them.

    Examples
    --------
    >>> from spm_lib.reports.cells import Edition
    >>> printer = Printer(Writer(Edition(language="en")))
    >>> printer.put([Text(sentences=(Sentence(text="$x$"),))])
    >>> printer.nodes
    [{'kind': 'para', 'runs': [{'text': '$x$'}]}]
    """

    def __init__(self, write: Writer) -> None:
        self.write = write
        self.nodes: list[Node] = []
        self.files: dict[str, bytes] = {}
        self._level = 0

    @property
    def headings(self) -> int:
        """How many headings of the first level there are."""
        return sum(n["kind"] == "heading" and n["level"] == 1 for n in self.nodes)

    def put(self, blocks: Iterable[Block], *, level: int = 1) -> None:
        """Add blocks; their own headings stand on this level."""
        for block in blocks:
            _DRAWN[type(block)](self, block, level)

    def _text(self, msgid: str, **values: object) -> str:
        return self.write.language.text(msgid, **values)

    def _add(self, node: Node) -> None:
        self._leveled([node])
        self.nodes.append(node)

    def _leveled(self, nodes: Iterable[Node]) -> None:
        """Let no heading be more than one level under the one before it."""
        for node in nodes:
            if node["kind"] == "heading":
                self._level = node["level"] = min(node["level"], self._level + 1)
            self._leveled(node.get("nodes", ()))
            for item in node.get("items", ()):
                self._leveled(item)

    def _heading(self, title: str, level: int) -> None:
        if title:
            text = printable(title, longest=_HEADING)
            self._add({"kind": "heading", "level": level, "text": text})

    def _cover(self, _block: Cover, _level: int) -> None:
        """Leave the cover out: it is a page of its own."""

    def _summary(self, block: Summary, level: int) -> None:
        self._heading(self._text("Summary"), level)
        parts = (
            ("happened", self._text("What happened"), block.happened),
            ("why", self._text("Why"), block.why),
            ("todo", self._text("What to do"), block.todo),
        )
        for role, title, sentences in parts:
            if sentences:
                heading = {"kind": "heading", "level": level + 1, "text": title}
                texts = _texts(sentences)
                body = texts if len(texts) == 1 else [_listed(texts)]
                self._add({"kind": "part", "role": role, "nodes": [heading, *body]})

    def _words(self, block: Text, _level: int) -> None:
        if block.tone == "verbatim":
            text = printable("".join(s.text for s in block.sentences), longest=80)
            self._add({"kind": "verbatim", "text": text, "dir": first_strong(text) or "ltr"})
        elif block.tone == "plain":
            for node in _texts(block.sentences):
                self._add(node)
        else:
            self._add({"kind": "notice", "role": block.tone, "nodes": _texts(block.sentences)})

    def _prose(self, block: Prose, level: int) -> None:
        nodes = prose_nodes(block.markdown)
        for node in nodes:
            if node["kind"] == "heading":
                node["level"] += level - 1
        turned = first_strong(block.markdown) or self.write.language.direction
        if turned == self.write.language.direction:
            for node in nodes:
                self._add(node)
        else:
            self._add({"kind": "turned", "dir": turned, "nodes": nodes})

    def _tiles(self, block: Tiles, _level: int) -> None:
        count = len(block.tiles)
        node = {"kind": "tiles", "columns": _ROUND.get(count, 3)}
        self._add({**node, "tiles": [self._tile(tile) for tile in block.tiles]})

    def _tile(self, tile: Tile) -> Node:
        node = {
            "label": printable(tile.label, longest=_TILE),
            "value": printable(self.write.number(tile.number)),
            "note": printable(tile.note, longest=_TILE),
        }
        if tile.change:
            node["change"] = printable(self.write.number(tile.change))
            node["against"] = printable(tile.change_note, longest=_TILE)
            node["mood"] = self.write.mood(tile.change, tile.good)
        return node

    def _table(self, block: Table, level: int) -> None:
        self._heading(block.title, level)
        numeric = [column.kind not in ("text", "date") for column in block.columns]
        rows = []
        for row in block.rows:
            texts = [
                self._cell(self.write.cell(cell, decimals=column.decimals), column.kind)
                for cell, column in zip(row, block.columns, strict=True)
            ]
            strong = bool(row) and getattr(row[0], "strong", False)
            rows.append((strong, texts))
        heads = [column.title for column in block.columns]
        faint = {
            (row, column)
            for row, cells in enumerate(block.rows)
            for column, cell in enumerate(cells)
            if getattr(cell, "faint", False)
        }
        node = table_node(
            heads=heads,
            numeric=numeric,
            rows=rows,
            note=block.note,
            faint=faint,
            ruled=block.ruled,
        )
        self._add(node)

    def _cell(self, text: str, kind: str) -> str:
        if kind == "date":
            return text.replace(" ", "\u00a0")  # a day stays on one line
        return embed(text, self.write.language.direction) if kind == "text" else text

    def _chart(self, block: Chart, _level: int) -> None:
        svg = clean_svg(block.svg)
        node = self._pictured(svg.encode(), "svg", alt=block.alt, sides=_sides(svg))
        self._add({**node, "note": printable(block.note), "grow": True})

    def _picture(self, block: Picture, _level: int) -> None:
        alt = block.alt or self._text("Picture")
        try:
            png = base64.b64decode(block.png, validate=True)
        except binascii.Error:
            png = b""
        if png.startswith(_PNG) and len(png) > 24:
            sides = (max(int.from_bytes(png[at : at + 4]), 1) for at in (16, 20))
            self._add(self._pictured(png, "png", alt=alt, sides=(next(sides), next(sides))))
        else:
            self._add({"kind": "para", "runs": [{"text": printable(alt)}]})

    def _pictured(
        self, content: bytes, suffix: str, *, alt: str, sides: tuple[float, float]
    ) -> Node:
        """Keep a picture as a file, and return its node."""
        name = f"picture-{len(self.files)}.{suffix}"
        self.files[name] = content
        width, height = sides
        node = {"kind": "picture", "file": name, "alt": plain(alt), "note": "", "grow": False}
        return {**node, "width": width, "height": height}

    def _definitions(self, block: Definitions, _level: int) -> None:
        entries = [
            {
                "name": printable(entry.name),
                "id": printable(entry.id, longest=24),
                "formula": printable(f"{entry.formula}."),
                "reading": printable(" ".join(t for t in (entry.reading, entry.null_rule) if t)),
            }
            for entry in block.entries
        ]
        self._add({"kind": "definitions", "entries": entries})

    def _receipts(self, block: Receipts, _level: int) -> None:
        heads = ("Data", "Rows read", "Used", "Set aside", "Why, and how much money")
        node = table_node(
            heads=[self._text(head) for head in heads],
            numeric=[False, True, True, True, False],
            rows=[(False, self._receipt(r)) for r in block.receipts],
        )
        if block.receipts and block.receipts[0].receipt.scoped:
            node["note"] = self._text("Rows outside the scope of this report are not counted.")
        self._add(node)

    def _receipt(self, entry: TableReceipt) -> list[str]:
        receipt, count = entry.receipt, self.write.count
        why = []
        for reason, part in sorted(receipt.set_aside.items(), key=lambda item: item[0].lower()):
            money = "" if part.amount is None else f" ({self.write.minor(part.amount)})"
            told = embed(self._text(reason), self.write.language.direction)
            why.append(f"{told}: {count(part.rows)}{money}")
        numbers = (receipt.read, receipt.used, receipt.read - receipt.used)
        return [entry.label, *(count(n) for n in numbers), "\n".join(why)]

    def _notices(self, block: Notices, _level: int) -> None:
        if not block.notices:
            text = self._text("Nothing unusual was found in the data.")
            self._add({"kind": "para", "runs": [{"text": text}]})
            return
        items: list[list[Node]] = []
        for entry in block.notices:
            runs: list[Node] = [{"text": printable(entry.text)}]
            if entry.amount is not None:
                runs.append({"text": f" ({self.write.minor(entry.amount)})", "fine": True})
            items.append([{"kind": "para", "runs": runs}])
        self._add({"kind": "list", "start": None, "items": items})

    def _section(self, block: Section, level: int) -> None:
        self._heading(block.title, level)
        self.put(block.blocks, level=level + 1)


def _texts(sentences: Iterable[Sentence]) -> list[Node]:
    return [{"kind": "para", "runs": [{"text": printable(s.text)}]} for s in sentences]


def _listed(paragraphs: list[Node]) -> Node:
    return {"kind": "list", "start": None, "items": [[p] for p in paragraphs]}


def _sides(svg: str) -> tuple[float, float]:
    """Return width and height of a drawing."""
    root = ElementTree.fromstring(svg).attrib
    box = root.get("viewBox", "").replace(",", " ").split()[2:]
    told = box if len(box) == 2 else [root.get(side, "") for side in ("width", "height")]
    found = [float(m[0]) if (m := _NUMBER.match(side)) else 0.0 for side in told]
    return found[0] or 100.0, found[1] or 100.0


_DRAWN: dict[type, Callable[[Printer, Any, int], None]] = {
    Cover: Printer._cover,
    Summary: Printer._summary,
    Text: Printer._words,
    Prose: Printer._prose,
    Tiles: Printer._tiles,
    Table: Printer._table,
    Chart: Printer._chart,
    Picture: Printer._picture,
    Definitions: Printer._definitions,
    Receipts: Printer._receipts,
    Notices: Printer._notices,
    Section: Printer._section,
}
