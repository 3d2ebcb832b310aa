"""The studio's words: what its script shows, in the reader's language."""

from __future__ import annotations

from typing import Any

from spm_lib.core.language import Language


def words_of(language: Language, *, keeps: bool) -> dict[str, Any]:
    """Return the page's words; ``keeps``: whether scenarios are kept in the client's folder."""
    text = language.text
    return {
        "language": language.code,
        "direction": language.direction,
        "keeps": keeps,
        "levers": text("Levers"),
        "picture": text("Odds and targets"),
        "people": text("People"),
        "columns": [
            text("Name"),
            text("Target"),
            text("Of last year's pace"),
            text("Odds"),
            text("Expected, P10 to P90"),
            text("Own target"),
            text("Locked"),
            text("Leave, from and until"),
            text("Note"),
        ],
        "until": text("Leave: the first day back"),
        "name": text("Name of the scenario"),
        "saved": text("Saved scenarios"),
        "save": text("Save"),
        "load": text("Load"),
        "compare": text("Compare with it"),
        "reset": text("Start again"),
        "excel": text("Download as Excel"),
        "file": text("Download the scenario file"),
    }
