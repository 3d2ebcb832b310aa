"""Export: the blocks of an executed notebook, read into the report model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from spm_lib.core.errors import ReportError
from spm_lib.reports.blocks import MIME, Block, Picture, Prose, Sentence, Text, read_block
from spm_lib.reports.cells import Edition
from spm_lib.reports.document import Document, build_document
from spm_lib.reports.runs.parameters import source_of

HIDDEN_TAGS = frozenset({"note", "parameters", "injected-parameters", "hide"})


def document_of(
    notebook: Mapping[str, Any], *, title: str, edition: Edition | None = None
) -> Document:
    """Return the document that an executed notebook makes.

    Blocks are taken as they are. What an analyst adds comes along: a markdown cell as prose, a
    printed text as text, a picture as a picture. Cells tagged ``note`` or ``hide`` stay behind, and
    code is never shown. ``title`` is used where the notebook has neither cover nor heading, and
    ``edition`` where its blocks do not say theirs.

    Raises
    ------
    ReportError
        If nothing in the notebook can be shown, or a block's payload is not one.

    Examples
    --------
    >>> page = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "# Hello"}]}
    >>> document_of(page, title="page").title
    'Hello'
    """
    edition = edition or Edition()
    blocks = [block for cell in notebook["cells"] for block in _blocks_of(cell, edition)]
    if not blocks:
        raise ReportError(
            "The notebook made nothing to show.",
            found="no block, text or picture in any cell",
            do="Let a cell end in a call that returns a block",
        )
    title, blocks = _titled(blocks, title)
    return build_document(blocks, title=title)


def _titled(blocks: list[Block], title: str) -> tuple[str, list[Block]]:
    """Take the title from a leading markdown heading, where there is one."""
    first = blocks[0]
    if not isinstance(first, Prose) or not first.markdown.startswith("# "):
        return title, blocks
    heading, _, rest = first.markdown.partition("\n")
    rest = rest.strip()
    kept = [Prose(edition=first.edition, markdown=rest)] if rest else []
    return heading[2:].strip(), [*kept, *blocks[1:]]


def _blocks_of(cell: Mapping[str, Any], edition: Edition) -> Iterator[Block]:
    if HIDDEN_TAGS & set(cell.get("metadata", {}).get("tags", ())):
        return
    if cell["cell_type"] == "markdown":
        if source_of(cell).strip():
            yield Prose(edition=edition, markdown=source_of(cell).strip())
        return
    for output in cell.get("outputs", ()):
        block = _block_of(output, edition)
        if block is not None:
            yield block


def _block_of(output: Mapping[str, Any], edition: Edition) -> Block | None:
    if output["output_type"] == "stream":
        return _verbatim(output["text"], edition) if output["name"] == "stdout" else None
    data = output.get("data", {})
    if MIME in data:
        try:
            return read_block(data[MIME])
        except ValidationError as error:
            raise ReportError(
                "A block in the notebook cannot be read back.",
                found=f"{error.error_count()} faults, the first: {error.errors()[0]['msg']}",
                do="Run the notebook again with this version of the library",
            ) from None
    if "image/png" in data:
        png = _joined(data["image/png"]).replace("\n", "")
        return Picture(edition=edition, png=png, alt=_joined(data.get("text/plain", "")))
    return _verbatim(data["text/plain"], edition) if "text/plain" in data else None


def _verbatim(text: Any, edition: Edition) -> Text:
    return Text(edition=edition, sentences=(Sentence(text=_joined(text)),), tone="verbatim")


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)
