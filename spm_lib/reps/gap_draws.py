"""What else the factors of a window might have been: counts, shares, rates and sizes drawn anew."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from spm_lib.reps.gap_factors import Factors, ratio

DRAWS = 1000


class Rates(Protocol):
    """Draws win rates: ``(factors, rng) -> (people, draws)``."""

    def __call__(self, factors: Factors, rng: np.random.Generator) -> np.ndarray:
        """Return the win rates that the deals of a window leave possible."""
        ...


def drawn(
    factors: Factors,
    rng: np.random.Generator,
    *,
    rates: Rates,
    fallback: np.ndarray | None = None,
) -> np.ndarray:
    """Return factors drawn anew, (people, draws, factors), each window for itself.

    Counts are Poisson, the share closed is binomial among the deals in hand, the win rate is drawn
    by ``rates``, and the size of a won deal has the error of a mean. Who won nothing has the size
    of ``fallback`` (people, draws): that of what is compared with.
    """
    shape = (len(factors.won), DRAWS)
    size = _sizes(factors, rng, fallback)
    if "speed" in factors.names:
        worked = rng.poisson(factors.worked[:, None], shape)
        share = np.clip(ratio(factors.closed, factors.worked), 0, 1)[:, None]
        moved = rng.binomial(worked, share) / np.maximum(worked, 1)
        parts = [worked.astype(float), moved, rates(factors, rng), size]
    elif "win_rate" in factors.names:
        parts = [_counts(factors, rng), rates(factors, rng), size]
    else:
        parts = [_counts(factors, rng), size]
    return np.stack(parts, axis=-1)


def own_rates(factors: Factors, rng: np.random.Generator) -> np.ndarray:
    """Return draws of the pooled win rates of people."""
    from spm_lib.stats import beta_binomial

    if not factors.closed.sum():
        return np.ones((len(factors.won), DRAWS))
    pooled = beta_binomial(factors.won, factors.closed)
    return np.clip(pooled.sample(DRAWS, rng).T, 1e-9, 1)


def summed_rates(factors: Factors, rng: np.random.Generator) -> np.ndarray:
    """Return draws of the win rates of many people's deals together (Jeffreys' prior)."""
    won, lost = factors.won + 0.5, factors.closed - factors.won + 0.5
    return rng.beta(won[:, None], lost[:, None], (len(won), DRAWS))


def _counts(factors: Factors, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(factors.closed[:, None], (len(factors.won), DRAWS)).astype(float)


def _sizes(factors: Factors, rng: np.random.Generator, fallback: np.ndarray | None) -> np.ndarray:
    error = factors.scatter / np.sqrt(np.maximum(factors.won, 1))[:, None]
    noise = np.exp(rng.normal(0, 1, (len(factors.won), DRAWS)) * error)
    size = ratio(factors.amount, factors.won)[:, None] * noise
    return size if fallback is None else np.where(factors.won[:, None] > 0, size, fallback)
