"""A page whose numbers come from results that are made once: their figures, and their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.model import Figure
from spm_lib.reports.blocks import Section, Sentence
from spm_lib.reports.pages.orders_parts import OrdersParts

Key = tuple[str, frozenset[tuple[str, str]]]


class ToldParts(OrdersParts):
    """What such pages share: every figure by its id and what it is of, and statements with them."""

    def every_figure(self) -> list[Figure]:
        """Return the figures of all results of the page."""
        raise NotImplementedError

    @property
    def tells(self) -> bool:
        """Whether the data is there that the results are made from: the deals."""
        return self.known("opportunities")

    @cached_property
    def _figures(self) -> Mapping[Key, Figure]:
        found = self.every_figure() if self.tells else []
        return {(f.metric, frozenset(f.by.items())): f for f in found}

    def told(self, metric: str, **by: str) -> Figure | None:
        """Return one figure of the page, none where it is not told."""
        return self._figures.get((metric, frozenset(by.items())))

    def of(self, *metrics: str) -> tuple[Figure, ...]:
        """Return all figures of some metrics."""
        return tuple(f for f in self._figures.values() if f.metric in metrics)

    def spoken(self, statements: Sequence[Statement], *metrics: str) -> tuple[Sentence, ...]:
        """Return statements as sentences that carry the figures of some metrics."""
        figures = self.of(*metrics)
        return tuple(
            self.noted(Sentence(text=s.tell(self.language), figures=figures)) for s in statements
        )

    def untold(self, title: str, error: DataError) -> Section:
        """Return a part that says why it has nothing to tell."""
        if not self.tells:
            return self.lacking(title, "opportunities")
        told = self.say("This cannot be told: {reason}", reason=self.text(error.what))
        return self.section(title, self.paragraph(told, tone="missing"))
