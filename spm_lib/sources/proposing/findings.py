"""What was guessed, what could not be told, and what is worth knowing of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sort = Literal["guess", "question", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that the proposal says, or asks; ``place`` is where in the workspace file."""

    sort: Sort
    place: str
    text: str


HEADINGS: dict[Sort, str] = {
    "question": "Could not tell - `spm check` stops until you decide",
    "guess": "Guessed - please confirm",
    "note": "Worth knowing",
}


def listed(findings: tuple[Finding, ...]) -> str:
    """Return findings as text, questions first."""
    parts: list[str] = []
    for sort, heading in HEADINGS.items():
        lines = [f"  - {f.place}: {f.text}" for f in findings if f.sort == sort]
        if lines:
            parts.append("\n".join([heading, *lines]))
    return "\n\n".join(parts)
