"""The report model: what every format of a report is drawn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from spm_lib.core.bidi import tame
from spm_lib.model.figures import Figure
from spm_lib.reports.blocks import Block, Cover, Edition, Section, Sentence, Summary
from spm_lib.reports.taming import tamed


@dataclass(frozen=True)
class Document:
    """A report: its cover, its one-page summary, the evidence, and the annex.

    Examples
    --------
    >>> from spm_lib.reports.blocks import Sentence, Text
    >>> text = Text(sentences=(Sentence(text="Hello"),))
    >>> build_document([text], title="A page of one's own").title
    "A page of one's own"
    """

    title: str
    edition: Edition
    cover: Cover | None
    lead: tuple[Block, ...]
    evidence: tuple[Block, ...]
    annex: tuple[Block, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in reading order, the cover first."""
        cover = (self.cover,) if self.cover else ()
        return (*cover, *self.lead, *self.evidence, *self.annex)

    @property
    def headline(self) -> tuple[Sentence, ...]:
        """What happened, as the summary tells it."""
        return next((b.happened for b in self.lead if isinstance(b, Summary)), ())

    @cached_property
    def figures(self) -> list[Figure]:
        """Every figure printed, once each, in reading order."""
        found: list[Figure] = []
        alike: dict[object, list[Figure]] = defaultdict(list)
        for figure in (f for block in self.blocks for f in block.figures_used()):
            seen = alike[figure.metric, figure.value, figure.n]
            if figure not in seen:
                seen.append(figure)
                found.append(figure)
        return found


def build_document(blocks: Sequence[Block], *, title: str) -> Document:
    """Return the report that a notebook's blocks make, in their order.

    The cover comes first and the annex last, wherever they stood; the summary and what stands
    before the first section is the lead. ``title`` is used where there is no cover. Every text is
    tamed here, for all formats at once.
    """
    blocks = [tamed(block) for block in blocks]
    cover = next((b for b in blocks if isinstance(b, Cover)), None)
    rest = [b for b in blocks if not isinstance(b, Cover)]
    annex = [b for b in rest if isinstance(b, Section) and b.part == "annex"]
    body = [b for b in rest if b not in annex]
    lead = [b for b in body if isinstance(b, Summary)]
    edition = cover.edition if cover else (rest[0].edition if rest else Edition())
    return Document(
        title=cover.title if cover else tame(title),
        edition=edition,
        cover=cover,
        lead=tuple(lead),
        evidence=tuple(b for b in body if b not in lead),
        annex=tuple(annex),
    )
