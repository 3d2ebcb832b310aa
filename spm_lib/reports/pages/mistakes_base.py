"""What the parts of the report of tactical mistakes share: the verdicts and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics import measure
from spm_lib.model import Figure
from spm_lib.process import Mistakes, Verdict, find_mistakes
from spm_lib.process.mistakes.rule import OWNERS
from spm_lib.reports.blocks import Sentence
from spm_lib.reports.pages.orders_parts import OrdersParts

Key = tuple[str, frozenset[tuple[str, str]]]


class MistakesBase(OrdersParts):
    """What all parts of the report of tactical mistakes are made from."""

    @cached_property
    def made(self) -> Mistakes:
        """The rules judged, and what went with breaking them."""
        return find_mistakes(self.company)

    @cached_property
    def _figures(self) -> Mapping[Key, Figure]:
        if not self.known("opportunities"):
            return {}
        return {(f.metric, frozenset(f.by.items())): f for f in self.made.figures()}

    @cached_property
    def amounts(self) -> Mapping[str, Figure]:
        """The amount of each open deal, by its id."""
        told = measure(self.company, "open.amount", by="opportunity_id").figures()
        return {f.by["opportunity_id"]: f for f in told}

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

    def named(self, verdict: Verdict) -> str:
        """Return a rule's name in the language of the report."""
        return self.text(verdict.rule.name.text)

    def whose(self, verdict: Verdict) -> str:
        """Return whose mistake it is, in words."""
        return self.text(OWNERS[verdict.rule.owner].text)

    def reason(self, why: Phrase | Statement) -> str:
        """Return why something is not told, in words."""
        return why.tell(self.language) if isinstance(why, Statement) else self.text(why.text)
