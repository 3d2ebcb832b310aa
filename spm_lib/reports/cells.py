"""Cells: what one place of a table, tile or sentence prints, still typed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from spm_lib.model.figures import Figure

Kind = Literal[
    "text",
    "date",
    "count",
    "ratio",
    "money",
    "days",
    "number",
    "times",
    "change",
    "points",
    "gap",
]
Part = Literal["value", "n", "low", "high", "used", "interval"]


class Piece(BaseModel):
    """A frozen part of a block; unknown fields are refused when a payload is read back."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Edition(Piece):
    """The language and the reporting currency a block is written in."""

    language: Literal["en", "he"] = "en"
    currency: str = "ILS"


class Words(Piece):
    """Text; what comes from client data is text of unknown direction and never markup.

    ``link`` is the anchor of a section of the same report that it leads to.
    """

    cell: Literal["words"] = "words"
    text: str
    strong: bool = False
    link: str = ""


class Day(Piece):
    """A date, printed as a day or as the period that starts on it."""

    cell: Literal["day"] = "day"
    day: date
    grain: Literal["day", "month"] = "day"


class Number(Piece):
    """A number: a part of a figure, so that nothing is printed without a metric id.

    ``part`` says which part of the figure is printed: its value, its n, one end of its interval,
    the whole interval, or the rows used. ``kind`` overrides how the unit is written; ``compact``
    writes money short (1.2M). A ``faint`` number rests on so few cases that it says little.

    Examples
    --------
    >>> from datetime import date
    >>> from spm_lib.model import Figure, Receipt
    >>> Number(figure=Figure("won.count", date(2026, 9, 30), "count", "12", Receipt(12))).shown
    '12'
    """

    cell: Literal["number"] = "number"
    figure: Figure
    part: Part = "value"
    kind: Kind | None = None
    compact: bool = False
    faint: bool = False

    @property
    def shown(self) -> str | None:
        """The decimal text behind this part; None where undefined, and for an interval."""
        if self.part == "n":
            return None if self.figure.n is None else str(self.figure.n)
        if self.part == "used":
            return str(self.figure.receipt.used)
        return None if self.part == "interval" else getattr(self.figure, self.part)


Cell = Annotated[Words | Day | Number, Field(discriminator="cell")] | None


def words(text: object, *, strong: bool = False, link: str = "") -> Words | None:
    """Return a text cell; None stays empty."""
    return None if text is None else Words(text=str(text), strong=strong, link=link)
