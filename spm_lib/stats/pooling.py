"""Partial pooling: each unit's rate drawn towards the common one as far as its data are thin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core.errors import DataError
from spm_lib.stats.families import BetaBinomial, Family, GammaPoisson
from spm_lib.stats.posterior import Posterior, common_posterior, posterior

Floats = NDArray[np.float64]
_ENDLESS = 1e4  # a prior this many times the data of a unit is no evidence of differences
_GAIN = 1e-6  # log likelihood that differing rates must gain over one common rate


@dataclass(frozen=True, eq=False)
class PartialPooling:
    """Rates of several units under a common prior fitted to all of them.

    ``strength`` is how many trials (or how much exposure) the prior weighs; infinite means that
    the data show no evidence of differences: every unit then has the common rate. ``alpha`` and
    ``beta`` are the prior of the rates (Beta, or Gamma with rate ``beta``). ``low`` and ``high``
    count in that the prior itself is estimated, and what differences the data cannot exclude.
    """

    family: Literal["beta", "gamma"]
    alpha: float
    beta: float
    mean: float
    strength: float
    shrunk: Floats
    low: Floats
    high: Floats
    _posterior: Posterior
    _common: Posterior

    @property
    def differs(self) -> bool:
        """Whether the likelihood prefers differing rates to one common rate."""
        return math.isfinite(self.strength)

    def sample(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return posterior draws, one row per draw and one column per unit.

        Where no differences are in evidence all units of a draw are equal, so that nothing drawn
        from it can rank them.
        """
        if self.differs:
            return self._posterior.sample(draws, rng)
        return np.repeat(self._common.sample(draws, rng), len(self.shrunk), axis=1)


def beta_binomial(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> PartialPooling:
    """Shrink shares: successes ~ Binomial(n, p), p ~ Beta(alpha, beta) by maximum likelihood.

    A unit's share is ``(alpha + successes) / (alpha + beta + n)``; a unit without trials has the
    common one.

    Source: Skellam (1948), JRSS B 10:257; Efron & Morris (1975), JASA 70:311. The sign of the
    score at infinite strength is Tarone's (1979), Biometrika 66:585. Intervals average over the
    prior's likelihood with the uniform shrinkage prior of Christiansen & Morris (1997), JASA
    92:618.

    Raises
    ------
    DataError
        If there are no trials at all, or more successes than trials.

    Examples
    --------
    >>> pooled = beta_binomial([30, 50, 70], [100, 100, 100])
    >>> pooled.differs, [round(float(p), 3) for p in pooled.shrunk]
    (True, [0.318, 0.5, 0.682])
    >>> beta_binomial([50, 51, 49], [100, 100, 100]).strength
    inf
    """
    k, trials = counts_of(successes, n, most="trials")
    return _pooled(BetaBinomial(k, trials), level)


def gamma_poisson(counts: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> PartialPooling:
    """Shrink rates per exposure: counts ~ Poisson(exposure x rate), rate ~ Gamma(alpha, beta).

    ``strength`` is the exposure that the prior weighs (its rate parameter ``beta``). A unit's rate
    is ``(alpha + count) / (beta + exposure)``.

    Source: Greenwood & Yule (1920), JRSS 83:255; intervals as for ``beta_binomial``.

    Raises
    ------
    DataError
        If there is no exposure at all, or a negative number.

    Examples
    --------
    >>> pooled = gamma_poisson([2, 10, 30], [10, 10, 10])
    >>> pooled.differs, [round(float(rate), 2) for rate in pooled.shrunk]
    (True, [0.3, 1.03, 2.87])
    """
    k, time = counts_of(counts, exposure, most="exposure")
    return _pooled(GammaPoisson(k, time), level)


def counts_of(part: ArrayLike, whole: ArrayLike, *, most: str) -> tuple[Floats, Floats]:
    """Return counts and trials (or exposure, as ``most`` says) as numbers that fit each other.

    Raises
    ------
    DataError
        If they do not fit, or there are no trials (or exposure) at all.
    """
    k, n = np.asarray(part, float), np.asarray(whole, float)
    fits = k.shape == n.shape
    outside = (k > n) if most == "trials" else ((n == 0) & (k > 0))
    wrong = int(np.sum((k < 0) | (n < 0) | outside)) if fits else 0
    if not fits or n.sum() <= 0 or wrong:
        raise DataError(
            f"Rates need counts and {most} that fit each other.",
            found=f"{k.size} counts, {n.size} {most} (sum {n.sum():g}), {wrong} wrong",
            do=f"Count both on the same rows, and leave out groups without any {most}",
        )
    return k, n


def _pooled(family: Family, level: float) -> PartialPooling:
    mean, strength = _fit(family)
    differs = math.isfinite(strength)
    common = common_posterior(family)
    wide = posterior(family) if family.varies else common.repeated(len(family.k))
    low, high = wide.interval(level)
    shrunk = family.shrunk(mean, strength) if differs else np.full(len(family.k), mean)
    alpha, beta = family.prior(mean, strength) if differs else (math.inf, math.inf)
    return PartialPooling(family.name, alpha, beta, mean, strength, shrunk, low, high, wide, common)


def _fit(family: Family) -> tuple[float, float]:
    """Return mean and strength at the highest likelihood; infinite where it has no top."""
    if not family.varies:
        return family.common, math.inf
    from scipy.optimize import minimize

    start, size = family.unbound(family.common), family.size
    strengths = size * np.geomspace(1e-3, 1e3, 25)
    gains = family.gain(np.full(25, family.common), strengths)
    found = minimize(
        lambda x: _loss(family, x),
        x0=[start, math.log(strengths[np.argmax(gains)])],
        bounds=[(start - 8, start + 8), (math.log(size) - 14, math.log(size) + 12)],
        method="L-BFGS-B",
        jac=True,
    )
    strength = math.exp(found.x[1])
    if strength > _ENDLESS * size or (family.score <= 0 and -found.fun < _GAIN):
        return family.common, math.inf
    return float(family.bound(found.x[0])), strength


def _loss(family: Family, at: Floats) -> tuple[float, Floats]:
    """Return what is to be made small, and its slopes, at an unbounded mean and a log strength."""
    mean, strength = float(family.bound(at[0])), float(np.exp(at[1]))
    by_mean, by_strength = family.slopes(mean, strength)
    slopes = np.array([by_mean * family.spread(mean), by_strength * strength])
    return -float(family.gain(mean, strength)), -slopes
