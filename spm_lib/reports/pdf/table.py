"""Printed tables: the cells of a table as text, with what is needed to choose column widths."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from spm_lib.reports.pdf.text import BREAK, printable

_TRIED = 3  # the longest texts of a column: the widest is among them
_TALL = 400  # letters; a row with a longer cell may break over pages
_SHORT = 14  # rows; a table of no more stays on one page
_CELL = 18  # letters that stay together in a cell


def table_node(
    *,
    heads: Sequence[str],
    numeric: Sequence[bool],
    rows: Sequence[tuple[bool, Sequence[str]]],
    note: str = "",
    faint: Collection[tuple[int, int]] = (),
    ruled: bool = False,
) -> dict[str, Any]:
    """Return the node of a table; each row says whether its first cell is strong.

    Numbers stand at the right and are never broken; texts are, where a column is narrow. ``faint``
    are the places (row, column) that are printed grey; a ``ruled`` table has room to write in.

    Examples
    --------
    >>> node = table_node(heads=["Who", "n"], numeric=[False, True], rows=[(False, ["Noa", "3"])])
    >>> node["columns"][1]
    {'head': 'n', 'numeric': True, 'texts': ['3'], 'words': ['n', '3']}
    """
    whole = [(strong, [printable(cell, longest=_CELL) for cell in cells]) for strong, cells in rows]
    columns = [
        _column(head, right, [cells[i] for _, cells in whole if i < len(cells)])
        for i, (head, right) in enumerate(
            zip((printable(head, longest=_CELL) for head in heads), numeric, strict=True)
        )
    ]
    return {
        "kind": "table",
        "columns": columns,
        "rows": [
            {
                "strong": strong,
                "cells": cells,
                "faint": [column for column in range(len(cells)) if (row, column) in faint],
            }
            for row, (strong, cells) in enumerate(whole)
        ],
        "ruled": ruled,
        "together": len(whole) <= _SHORT and not _tall(whole),
        "tall": _tall(whole),
        "note": printable(note),
    }


def _column(head: str, numeric: bool, cells: list[str]) -> dict[str, Any]:  # noqa: FBT001
    lines = sorted({line for cell in cells for line in cell.split("\n")}, key=_length)
    texts = lines[-_TRIED:]
    pieces = {word for line in lines for word in re.split(rf"[ {BREAK}]", line)}
    words = sorted(pieces, key=_length)[-_TRIED:]
    longest = max(re.split(rf"\s|{BREAK}", head), key=len)
    return {
        "head": head,
        "numeric": numeric,
        "texts": texts,
        "words": [longest, *(texts if numeric else words)],
    }


def _length(text: str) -> tuple[int, str]:
    return len(text), text


def _tall(rows: Sequence[tuple[bool, Sequence[str]]]) -> bool:
    return any(len(cell) > _TALL for _, cells in rows for cell in cells)
