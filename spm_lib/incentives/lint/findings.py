"""One thing found in a plan: which rule, what, how much, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spm_lib.core.language import Language
from spm_lib.core.statement import Statement

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """A fault or a risk of a plan. A plan with an error does not run.

    Attributes
    ----------
    level, code
        "error" or "warning"; a short name of the kind of finding.
    rule
        The component or section it is about.
    amount
        How much is at stake, as text with its unit; empty where nothing can be reckoned.
    what, mend
        What was found, and what to write instead.
    """

    level: Level
    code: str
    rule: str
    amount: str
    what: Statement
    mend: Statement

    def tell(self, language: Language) -> str:
        """Return the finding in one line: rule, what, mend."""
        return f"{self.rule}: {self.what.tell(language)} {self.mend.tell(language)}"
