"""Clamp and redistribute: shares in proportion, each inside its limits, that add up to a total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

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

    def held(self, value: Fraction) -> Fraction:
        """Return the nearest value inside the limits."""
        above = max(value, Fraction(self.low))
        return above if self.high is None else min(above, Fraction(self.high))


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
    total: Fraction, *, weights: Sequence[Fraction], limits: Sequence[Limits]
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
    while free:
        weight = sum(weights[i] for i in free)
        parts = {i: weights[i] / weight if weight else Fraction(1, len(free)) for i in free}
        wanted = {i: rest * part for i, part in parts.items()}
        moved = {i: limits[i].held(wanted[i]) - wanted[i] for i in free}
        drift = sum(moved.values())
        held = [i for i in free if moved[i] and (drift == 0 or (moved[i] > 0) == (drift > 0))]
        for i in held or free:
            shares[i] = wanted[i] + moved[i]
        rest -= sum(shares[i] for i in held)
        if not held:
            break
        free = [i for i in free if i not in set(held)]
    return shares
