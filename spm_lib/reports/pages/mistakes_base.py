"""What the parts of the report of tactical mistakes share: the verdicts and their figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from spm_lib.core.statement import Phrase, Statement
from spm_lib.metrics import measure
from spm_lib.model import Figure
from spm_lib.process import Mistakes, Verdict, find_mistakes
from spm_lib.process.mistakes.rule import OWNERS
from spm_lib.reports.pages.told_parts import ToldParts


class MistakesBase(ToldParts):
    """What all parts of the report of tactical mistakes are made from."""

    @cached_property
    def made(self) -> Mistakes:
        """The rules judged, and what went with breaking them."""
        return find_mistakes(self.company)

    def every_figure(self) -> list[Figure]:
        """Return the figures of the rules."""
        return self.made.figures()

    @cached_property
    def amounts(self) -> Mapping[str, Figure]:
        """The amount of each open deal, by its id."""
        told = measure(self.company, "open.amount", by="opportunity_id").figures()
        return {f.by["opportunity_id"]: f for f in told}

    def named(self, verdict: Verdict) -> str:
        """Return a rule's name in the language of the report."""
        return self.text(verdict.rule.name.text)

    def whose(self, verdict: Verdict) -> str:
        """Return whose mistake it is, in words."""
        return self.text(OWNERS[verdict.rule.owner].text)

    def reason(self, why: Phrase | Statement) -> str:
        """Return why something is not told, in words."""
        return why.tell(self.language) if isinstance(why, Statement) else self.text(why.text)
