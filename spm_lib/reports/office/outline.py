"""The outline: a document's blocks in reading order, each with the heading it stands under."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spm_lib.reports.blocks import Block, Cover, Prose, Section, Text
from spm_lib.reports.document import Document
from spm_lib.reports.writing import Writer


@dataclass(frozen=True)
class Leaf:
    """A block that is no section, and the heading of the section it stands in (or none)."""

    heading: str
    block: Block


def outline(document: Document) -> list[Leaf]:
    """Return the blocks of lead, evidence and annex in reading order.

    Examples
    --------
    >>> from spm_lib.reports.blocks import Sentence
    >>> from spm_lib.reports.document import build_document
    >>> inner = Text(sentences=(Sentence(text="Hello"),))
    >>> made = build_document([Section(title="One", blocks=(inner,))], title="page")
    >>> [(leaf.heading, leaf.block.type) for leaf in outline(made)]
    [('One', 'text')]
    """
    return list(_leaves((*document.lead, *document.evidence, *document.annex), ""))


def _leaves(blocks: Iterable[Block], heading: str) -> Iterator[Leaf]:
    for block in blocks:
        if isinstance(block, Section):
            yield from _leaves(block.blocks, block.title)
        else:
            yield Leaf(heading, block)


def paragraphs(block: Text | Prose) -> list[str]:
    r"""Return the paragraphs of a text or of a markdown cell, without markup.

    Examples
    --------
    >>> paragraphs(Prose(markdown="## Why\n\nIt was **late**."))
    ['Why', 'It was late.']
    """
    if isinstance(block, Text):
        if block.tone == "verbatim":
            return ["".join(s.text for s in block.sentences)]
        return [sentence.text for sentence in block.sentences]
    from spm_lib.reports.html.prose import render_markdown

    parts = (part for part in block.markdown.split("\n\n") if part.strip())
    return [render_markdown(part).striptags() for part in parts]


def metric_ids_of(block: Block) -> list[str]:
    """Return the ids of the metrics that a block prints, in order, once each."""
    return list(dict.fromkeys(figure.metric for figure in block.figures_used()))


def cover_lines(cover: Cover, write: Writer) -> tuple[str, ...]:
    """Return the lines of a cover below its title: whom it is about, what it covers, how fresh."""
    lines = (cover.client, cover.audience, cover.subtitle, write.freshness(cover))
    return tuple(line for line in lines if line)
