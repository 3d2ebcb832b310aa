"""The sliders of a plan file: one for each number of its rules, whatever the rules are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from spm_lib.core.errors import ParameterError
from spm_lib.core.language import Language
from spm_lib.core.money import exponent, to_minor
from spm_lib.dashboards.pay.number_kinds import is_whole, kind_of, most_of, moves, step_of
from spm_lib.dashboards.pay.number_words import group_of, label_of
from spm_lib.dashboards.pay.plan_text import (
    Path,
    Place,
    content_of,
    number_places,
    rewritten,
    written,
)
from spm_lib.dashboards.studio.levers import StudioLever


@dataclass(frozen=True)
class PlanLevers:
    """The levers of a plan's text.

    Attributes
    ----------
    text
        The file, as it stands.
    language
        Of labels and values.
    """

    text: str
    language: Language

    @cached_property
    def content(self) -> dict[str, Any]:
        """What the file says."""
        return content_of(self.text)

    @cached_property
    def places(self) -> dict[str, Place]:
        """The numbers that move, by the name of their lever."""
        found = [place for place in number_places(self.text) if moves(place.path)]
        return {_name(place.path): place for place in found}

    def all(self) -> list[StudioLever]:
        """Return the levers in the order of the file."""
        return [self._lever(name, place) for name, place in self.places.items()]

    def turned(self, values: Mapping[str, float]) -> dict[Path, Decimal]:
        """Return the numbers that are not as they stand in the file, exact and on their steps.

        Raises
        ------
        ParameterError
            If there is no such lever, or it does not go there.
        """
        known = {lever.name: lever for lever in self.all()}
        changed = {}
        for name, value in values.items():
            lever = known.get(name)
            if lever is None or not lever.low - 1e-9 <= value <= lever.high * (1 + 1e-9):
                raise ParameterError(
                    "There is no such lever, or it does not go there.",
                    found=f"{name} = {value}",
                    do="Move the sliders of the page",
                )
            place, low, step = self.places[name], Decimal(str(lever.low)), Decimal(str(lever.step))
            stops = ((Decimal(repr(value)) - low) / step).to_integral_value(ROUND_HALF_UP)
            exact = low + stops * step
            if exact != place.value:
                changed[place.path] = exact
        return changed

    def changed_text(self, changed: Mapping[Path, Decimal]) -> str:
        """Return the file with numbers changed."""
        return rewritten(self.text, changed) if changed else self.text

    def told(self, changed: Mapping[Path, Decimal]) -> dict[str, str]:
        """Return the levers' values as the reader reads them."""
        return {
            name: self._told(place.path, changed.get(place.path, Decimal(place.value)))
            for name, place in self.places.items()
        }

    def name_of(self, path: Path) -> str:
        """Return what a number is called, with the rule it belongs to."""
        group = group_of(self.content, path, self.language)
        label = label_of(self.content, path, self.language)
        return f"{self.language.isolate(group)}: {label}"

    def value_told(self, path: Path, value: Decimal) -> str:
        """Return a value of a number as the reader reads it."""
        return self._told(path, value)

    def _lever(self, name: str, place: Place) -> StudioLever:
        content, path, value = self.content, place.path, Decimal(place.value)
        most = most_of(content, path, value)
        step = Decimal(1) if is_whole(content, path) else step_of(value, most)
        return StudioLever(
            name,
            group_of(content, path, self.language),
            label_of(content, path, self.language),
            float(min(Decimal(0), value * 2)),
            float(most),
            float(step),
            float(value),
            lambda at: self._told(path, Decimal(repr(at))),
        )

    def _told(self, path: Path, value: Decimal) -> str:
        write, kind = self.language, kind_of(self.content, path)
        if kind == "share":
            return write.percent(value, _decimals(value * 100))
        if kind == "money":
            currency = self.content["plan"]["currency"]
            places = max(exponent(currency), _decimals(value)) if value % 1 else 0
            return write.money(to_minor(value, currency), currency, decimals=places)
        told = write.number(value, _decimals(value))
        return f"\u00d7 {told}" if kind == "factor" else told


def _name(path: Path) -> str:
    return ".".join(map(str, path))


def _decimals(value: Decimal) -> int:
    """Return how many decimals a number is written with: those it has, at most four."""
    return min(len(written(value).partition(".")[2]), 4)
