"""The receipt: rows read = rows used + rows set aside, with reasons and money, on every total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SetAside:
    """Rows left out of a figure for one reason.

    ``amount`` is the money on those rows in minor units of the reporting currency; null (None)
    means that none of them carries an amount.
    """

    rows: int
    amount: int | None = None


@dataclass(frozen=True)
class Receipt:
    """What a figure was made from: ``used + set aside = read``, counted after scope.

    ``scoped`` says that a scope removed rows; how many is never told.

    Examples
    --------
    >>> Receipt(used=3, set_aside={"open": SetAside(2, 500)}).read
    5
    """

    used: int
    set_aside: Mapping[str, SetAside] = field(default_factory=dict)
    scoped: bool = False

    @property
    def read(self) -> int:
        """Rows read: used and set aside together."""
        return self.used + sum(part.rows for part in self.set_aside.values())

    def to_dict(self, exponent: int) -> dict[str, object]:
        """Return the record written to figures.json, with money as decimal text."""
        return {
            "used": self.used,
            "set_aside": {
                reason: {"rows": part.rows, "amount": minor_text(part.amount, exponent)}
                for reason, part in sorted(self.set_aside.items())
            },
            "scoped": self.scoped,
        }


def minor_text(minor: int | None, exponent: int) -> str | None:
    """Return minor units as decimal text, null as null.

    Examples
    --------
    >>> minor_text(-1234, 2)
    '-12.34'
    >>> minor_text(1234, 0)
    '1234'
    """
    if minor is None:
        return None
    if exponent == 0:
        return str(minor)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"
