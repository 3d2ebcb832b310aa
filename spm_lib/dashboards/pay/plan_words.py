"""The words of the designer's page: what its script shows, in the reader's language."""

from __future__ import annotations

from typing import Any

from spm_lib.core.language import Language


def plan_words(language: Language) -> dict[str, Any]:
    """Return the page's words."""
    text = language.text
    return {
        "language": language.code,
        "direction": language.direction,
        "keeps": True,
        "levers": text("The plan's numbers"),
        "picture": text("Pay curve and cost"),
        "people": text("People"),
        "shows": ["old", "new", "change", "share_told"],
        "columns": [
            text("Name"),
            text("Beside it"),
            text("As the sliders stand"),
            text("Change"),
            text("Change in percent"),
        ],
        "name": text("Name of the new plan"),
        "saved": text("Pay plans"),
        "save": text("Save as a new plan"),
        "load": text("Open"),
        "compare": text("Set beside it"),
        "reset": text("Start again"),
        "excel": text("Download as Excel"),
        "file": text("Download the plan file"),
    }
