"""Clamp and redistribute: shares in proportion, each inside its limits, that add up to a total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from spm_lib.targets.sharing.infeasible import InfeasibleError


@dataclass(frozen=True)
class Limits:
    """What one may be given: at least ``low``, at most ``high`` (None: no ceiling)."""

    low: int = 0
    high: int | None = None

    @property
    def locked(self) -> bool:
        """Whether there is no choice."""
        return self.low == self.high

    def held(self, value: int, common: int) -> int:
        """Return the nearest value inside the limits; both are whole numbers of 1 / ``common``."""
        above = max(value, self.low * common)
        return above if self.high is None else min(above, self.high * common)


def check_room(
    total: Fraction,
    *,
    keys: Sequence[str],
    limits: Sequence[Limits],
    currency: str | None = None,
) -> None:
    """Refuse a total that no numbers inside the limits add up to.

    Raises
    ------
    InfeasibleError
        With how much is over or short, and whose limits hold.
    """
    least = sum(limit.low for limit in limits)
    if least > total:
        held = [(limit.low, key) for key, limit in zip(keys, limits, strict=True) if limit.low]
        raise InfeasibleError(
            amount=-((total - least).__floor__()),
            over=True,
            who=_largest(held),
            total=int(total),
            currency=currency,
        )
    tops = [limit.high for limit in limits]
    most = sum(top for top in tops if top is not None)
    if None not in tops and most < total:
        raise InfeasibleError(
            amount=(total - most).__ceil__(),
            over=False,
            who=_largest([(top or 0, key) for top, key in zip(tops, keys, strict=True)]),
            total=int(total),
            currency=currency,
        )


def _largest(held: list[tuple[int, str]]) -> list[str]:
    return [key for _, key in sorted(held, key=lambda pair: (-pair[0], pair[1]))]


def in_proportion(
    total: Fraction, *, weights: Sequence[Fraction | int], limits: Sequence[Limits]
) -> list[Fraction]:
    """Return shares in proportion to the weights, inside the limits, that sum to ``total``.

    Whoever would pass a limit is held at it and the rest is shared out anew among the others,
    until nobody passes one. The answer is the only one in which all who are not held have the same
    share per weight; where no weight is left the rest goes evenly. The total must have room (see
    ``check_room``).

    Source: the two-sided freezing of W3C CSS Flexible Box Layout, 9.7 (exact, ends after at most
    as many rounds as there are people).

    Examples
    --------
    >>> shares = in_proportion(
    ...     Fraction(100),
    ...     weights=[Fraction(3), Fraction(1), Fraction(1)],
    ...     limits=[Limits(high=40), Limits(), Limits()],
    ... )
    >>> [int(share) for share in shares]
    [40, 30, 30]
    """
    shares = [Fraction(limit.low) for limit in limits]
    free = [i for i, limit in enumerate(limits) if not limit.locked]
    rest = total - sum(limit.low for limit in limits if limit.locked)
    parts, _ = whole_parts(weights)
    while free:
        weight = sum(parts[i] for i in free)
        of = [parts[i] for i in free] if weight else [1] * len(free)
        common = (weight or len(free)) * rest.denominator  # all below are whole numbers of it
        wanted = [rest.numerator * part for part in of]
        ends = [limits[i].held(one, common) for i, one in zip(free, wanted, strict=True)]
        drift = sum(ends) - sum(wanted)
        moved = [end - one for end, one in zip(ends, wanted, strict=True)]
        kept = [bool(by) and (drift == 0 or (by > 0) == (drift > 0)) for by in moved]
        if not any(kept):
            for i, end in zip(free, ends, strict=True):
                shares[i] = Fraction(end, common)
            break
        for i, end, held in zip(free, ends, kept, strict=True):
            if held:
                shares[i] = Fraction(end, common)
                rest -= shares[i]
        free = [i for i, held in zip(free, kept, strict=True) if not held]
    return shares


def whole_parts(shares: Sequence[Fraction | int]) -> tuple[list[int], int]:
    """Return exact numbers as whole numbers of one common part, and how many parts make 1.

    Sums and comparisons of these cost a tenth of those of fractions.

    Examples
    --------
    >>> whole_parts([Fraction(1, 2), Fraction(1, 3), 2])
    ([3, 2, 12], 6)
    """
    common = lcm(*(share.denominator for share in shares))
    return [share.numerator * (common // share.denominator) for share in shares], common
