"""Deal luck: how won value scatters around its expectation because deals are few and unequal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_OWN_WEIGHT = 8.0
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class DealSizes:
    """Mean won amount per rep (minor units) and the squared coefficient of variation of all."""

    mean: np.ndarray
    cv2: float


def deal_sizes(amount: np.ndarray, rep: np.ndarray, *, reps: int) -> DealSizes:
    """Estimate deal sizes from won deals; a rep's mean is shrunk to the company's.

    Weight of the own mean: n / (n + 8). Amounts of 0 or less tell nothing of size.
    """
    priced = amount > 0
    amount, rep = amount[priced].astype(float), rep[priced]
    if not amount.size:
        return DealSizes(np.ones(reps), 1.0)
    pooled = amount.mean()
    n = np.bincount(rep, minlength=reps)
    own = np.bincount(rep, weights=amount, minlength=reps)
    mean = (own + _OWN_WEIGHT * pooled) / (n + _OWN_WEIGHT)
    return DealSizes(mean, max(float(np.var(amount / mean[rep])), 1e-4))


def sample_bookings(
    expected: np.ndarray, sizes: DealSizes, *, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw bookings of unknown deals: Poisson counts of gamma-sized deals, mean as expected.

    ``expected`` is (reps, windows) in minor units. Returns Int64 (reps, windows, draws). The sum
    of N gamma sizes of squared variation c2 is gamma of shape N / c2 (compound Poisson).
    """
    mean = sizes.mean[:, None, None]
    deals = rng.poisson(np.maximum(expected, 0.0)[:, :, None] / mean, (*expected.shape, draws))
    value = rng.standard_gamma(deals / sizes.cv2) * sizes.cv2 * mean
    return np.rint(value).astype(np.int64)


def sample_open_deals(
    chance: np.ndarray,
    value: np.ndarray,
    rep: np.ndarray,
    *,
    reps: int,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the fate of open deals: won in one of the windows, or not within the horizon.

    ``chance`` is (deals, windows), P(won in that window), rows summing to 1 at most; ``value`` and
    ``rep`` are per deal. Returns Int64 (reps, windows, draws).
    """
    windows = chance.shape[1]
    result = np.zeros(reps * windows * draws, dtype=np.int64)
    until, whole = np.cumsum(chance, axis=1), np.rint(value).astype(np.int64)
    order = np.argsort(rep, kind="stable")
    drawn = np.empty((min(_ROWS_AT_ONCE, len(order)), draws))
    for start in range(0, len(order), _ROWS_AT_ONCE):
        deals = order[start : start + _ROWS_AT_ONCE]
        luck = rng.random(out=drawn[: len(deals)])
        before = None
        for window in range(windows):
            reached = luck < until[deals, window, None]
            hit = np.flatnonzero(reached if before is None else reached & ~before)
            deal, scenario = deals[hit // draws], hit % draws
            np.add.at(result, (rep[deal] * windows + window) * draws + scenario, whole[deal])
            before = reached
    return result.reshape(reps, windows, draws)
