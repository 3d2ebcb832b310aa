"""The fields of a response as widgets: filled with an answer, and read back as they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import ipywidgets as widgets

from spm_lib.core.language import Language
from spm_lib.dashboards.kit import Kit
from spm_lib.team import Response, response_content
from spm_lib.team.responses.choices import (
    CATEGORY_WORDS,
    CONFIDENCE_WORDS,
    DECISION_WORDS,
    metric_choices,
)
from spm_lib.team.responses.response_faults import FIELDS, Place, field_name
from spm_lib.team.responses.response_of import MOST

_ROWS = {"worries": 3, "ideas": 2, "goals": 3}  # shown blank; one more than is filled in
_KEYS = {
    "worries": ("category", "text"),
    "goals": ("metric", "measure", "due", "help_wanted"),
}


class ResponseFields:
    """The fields; ``box`` shows them, ``content`` reads them.

    Parameters
    ----------
    answered
        What stands in them to begin with; null: nothing.
    """

    def __init__(self, kit: Kit, language: Language, answered: Response | None) -> None:
        self.kit, self.language = kit, language
        self.fields: dict[Place, Any] = {}
        given = response_content(answered) if answered else {}
        parts: list[widgets.Widget] = [self._single(key, given.get(key)) for key in _SINGLE]
        for name in MOST:
            parts.append(kit.html(f"<h2>{self.language.text(FIELDS[name])}</h2>"))
            rows = given.get(name, [])
            shown = min(MOST[name], max(_ROWS[name], len(rows) + 1))
            blank = [None] * (shown - len(rows))
            parts += [self._row(name, at, row) for at, row in enumerate([*rows, *blank])]
        self.box = kit.make(widgets.VBox, parts).add_class("spm-form")

    def content(self) -> dict[str, Any]:
        """Return what stands in the fields, as ``response_of`` takes it."""
        told: dict[str, Any] = {key: self.fields[key,].value for key in _SINGLE}
        for name in MOST:
            rows: dict[int, Any] = {}
            for place, field in self.fields.items():
                if place[0] != name:
                    continue
                at = int(place[1])
                if len(place) == 2:
                    rows[at] = field.value
                else:
                    rows.setdefault(at, {})[place[2]] = field.value
            told[name] = [rows[at] for at in sorted(rows)]
        return told

    def _single(self, key: str, value: Any) -> widgets.Widget:
        return self._field((key,), value)

    def _row(self, name: str, at: int, value: Any) -> widgets.Widget:
        if name not in _KEYS:
            return self._field((name, at), value)
        fields = [self._field((name, at, key), (value or {}).get(key)) for key in _KEYS[name]]
        return self.kit.make(widgets.HBox, fields).add_class("spm-row")

    def _field(self, place: Place, value: Any) -> widgets.Widget:
        """Make a field; its label is what a fault calls it."""
        said = {"description": field_name(place, self.language)}
        key = str(place[-1]) if isinstance(place[-1], str) else str(place[0])
        if key in ("read_on", "due"):
            day = date.fromisoformat(value) if value else None
            made = self.kit.make(widgets.DatePicker, value=day, **said)
        elif key in _CHOICES:
            made = self.kit.make(widgets.Dropdown, options=self._options(key), value=value or "",
                                 **said)  # fmt: skip
        else:
            kind = widgets.Text if key == "help_wanted" else widgets.Textarea
            made = self.kit.make(kind, value=value or "", **said)
        self.fields[place] = made
        return made

    def _options(self, key: str) -> list[tuple[str, Any]]:
        words = metric_choices(self.language) if key == "metric" else _CHOICES[key]
        return [("–", ""), *((self.language.text(text), value) for value, text in words.items())]


_SINGLE = ("read_on", "decision", "confidence", "remarks")
_CHOICES: dict[str, dict[Any, str]] = {
    "decision": DECISION_WORDS,
    "confidence": CONFIDENCE_WORDS,
    "category": CATEGORY_WORDS,
    "metric": {},
}
