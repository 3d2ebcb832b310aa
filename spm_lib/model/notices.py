"""Notices: traps found in a client's data, told in the receipt and never mended in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spm_lib.core.language import language


@dataclass(frozen=True)
class Notice:
    """Something in the data that a reader of the numbers must know.

    ``values`` are the values it is about (at most ten), ``rows`` how many rows it touches,
    ``amount`` the money on them in minor units (null: none). ``message`` is an English message id,
    filled in with ``details`` by ``Language.text(message, **details)``.
    """

    kind: str
    table: str
    column: str
    values: tuple[str, ...]
    rows: int
    message: str
    amount: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return language("en").text(self.message, **self.details)


def shown(values: Sequence[str], *, most: int = 5) -> str:
    """Return the first few values for a message, and how many more there are.

    Examples
    --------
    >>> shown(["a", "b", "c"], most=2)
    'a, b, … (3)'
    """
    text = ", ".join(values[:most])
    return f"{text}, … ({len(values):,})" if len(values) > most else text
