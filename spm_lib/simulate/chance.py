"""Counter-based random numbers: a draw is a pure function of seed, stream, entity and draw number.

Nothing is consumed in order, so a company can be made in chunks of any size, or one deal alone,
and every deal comes out the same. The mixer is the finaliser of SplitMix64 (Steele, Lea and
Flood, 2014), applied twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xD1B54A32D192ED03)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64 bits so that neighbouring inputs give unrelated outputs."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@dataclass(frozen=True)
class Chance:
    """One stream of chance of one company.

    Examples
    --------
    >>> import numpy as np
    >>> Chance(seed=1, stream="deals").uniform(np.arange(3), draw=0).round(4).tolist()
    [0.5527, 0.3188, 0.2303]
    """

    seed: int
    stream: str

    @property
    def key(self) -> np.uint64:
        """64 bits that stand for seed and stream."""
        digest = sha256(f"{self.seed}/{self.stream}".encode()).digest()
        return np.uint64(int.from_bytes(digest[:8], "little"))

    def uniform(self, entity: Ints, *, draw: int | Ints) -> Floats:
        """Draw from the open interval (0, 1), one number per entity."""
        who = np.asarray(entity, dtype=np.int64).astype(np.uint64)
        which = np.asarray(draw, dtype=np.int64).astype(np.uint64)
        with np.errstate(over="ignore"):
            bits = _mix(_mix(who * _GOLDEN + self.key) + (which + np.uint64(1)) * _ODD)
        return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, entity: Ints, *, draw: int | Ints) -> Floats:
        """Draw standard normal numbers."""
        return ndtri(self.uniform(entity, draw=draw))

    def exponential(self, entity: Ints, *, draw: int | Ints) -> Floats:
        """Draw exponential numbers with mean 1."""
        return -np.log(self.uniform(entity, draw=draw))

    def choice(self, entity: Ints, *, draw: int | Ints, shares: Floats) -> Ints:
        """Draw positions with the given shares (they need not sum to 1)."""
        edges = np.cumsum(shares) / np.sum(shares)
        found = np.searchsorted(edges, self.uniform(entity, draw=draw), side="right")
        return np.minimum(found, len(edges) - 1).astype(np.int64)

    def count(self, entity: Ints, *, draw: int | Ints, mean: Floats) -> Ints:
        """Draw Poisson counts by inversion (means up to about 50)."""
        level = self.uniform(entity, draw=draw)
        term = np.exp(-np.asarray(mean, dtype=np.float64))
        total, found = term.copy(), np.zeros(len(level), dtype=np.int64)
        for k in range(1, 200):
            above = level > total
            if not above.any():
                break
            found += above
            term = term * mean / k
            total = total + term
        return found
