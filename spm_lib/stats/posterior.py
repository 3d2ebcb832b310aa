"""What is known of each unit's rate once the uncertainty of the common prior is counted in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spm_lib.stats.families import Family, Shape

Floats = NDArray[np.float64]
_STRENGTHS, _MEANS = 40, 13
_REACH = 3.0  # standard errors of the common mean that are covered


@dataclass(frozen=True, eq=False)
class Posterior:
    """A mixture: one row of parameters per prior that might be, with its weight."""

    family: Family
    shape: Shape
    weight: Floats

    def sample(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return draws x units."""
        pick = rng.choice(len(self.weight), size=draws, p=self.weight)
        return self.family.draw((self.shape[0][pick], self.shape[1][pick]), rng)

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Return the central interval of each unit, from the mixture's mean and variance."""
        means, variances = self.family.moments(*self.shape)
        mean = self.weight @ means
        variance = self.weight @ (variances + (means - mean) ** 2)
        tails = (1 - level) / 2, (1 + level) / 2
        low, high = (self.family.quantile(mean, variance, tail) for tail in tails)
        return low, high

    def repeated(self, units: int) -> Posterior:
        """Return the same posterior for several units."""
        first, second = (np.repeat(part, units, axis=1) for part in self.shape)
        return Posterior(self.family, (first, second), self.weight)


def common_posterior(family: Family) -> Posterior:
    """Return the posterior of one rate common to all units (Jeffreys' prior)."""
    first = np.array([[family.k.sum() + 0.5]])
    rest = (family.n - family.k).sum() + 0.5 if family.name == "beta" else family.n.sum()
    return Posterior(family, (first, np.array([[rest]])), np.ones(1))


def posterior(family: Family) -> Posterior:
    """Average over the prior's mean and strength by their likelihood.

    The weight ``strength / (strength + n)`` of the prior against a typical unit is uniform
    beforehand, the mean flat on its unbounded scale.
    """
    weight = (np.arange(_STRENGTHS) + 0.5) / _STRENGTHS
    strength = family.size * weight / (1 - weight)
    error = family.mean_error(strength)
    centre = family.unbound(family.common)
    x = centre + error[:, None] * np.linspace(-_REACH, _REACH, _MEANS)
    mean, wide = family.bound(x), np.broadcast_to(strength[:, None], x.shape)
    log_weight = family.gain(mean, wide) + np.log(error)[:, None]
    likely = np.exp(log_weight - log_weight.max()).ravel()
    shape = family.shape(mean.reshape(-1, 1), wide.reshape(-1, 1))
    return Posterior(family, shape, likely / likely.sum())
