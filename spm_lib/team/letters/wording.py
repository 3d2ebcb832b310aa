"""What a letter says, as message ids and typed values: the same in every language and format."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from spm_lib.core.bidi import embed

if TYPE_CHECKING:
    from spm_lib.core.language import Language


class Piece(BaseModel):
    """A frozen piece of a letter; unknown fields are refused when it is read back."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Percent(Piece):
    """A share, printed in percent with as many decimals as it has, two at most."""

    kind: Literal["percent"] = "percent"
    value: Decimal

    def tell(self, language: Language) -> str:
        """Return it as written in a language."""
        return language.percent(self.value, _decimals(self.value * 100))


class Money(Piece):
    """Money in minor units, printed in full."""

    kind: Literal["money"] = "money"
    minor: int
    currency: str

    def tell(self, language: Language) -> str:
        """Return it as written in a language."""
        return language.money(self.minor, self.currency)


class Plain(Piece):
    """A number, printed with as many decimals as it has, two at most."""

    kind: Literal["number"] = "number"
    value: Decimal

    def tell(self, language: Language) -> str:
        """Return it as written in a language."""
        return language.number(self.value, _decimals(self.value))


class On(Piece):
    """A day."""

    kind: Literal["day"] = "day"
    day: date

    def tell(self, language: Language) -> str:
        """Return it as written in a language."""
        return language.date(self.day)


class Name(Piece):
    """Text of the client's own, such as a person's name; it is never translated."""

    kind: Literal["name"] = "name"
    text: str

    def tell(self, language: Language) -> str:
        """Return it, kept from disturbing the sentence around it."""
        return embed(self.text, language.direction)


class Known(Piece):
    """A message id of the catalogues, put into the reader's language."""

    kind: Literal["known"] = "known"
    text: str

    def tell(self, language: Language) -> str:
        """Return it in a language."""
        return language.text(self.text)


class Texts(Piece):
    """Text of the client's own, by language; where one is missing, the other."""

    kind: Literal["texts"] = "texts"
    texts: dict[str, str]

    def tell(self, language: Language) -> str:
        """Return the text of a language."""
        return self.texts.get(language.code) or next(iter(self.texts.values()), "")


class Several(Piece):
    """An enumeration."""

    kind: Literal["several"] = "several"
    parts: tuple[Value, ...] = ()

    def tell(self, language: Language) -> str:
        """Return its parts as a list in words."""
        return language.list([part.tell(language) for part in self.parts])


class Line(Piece):
    """A sentence of a letter: a message id, and the typed values that fill it.

    Examples
    --------
    >>> from spm_lib.core.language import language
    >>> paid = line("{component}: {rate} of {base}.", component="Sales", rate=Decimal("0.05"),
    ...             base=Known(text="sales"))
    >>> paid.tell(language("en"))
    'Sales: 5% of sales.'
    """

    kind: Literal["line"] = "line"
    text: str
    values: dict[str, Value] = {}

    def tell(self, language: Language) -> str:
        """Return the sentence in a language."""
        return language.text(self.text, **{k: v.tell(language) for k, v in self.values.items()})


Value = Annotated[
    Percent | Money | Plain | On | Name | Known | Texts | Several | Line,
    Field(discriminator="kind"),
]
Several.model_rebuild()
Line.model_rebuild()


def line(text: str, **values: Value | Decimal | date | str) -> Line:
    """Return a line; a bare decimal is a share, bare text a name, a bare date a day."""
    return Line(text=text, values={name: _value(value) for name, value in values.items()})


def _value(value: Value | Decimal | date | str) -> Value:
    if isinstance(value, Decimal):
        return Percent(value=value)
    if isinstance(value, date):
        return On(day=value)
    return Name(text=value) if isinstance(value, str) else value


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return min(max(-exponent, 0), 2) if isinstance(exponent, int) else 0
