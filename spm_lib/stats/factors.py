"""Additive effects of several factors (who, which segment, which source) on a share or a mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

Floats = np.ndarray
Ints = np.ndarray
ROUNDS = 60
CLOSE = 1e-7


@dataclass(frozen=True, eq=False)
class Effects:
    """Effects of each level of each factor, on the log odds or on the value itself.

    ``unit`` are the effects of the units (people), ``others`` of the other factors, in order.
    """

    base: float
    unit: Floats
    others: tuple[Floats, ...]

    def apart(self, codes: Sequence[Ints], size: int) -> Floats:
        """Return what the other factors add for rows with these codes."""
        found = np.full(size, self.base)
        for effect, code in zip(self.others, codes, strict=True):
            found += effect[code]
        return found


def logistic_effects(
    successes: Floats,
    n: Floats,
    *,
    unit: Ints,
    units: int,
    codes: Sequence[Ints],
    ridge: float = 1.0,
) -> Effects:
    """Fit log odds = base + effect of the unit + effects of the other factors.

    Each factor takes Newton steps in turn until nothing moves. The other factors are drawn to 0
    with ``ridge``; units hardly at all, so that the factors are judged within units and a good
    unit with hard rows does not make its rows look easy.

    Examples
    --------
    >>> unit, kind = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> wins = np.array([60.0, 30, 40, 15])
    >>> found = logistic_effects(wins, np.full(4, 100.0), unit=unit, units=2, codes=[kind])
    >>> bool(found.unit[0] > found.unit[1]), bool(found.others[0][0] > found.others[0][1])
    (True, True)
    """
    factors = [unit, *codes]
    weights = [0.01, *(ridge for _ in codes)]
    effects = [np.zeros(s) for s in (units, *(int(f.max(initial=0)) + 1 for f in codes))]
    share = np.clip(successes.sum() / max(n.sum(), 1), 1e-6, 1 - 1e-6)
    base = float(np.log(share / (1 - share)))
    score = np.full(len(n), base)
    for _ in range(ROUNDS):
        moved = 0.0
        for number, (factor, weight) in enumerate(zip(factors, weights, strict=True)):
            chance = expit(score)
            size = len(effects[number])
            slope = np.bincount(factor, successes - n * chance, size) - weight * effects[number]
            curve = np.bincount(factor, n * chance * (1 - chance), size) + weight
            step = np.clip(slope / curve, -2, 2)
            effects[number] = effects[number] + step
            score += step[factor]
            moved = max(moved, float(np.abs(step).max()))
        if moved < CLOSE:
            break
    return Effects(base, effects[0], tuple(effects[1:]))


def mean_effects(
    values: Floats, *, unit: Ints, units: int, codes: Sequence[Ints], ridge: float = 1.0
) -> Effects:
    """Fit value = base + effect of the unit + effects of the other factors, by least squares.

    Examples
    --------
    >>> unit, kind = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> found = mean_effects(np.array([1.0, 2, 3, 4]), unit=unit, units=2, codes=[kind], ridge=1e-9)
    >>> [round(float(e), 3) for e in found.unit - found.unit.mean()]
    [-1.0, 1.0]
    """
    factors = [unit, *codes]
    weights = [1e-6, *(ridge for _ in codes)]
    effects = [np.zeros(s) for s in (units, *(int(f.max(initial=0)) + 1 for f in codes))]
    counts = [np.bincount(f, minlength=len(e)) for f, e in zip(factors, effects, strict=True)]
    base = float(values.mean()) if len(values) else 0.0
    rest = values - base
    for _ in range(ROUNDS):
        moved = 0.0
        for number, (factor, weight) in enumerate(zip(factors, weights, strict=True)):
            slope = np.bincount(factor, rest, len(effects[number])) - weight * effects[number]
            step = slope / (counts[number] + weight)
            effects[number] = effects[number] + step
            rest -= step[factor]
            moved = max(moved, float(np.abs(step).max()))
        if moved < CLOSE:
            break
    return Effects(base, effects[0], tuple(effects[1:]))
