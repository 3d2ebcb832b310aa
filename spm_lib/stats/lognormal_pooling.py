"""Partial pooling of rates on a log scale: people who differ by factors, some fast, some slow."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special
from spm_lib.stats.families import GammaPoisson
from spm_lib.stats.pooling import counts_of

Floats = NDArray[np.float64]
_SPREADS, _MEANS = 40, 13
_REACH = 3.0  # standard errors of the common mean that are covered
_STEPS = 30
_WIDEST = 1.0  # spread: one unit in twenty is more than 7 times as fast, or as slow, as is usual
_LEAST = 0.5  # counts expected of a unit from which on it says how sure a typical one is


@dataclass(frozen=True, eq=False)
class LogNormalPooling:
    """Rates of several units whose logarithms have a common normal prior, fitted to all of them.

    ``mean`` is the rate of all units together, ``shrunk`` the expected rate of each; ``low`` and
    ``high`` count in that the prior itself is estimated, and what differences the data cannot
    exclude. ``differs``: whether counts spread more than those of one common rate would.
    """

    mean: float
    differs: bool
    shrunk: Floats
    low: Floats
    high: Floats
    _weight: Floats = field(repr=False)
    _middle: Floats = field(repr=False)
    _error: Floats = field(repr=False)
    _total: float = field(repr=False)

    def sample(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return posterior draws, one row per draw and one column per unit.

        Where no differences are in evidence all units of a draw are equal, so that nothing drawn
        from it can rank them.
        """
        if not self.differs:
            common = rng.gamma(self._total + 0.5, self.mean / max(self._total, 0.5), (draws, 1))
            return np.repeat(common, len(self.shrunk), axis=1)
        pick = rng.choice(len(self._weight), size=draws, p=self._weight)
        return np.exp(rng.normal(self._middle[pick], self._error[pick]))


def poisson_lognormal(
    counts: ArrayLike, exposure: ArrayLike, level: float = 0.95
) -> LogNormalPooling:
    """Shrink rates per exposure: counts ~ Poisson(exposure x rate), log rate ~ N(mean, spread).

    For effects that multiply: twice as fast is as likely as half as fast, where a Gamma prior (see
    ``gamma_poisson``) has more of the slow than of the fast. Each posterior is normal on the log
    scale about its mode, with its mean and its likelihood put right to the next order; the prior's
    spread has the uniform shrinkage prior, its mean is flat, and both are integrated over.

    Source: Aitchison & Ho (1989), Biometrika 76:643; Tierney & Kadane (1986), JASA 81:82;
    Christiansen & Morris (1997), JASA 92:618.

    Raises
    ------
    DataError
        If there is no exposure at all, or a negative number.

    Examples
    --------
    >>> pooled = poisson_lognormal([20, 100, 300], [100, 100, 100])
    >>> pooled.differs, [round(float(rate), 2) for rate in pooled.shrunk]
    (True, [0.24, 1.0, 2.97])
    """
    k, n = counts_of(counts, exposure, most="exposure")
    family = GammaPoisson(k, n)
    common = max(float(k.sum()), 0.5) / float(n.sum())
    mean, spread, error = _priors(k, n, common)
    mode, width, fit = _posteriors(k, n, mean=mean, spread=spread)
    log_weight = fit.sum(axis=1) + np.log(error)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    middle = mode - n * np.exp(mode) * width**4 / 2
    centre = weight @ middle
    wide = np.sqrt(weight @ (width**2 + (middle - centre) ** 2))
    reach = float(special.ndtri((1 + level) / 2)) * wide
    differs = family.varies and family.score > 0
    shrunk = weight @ np.exp(middle + width**2 / 2) if differs else np.full(len(k), common)
    low, high = np.exp(centre - reach), np.exp(centre + reach)
    total = float(k.sum())
    return LogNormalPooling(common, differs, shrunk, low, high, weight, middle, width, total)


def _priors(k: Floats, n: Floats, common: float) -> tuple[Floats, Floats, Floats]:
    """Return means and spreads of priors that might be, and the standard error of each mean.

    The share that the common mean takes of a typical unit is uniform beforehand, down to that of
    the widest spread: the mean of factors of any spread is not finite, and one unit of which
    nothing is known would take the mean of all with it.
    """
    known = np.maximum(n * common, 1e-9)
    some = known >= min(_LEAST, float(known.max()))
    typical = np.sqrt(np.mean(1 / known[some]))
    least = typical**2 / (typical**2 + _WIDEST**2)
    share = least + (1 - least) * (np.arange(_SPREADS) + 0.5) / _SPREADS
    spread = typical * np.sqrt((1 - share) / share)
    weight = 1 / (spread[:, None] ** 2 + 1 / known)
    error = 1 / np.sqrt(weight.sum(axis=1))
    seen = np.log((k + 0.5) / (n + 0.5 / common))
    centre = (weight @ seen) * error**2
    mean = centre[:, None] + error[:, None] * np.linspace(-_REACH, _REACH, _MEANS)
    return mean.ravel(), np.repeat(spread, _MEANS), np.repeat(error, _MEANS)


def _posteriors(
    k: Floats, n: Floats, *, mean: Floats, spread: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return mode, width and log likelihood of each log rate (priors x units)."""
    middle, sure = mean[:, None], 1 / spread[:, None] ** 2
    mode = np.log((k + sure * np.exp(middle)) / (n + sure))  # between what was seen and the mean
    for _ in range(_STEPS):
        due = n * np.exp(mode)
        step = (k - due - sure * (mode - middle)) / (due + sure)
        mode = mode + np.clip(step, -1, 1)
        if np.abs(step).max(initial=0) < 1e-8:
            break
    due = n * np.exp(mode)
    width = 1 / np.sqrt(due + sure)
    fit = k * mode - due - sure * (mode - middle) ** 2 / 2 + np.log(sure) / 2 + np.log(width)
    return mode, width, fit + 5 / 24 * due**2 * width**6 - due * width**4 / 8
