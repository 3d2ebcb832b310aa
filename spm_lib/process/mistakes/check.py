"""The check of tactical mistakes: planted ones found, those without an effect not accused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spm_lib.model import Company
from spm_lib.process.mistakes.find import find_mistakes


@dataclass(frozen=True)
class MistakesCheck:
    """Planted mistakes priced and found, rules without an effect priced and accused.

    Attributes
    ----------
    companies
        How many were looked at.
    planted, found
        Rules with an effect that had a price, and those of them that were called found.
    zeros, accused
        Rules without an effect that had a price, and those of them that were called found.
    with_accused
        Companies in which any rule without an effect was accused.
    """

    companies: int
    planted: int
    found: int
    zeros: int
    accused: int
    with_accused: int

    @property
    def false_share(self) -> float:
        """Share of everything called found that has no effect."""
        called = self.found + self.accused
        return self.accused / called if called else 0.0


def check_mistakes(companies: Iterable[Company], truth: Mapping[str, bool]) -> MistakesCheck:
    """Ask companies with planted mistakes what goes with losing.

    Parameters
    ----------
    companies
        What is asked.
    truth
        Rules, and whether deals that break one are won less often. Rules that are not named are
        left aside.
    """
    seen = planted = found = zeros = accused = wrong = 0
    for company in companies:
        before = accused
        seen += 1
        for verdict in find_mistakes(company).verdicts:
            effect = truth.get(verdict.rule.id)
            if verdict.gap is None or effect is None:
                continue
            planted += effect
            found += effect and verdict.found
            zeros += not effect
            accused += not effect and verdict.found
        wrong += accused > before
    return MistakesCheck(seen, planted, found, zeros, accused, wrong)
