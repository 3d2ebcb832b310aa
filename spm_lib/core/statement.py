"""Statements: findings in words, as a message id and typed values, put into a language at print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from spm_lib.core.bidi import embed
from spm_lib.core.calendar import Period

if TYPE_CHECKING:
    from spm_lib.core.language import Language


@dataclass(frozen=True)
class Amount:
    """Money in a statement: minor units of a currency."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Share:
    """A ratio in a statement, printed in percent."""

    value: float
    decimals: int = 0


@dataclass(frozen=True)
class Points:
    """A distance between ratios in a statement, printed in percentage points without a sign."""

    value: float


@dataclass(frozen=True)
class Phrase:
    """A piece of text in a statement that is itself translated, such as a method's name."""

    text: str


@dataclass(frozen=True)
class Statement:
    """A finding: ``text`` is an English message id with named fields, ``values`` fill them.

    Numbers, money, shares, dates and periods are printed in the reader's language; plain text
    (names, ids) is isolated from the direction of the sentence; a tuple becomes a list in words.
    ``kind`` says what it is for: "happened", "why", "todo" or "note".
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    kind: str = "happened"

    def tell(self, language: Language) -> str:
        """Return the statement in a language."""
        values = {name: _worded(value, language) for name, value in self.values.items()}
        return language.text(self.text, **values)


def _worded(value: object, language: Language) -> str:
    if isinstance(value, tuple):
        return language.list([_worded(part, language) for part in value])
    if isinstance(value, Statement):
        return value.tell(language)
    if isinstance(value, Phrase):
        return language.text(value.text)
    if isinstance(value, Amount):
        return language.money(value.minor, value.currency, compact=True)
    if isinstance(value, Share):
        return language.percent(value.value, decimals=value.decimals)
    if isinstance(value, Points):
        return language.text("{points} points", points=language.number(value.value * 100, 1))
    if isinstance(value, Period):
        return language.period(value)
    if isinstance(value, date):
        return language.date(value)
    return _plain(value, language)


def _plain(value: object, language: Language) -> str:
    if isinstance(value, float):
        return language.number(value, decimals=1)
    if isinstance(value, int):
        return language.number(value)
    return embed(str(value), language.direction)
