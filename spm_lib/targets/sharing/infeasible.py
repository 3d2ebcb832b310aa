"""The refusal of a total that no numbers within the limits add up to."""

from __future__ import annotations

from collections.abc import Sequence

from spm_lib.core.errors import DataError
from spm_lib.core.money import from_minor

_MOST_NAMES = 8


class InfeasibleError(DataError):
    """A total that floors, ceilings, locks or kept figures leave no room for.

    Attributes
    ----------
    amount
        By how much, in the unit of the targets (minor units of money).
    over
        True: what must be given is over the total. False: what may be given is short of it.
    who
        The ids of those whose limits hold, the largest first.
    """

    def __init__(
        self, *, amount: int, over: bool, who: Sequence[str], total: int, currency: str | None
    ) -> None:
        self.amount, self.over, self.who = amount, over, tuple(who)
        short = _told(amount, currency)
        names = ", ".join(self.who[:_MOST_NAMES])
        more = len(self.who) - _MOST_NAMES
        names += f" and {more} more" if more > 0 else ""
        if over:
            what = f"Floors, locked and kept figures come to {short} more than there is to share."
            do = "Lower a floor, unlock somebody, or raise the target"
        else:
            what = f"Ceilings and locked figures leave {short} that nobody may take."
            do = (
                "Raise a ceiling, unlock somebody, give a basis to who has 0, top own figures up "
                "instead of keeping them, or lower the target"
            )
        super().__init__(what, found=f"{_told(total, currency)} to share; held by {names}", do=do)


def _told(amount: int, currency: str | None) -> str:
    return f"{from_minor(amount, currency):,} {currency}" if currency else f"{amount:,}"
