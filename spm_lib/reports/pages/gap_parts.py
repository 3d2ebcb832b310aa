"""The parts of a gap between two products: volume x win rate x deal size, exact to the cent.

Each part is by the logarithmic mean Divisia index (LMDI, Ang 2004): exact, additive, and the same
in whatever order the factors are taken. Where a factor is 0 logarithms end, and the parts are
Shapley's instead: means over all orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import exp, log, prod

FACTORS = ("volume", "win_rate", "deal_size")


@dataclass(frozen=True)
class Product:
    """Closed deals x win rate x average won deal (minor units) = won amount.

    Examples
    --------
    >>> Product(40, 0.25, 30_000).amount
    300000.0
    """

    volume: float
    win_rate: float
    deal_size: float

    @property
    def amount(self) -> float:
        """The product."""
        return prod(self.factors)

    @property
    def factors(self) -> tuple[float, float, float]:
        """The factors, in the order of ``FACTORS``."""
        return self.volume, self.win_rate, self.deal_size

    def filled(self, other: Product) -> Product:
        """Return this product with factors that nobody can know taken from another.

        Without a closed deal there is no win rate, without a won one no deal size: all of the gap
        is then the volume's (or the rate's).
        """
        rate = self.win_rate if self.volume else other.win_rate
        size = self.deal_size if self.volume * rate and self.win_rate else other.deal_size
        return Product(self.volume, rate, size)


def gap_parts(now: Product, then: Product, *, gap: int) -> dict[str, int]:
    """Return the part of each factor in a gap of whole minor units; they add up to it exactly.

    Examples
    --------
    >>> parts = gap_parts(Product(50, 0.2, 1000), Product(40, 0.25, 1000), gap=0)
    >>> parts, sum(parts.values())
    ({'volume': 2231, 'win_rate': -2231, 'deal_size': 0}, 0)
    >>> sum(gap_parts(Product(0, 0, 0), Product(40, 0.25, 1000), gap=-10_000).values())
    -10000
    """
    now, then = now.filled(then), then.filled(now)
    both = list(zip(now.factors, then.factors, strict=True))
    told = _lmdi(both) if all(a > 0 and b > 0 for a, b in both) else _shapley(both)
    return dict(zip(FACTORS, _whole(told, gap), strict=True))


def _lmdi(factors: Sequence[tuple[float, float]]) -> list[float]:
    now, then = (prod(pair[side] for pair in factors) for side in (0, 1))
    ratio = log(now / then)
    mean = (now - then) / ratio if abs(ratio) > 1e-12 else exp((log(now) + log(then)) / 2)
    return [mean * log(a / b) for a, b in factors]


def _shapley(factors: Sequence[tuple[float, float]]) -> list[float]:
    places = range(len(factors))
    found = [0.0] * len(factors)
    orders = list(permutations(places))
    for order in orders:
        state = [pair[1] for pair in factors]
        for place in order:
            before = prod(state)
            state[place] = factors[place][0]
            found[place] += prod(state) - before
    return [value / len(orders) for value in found]


def _whole(parts: Sequence[float], total: int) -> list[int]:
    """Round parts so that they add up; the largest remainders take what is left over."""
    spread = total - sum(parts)
    largest = max(range(len(parts)), key=lambda k: abs(parts[k]))
    exact = [part + (spread if k == largest else 0.0) for k, part in enumerate(parts)]
    found = [int(value // 1) for value in exact]
    order = sorted(range(len(parts)), key=lambda k: (found[k] - exact[k], k))
    for k in order[: total - sum(found)]:
        found[k] += 1
    return found
