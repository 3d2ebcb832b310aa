"""Partial pooling: each unit's rate drawn towards the common one as far as its data are thin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, betaln, gammaincinv, gammaln, xlogy

from spm_lib.core.errors import DataError

Floats = NDArray[np.float64]
_ENDLESS = 1e6  # a prior worth more trials than this per unit is no evidence of differences
_GAIN = 1e-6  # log likelihood that differing rates must gain over one common rate


@dataclass(frozen=True, eq=False)
class PartialPooling:
    """Rates of several units under a common prior fitted to all of them.

    ``strength`` is how many trials (or how much exposure) the prior weighs; infinite means that
    the data show no evidence of differences: every unit then has the common rate, and ``low`` and
    ``high`` are those of the common rate. ``alpha`` and ``beta`` are the prior of the rates
    (Beta, or Gamma with rate ``beta``).
    """

    family: Literal["beta", "gamma"]
    alpha: float
    beta: float
    mean: float
    strength: float
    shrunk: Floats
    low: Floats
    high: Floats
    _shape: tuple[Floats, Floats]

    @property
    def differs(self) -> bool:
        """Whether the data show evidence of differences between units."""
        return math.isfinite(self.strength)

    def sample(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return posterior draws, one row per draw and one column per unit.

        Without evidence of differences all units of a draw are equal.
        """
        first, second = self._shape
        columns = len(first) if self.differs else 1
        size = (draws, columns)
        a, b = first[:columns], second[:columns]
        rates = rng.beta(a, b, size) if self.family == "beta" else rng.gamma(a, 1 / b, size)
        return np.repeat(rates, len(first) // columns, axis=1)


def beta_binomial(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> PartialPooling:
    """Shrink shares: successes ~ Binomial(n, p), p ~ Beta(alpha, beta) by maximum likelihood.

    A unit's share is ``(alpha + successes) / (alpha + beta + n)``; a unit without trials has the
    common one.

    Source: Skellam (1948), JRSS B 10:257; Efron & Morris (1975), JASA 70:311; the sign of the score
    at infinite strength is Tarone's (1979), Biometrika 66:585.

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
    k, trials = _counts(successes, n, most="trials")
    common = k.sum() / trials.sum()
    score = _binomial_score(k, trials, common)

    def gain(mean: float, strength: float) -> float:
        a, b = mean * strength, (1 - mean) * strength
        spread = np.sum(betaln(a + k, b + trials - k) - betaln(a, b))
        return float(spread - np.sum(xlogy(k, common) + xlogy(trials - k, 1 - common)))

    mean, strength = _fit(gain, score=score, start=common, share=True)
    if not math.isfinite(strength):
        shape = (np.full(len(k), k.sum() + 0.5), np.full(len(k), (trials - k).sum() + 0.5))
        return _pooled("beta", mean, strength, shape, level)
    shape = (mean * strength + k, (1 - mean) * strength + trials - k)
    return _pooled("beta", mean, strength, shape, level)


def gamma_poisson(counts: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> PartialPooling:
    """Shrink rates per exposure: counts ~ Poisson(exposure x rate), rate ~ Gamma(alpha, beta).

    ``strength`` is the exposure that the prior weighs (its rate parameter ``beta``). A unit's rate
    is ``(alpha + count) / (beta + exposure)``.

    Source: Greenwood & Yule (1920), JRSS 83:255.

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
    k, time = _counts(counts, exposure, most="exposure")
    common = k.sum() / time.sum()
    score = float(np.sum((k - time * common) ** 2 - k)) / 2

    def gain(mean: float, strength: float) -> float:
        shape = mean * strength
        some = gammaln(shape + k) - gammaln(shape) - k * np.log(strength + time)
        some = some - shape * np.log1p(time / strength)
        return float(np.sum(some) - np.sum(xlogy(k, common) - time * common))

    mean, strength = _fit(gain, score=score, start=common, share=False)
    if not math.isfinite(strength):
        shape = (np.full(len(k), k.sum() + 0.5), np.full(len(k), time.sum()))
        return _pooled("gamma", mean, strength, shape, level)
    return _pooled("gamma", mean, strength, (mean * strength + k, strength + time), level)


def _counts(part: ArrayLike, whole: ArrayLike, *, most: str) -> tuple[Floats, Floats]:
    k, n = np.asarray(part, float), np.asarray(whole, float)
    wrong = (k < 0) | (n < 0) | ((k > n) if most == "trials" else ((n == 0) & (k > 0)))
    if k.shape != n.shape or n.sum() <= 0 or wrong.any():
        raise DataError(
            f"Rates need counts and {most} that fit each other.",
            found=f"{k.size} counts, {n.size} {most} (sum {n.sum():g}), {int(wrong.sum())} wrong",
            do=f"Count both on the same rows, and leave out groups without any {most}",
        )
    return k, n


def _binomial_score(k: Floats, n: Floats, p: float) -> float:
    """Return the slope of the log likelihood in 1/strength at 0: rates differ if it is above 0."""
    if p <= 0 or p >= 1:
        return 0.0
    lost = n - k
    return float(np.sum(k * (k - 1) / p + lost * (lost - 1) / (1 - p) - n * (n - 1))) / 2


def _fit(
    gain: Callable[[float, float], float], *, score: float, start: float, share: bool
) -> tuple[float, float]:
    """Return mean and strength of the prior at the highest likelihood; infinite if there is none.

    ``gain`` is the log likelihood above that of one common rate, to which it tends as the strength
    grows; ``score`` its slope there.
    """
    from scipy.optimize import minimize

    if not 0 < start < (1 if share else math.inf):
        return start, math.inf
    to, back = (_logit, _expit) if share else (math.log, math.exp)
    best = None
    for strength in (1.0, 30.0, 1000.0):
        found = minimize(
            lambda x: -gain(back(x[0]), math.exp(x[1])),
            x0=[to(start), math.log(strength / (1 if share else start))],
            bounds=[(to(start) - 8, to(start) + 8), (-12, 20)],
            method="L-BFGS-B",
        )
        best = found if best is None or found.fun < best.fun else best
    assert best is not None
    mean, strength = back(best.x[0]), math.exp(best.x[1])
    limit = _ENDLESS if share else _ENDLESS / start
    if strength > limit or (score <= 0 and -best.fun < _GAIN):
        return start, math.inf
    return mean, strength


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _pooled(
    family: Literal["beta", "gamma"],
    mean: float,
    strength: float,
    shape: tuple[Floats, Floats],
    level: float,
) -> PartialPooling:
    first, second = shape
    tails = (1 - level) / 2, (1 + level) / 2
    if family == "beta":
        low, high = (betaincinv(first, second, tail) for tail in tails)
        centre = first / (first + second)
    else:
        low, high = (gammaincinv(first, tail) / second for tail in tails)
        centre = first / second
    shrunk = centre if math.isfinite(strength) else np.full(len(first), mean)
    beta = (1 - mean) * strength if family == "beta" else strength
    return PartialPooling(
        family, mean * strength, beta, mean, strength, shrunk, low, high, (first, second)
    )
