"""Partial pooling of means with known errors: the less sure, the nearer to the common one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special
from spm_lib.core.errors import DataError
from spm_lib.stats.heterogeneity import Heterogeneity

Floats = NDArray[np.float64]
_GRID = 60


@dataclass(frozen=True, eq=False)
class NormalPooling:
    """Means of several units under a common normal prior fitted to all of them.

    ``spread`` is the standard deviation of the true means at the highest restricted likelihood; 0
    means that the data show no evidence of differences: every unit then has the common mean.
    ``low`` and ``high`` count in that the prior itself is estimated.
    """

    mean: float
    spread: float
    shrunk: Floats
    low: Floats
    high: Floats
    test: Heterogeneity
    _values: Floats
    _errors: Floats
    _spreads: Floats
    _weight: Floats

    @property
    def differs(self) -> bool:
        """Whether the likelihood prefers differing means to one common mean."""
        return self.spread > 0

    def sample(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return posterior draws, one row per draw and one column per unit.

        Where no differences are in evidence all units of a draw are equal, so that nothing drawn
        from it can rank them.
        """
        size = len(self._values)
        if not self.differs:
            centre, error = _centre(self._values, self._errors, np.zeros(1))
            return np.repeat(rng.normal(centre[0], error[0], (draws, 1)), size, axis=1)
        pick = rng.choice(len(self._weight), size=draws, p=self._weight)
        centre, error = _centre(self._values, self._errors, self._spreads)
        mean = rng.normal(centre[pick], error[pick])[:, None]
        kept = _kept(self._errors, self._spreads)[pick]
        middle = mean + kept * (self._values - mean)
        return rng.normal(middle, np.sqrt(kept) * self._errors)


def normal_pooling(values: ArrayLike, errors: ArrayLike, *, level: float = 0.95) -> NormalPooling:
    """Shrink means with known standard errors: y ~ N(theta, error), theta ~ N(mean, spread).

    The spread is integrated over with the uniform shrinkage prior of Christiansen & Morris (1997),
    JASA 92:618; its point estimate has the highest restricted likelihood. The test is Cochran's Q.
    Source: Morris (1983), JASA 78:47; Gelman et al. (2014), Bayesian Data Analysis, section 5.4.

    Raises
    ------
    DataError
        If there is no value, or an error that is not above 0.

    Examples
    --------
    >>> pooled = normal_pooling([-1.0, 0.0, 1.0], [0.2, 0.2, 0.2])
    >>> pooled.differs, [round(float(m), 2) + 0 for m in pooled.shrunk]
    (True, [-0.96, 0.0, 0.96])
    >>> normal_pooling([0.0, 0.01], [1.0, 1.0]).differs
    False
    """
    y, error = np.asarray(values, float), np.asarray(errors, float)
    if not y.size or y.shape != error.shape or not np.all(error > 0):
        raise DataError(
            "Means to be pooled need standard errors above 0.",
            found=f"{y.size} means, {error.size} errors",
            do="Leave out groups with fewer than two values",
        )
    test = cochran(y, error)
    spreads, likely, best = _spreads(y, error)
    centre, own = _centre(y, error, spreads)
    kept = _kept(error, spreads)
    means = centre[:, None] + kept * (y - centre[:, None])
    variances = kept * error**2 + ((1 - kept) * own[:, None]) ** 2
    mean = likely @ means
    variance = likely @ (variances + (means - mean) ** 2)
    half = float(special.ndtri((1 + level) / 2)) * np.sqrt(variance)
    top = float(_centre(y, error, np.array([best]))[0][0])
    shrunk = top + _kept(error, np.array([best]))[0] * (y - top)
    return NormalPooling(
        top, best, shrunk, mean - half, mean + half, test, y, error, spreads, likely
    )


def cochran(values: Floats, errors: Floats) -> Heterogeneity:
    """Return Cochran's Q: how far means lie apart against what their errors allow.

    Source: Cochran (1954), Biometrics 10:101.
    """
    df = len(values) - 1
    if df < 1:
        return Heterogeneity(0.0, 0, None, None)
    weight = 1 / errors**2
    q = float((weight * (values - (weight @ values) / weight.sum()) ** 2).sum())
    return Heterogeneity(q, df, float(special.chdtrc(df, q)), q / df)


def _kept(errors: Floats, spreads: Floats) -> Floats:
    """Return which share of a unit's own distance is kept: (spreads, units)."""
    wide = spreads[:, None] ** 2
    return wide / (wide + errors**2)


def _centre(values: Floats, errors: Floats, spreads: Floats) -> tuple[Floats, Floats]:
    """Return the common mean and its standard error at each spread."""
    weight = 1 / (spreads[:, None] ** 2 + errors**2)
    total = weight.sum(axis=1)
    return (weight @ values) / total, 1 / np.sqrt(total)


def _spreads(values: Floats, errors: Floats) -> tuple[Floats, Floats, float]:
    """Return spreads on a grid, their weights, and the one of the highest restricted likelihood.

    The share that the common mean takes of a typical unit is uniform beforehand.
    """
    if len(values) < 2:
        return np.zeros(1), np.ones(1), 0.0
    typical = 1 / np.sqrt(np.mean(1 / errors**2))
    share = (np.arange(_GRID) + 0.5) / _GRID
    spreads = typical * np.sqrt((1 - share) / share)
    fit = _likelihood(values, errors, spreads)
    weight = np.exp(fit - fit.max())
    return spreads, weight / weight.sum(), _best(values, errors, typical)


def _likelihood(values: Floats, errors: Floats, spreads: Floats) -> Floats:
    """Return the restricted log likelihood at each spread."""
    centre, error = _centre(values, errors, spreads)
    wide = spreads[:, None] ** 2 + errors**2
    fit = (np.log(wide) + (values - centre[:, None]) ** 2 / wide).sum(axis=1)
    return np.log(error) - fit / 2


def _best(values: Floats, errors: Floats, typical: float) -> float:
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda x: -float(_likelihood(values, errors, np.array([np.exp(x)]))[0]),
        bounds=(np.log(typical) - 5, np.log(typical) + 8),
        method="bounded",
    )
    flat = float(_likelihood(values, errors, np.zeros(1))[0])
    return float(np.exp(found.x)) if -found.fun > flat + 1e-6 else 0.0
