"""The two families of counted data that are pooled: shares of trials, and rates per exposure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special

Floats = NDArray[np.float64]
Shape = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Family(ABC):
    """Counts ``k`` on ``n`` trials (or exposure) per unit, with a prior of mean and strength."""

    k: Floats
    n: Floats
    name: ClassVar[Literal["beta", "gamma"]]

    @property
    def common(self) -> float:
        """The rate of all units together."""
        return float(self.k.sum() / self.n.sum())

    @property
    def size(self) -> float:
        """Trials (or exposure) of a typical unit: the harmonic mean of those that have any."""
        some = self.n[self.n > 0]
        return float(len(some) / np.sum(1 / some))

    @property
    def varies(self) -> bool:
        """Whether a likelihood of differences exists: two units, and not all or none counted."""
        return int(np.sum(self.n > 0)) > 1 and self.spread(self.common) > 0

    @cached_property
    def _settled(self) -> float:
        """The log likelihood of one common rate, without the terms that never change."""
        return self._common_fit()

    def gain(self, mean: ArrayLike, strength: ArrayLike) -> Floats:
        """Return the log likelihood of priors above that of one common rate, to which it tends."""
        m, s = np.asarray(mean, float)[..., None], np.asarray(strength, float)[..., None]
        return self._mixed_fit(m, s).sum(axis=-1) - self._settled

    def shrunk(self, mean: float, strength: float) -> Floats:
        """Return the rates drawn towards the mean."""
        return (mean * strength + self.k) / (strength + self.n)

    def prior(self, mean: float, strength: float) -> tuple[float, float]:
        """Return the two parameters of the prior."""
        first, second = self.shape(np.float64(mean), np.float64(strength), data=False)
        return float(first), float(second)

    @property
    @abstractmethod
    def score(self) -> float:
        """Slope of the log likelihood in 1/strength at 0: above 0 where rates differ."""

    @abstractmethod
    def slopes(self, mean: float, strength: float) -> tuple[float, float]:
        """Return the slopes of the log likelihood in the mean and in the strength of the prior."""

    @abstractmethod
    def spread(self, mean: Any) -> Any:
        """Return the variance of one trial (or of the count per unit of exposure)."""

    @abstractmethod
    def mean_error(self, strength: Floats) -> Floats:
        """Return the standard error of the prior's mean, on its unbounded scale."""

    @abstractmethod
    def shape(self, mean: Any, strength: Any, *, data: bool = True) -> Shape:
        """Return the two parameters of the posterior (or of the prior) of the rates."""

    @abstractmethod
    def bound(self, x: Any) -> Any:
        """Return the mean for a number on the whole line."""

    @abstractmethod
    def unbound(self, mean: float) -> float:
        """Return the number on the whole line for a mean."""

    @abstractmethod
    def _mixed_fit(self, mean: Floats, strength: Floats) -> Floats: ...

    @abstractmethod
    def _common_fit(self) -> float: ...

    @staticmethod
    @abstractmethod
    def moments(first: Floats, second: Floats) -> Shape:
        """Return mean and variance of the distribution of a rate."""

    @staticmethod
    @abstractmethod
    def quantile(mean: Floats, variance: Floats, q: float) -> Floats:
        """Return the quantile of the distribution with these moments."""

    @staticmethod
    @abstractmethod
    def draw(shape: Shape, rng: np.random.Generator) -> Floats:
        """Return one draw for each pair of parameters."""


class BetaBinomial(Family):
    """Shares of trials under a Beta prior."""

    name = "beta"

    @property
    def score(self) -> float:
        """Tarone's score: above 0 where shares spread more than binomially."""
        p, lost = self.common, self.n - self.k
        pairs = self.k * (self.k - 1) / p + lost * (lost - 1) / (1 - p) - self.n * (self.n - 1)
        return float(np.sum(pairs)) / 2

    def slopes(self, mean: float, strength: float) -> tuple[float, float]:
        """Return them by digamma functions; what both parameters share is their sum's."""
        first, second = mean * strength, (1 - mean) * strength
        both = special.digamma(strength + self.n) - special.digamma(strength)
        won = float(np.sum(special.digamma(first + self.k) - special.digamma(first) - both))
        lost = float(
            np.sum(special.digamma(second + self.n - self.k) - special.digamma(second) - both)
        )
        return strength * (won - lost), mean * won + (1 - mean) * lost

    def spread(self, mean: Any) -> Any:
        """Return p (1 - p)."""
        return mean * (1 - mean)

    def mean_error(self, strength: Floats) -> Floats:
        """Return the standard error of the mean's logit."""
        known = self.n * (strength[..., None] + 1) / (strength[..., None] + self.n)
        return 1 / np.sqrt(self.spread(self.common) * known.sum(axis=-1))

    def shape(self, mean: Any, strength: Any, *, data: bool = True) -> Shape:
        """Return alpha and beta."""
        k, lost = (self.k, self.n - self.k) if data else (0.0, 0.0)
        return mean * strength + k, (1 - mean) * strength + lost

    def bound(self, x: Any) -> Any:
        """Return the share for a logit."""
        return special.expit(x)

    def unbound(self, mean: float) -> float:
        """Return the logit of a share."""
        return float(special.logit(mean))

    def _mixed_fit(self, mean: Floats, strength: Floats) -> Floats:
        first, second = self.shape(mean, strength)
        return special.betaln(first, second) - special.betaln(
            mean * strength, (1 - mean) * strength
        )

    def _common_fit(self) -> float:
        p = self.common
        return float(np.sum(special.xlogy(self.k, p) + special.xlogy(self.n - self.k, 1 - p)))

    @staticmethod
    def moments(first: Floats, second: Floats) -> Shape:
        """Return mean and variance of Beta(first, second)."""
        total = first + second
        mean = first / total
        return mean, mean * (1 - mean) / (total + 1)

    @staticmethod
    def quantile(mean: Floats, variance: Floats, q: float) -> Floats:
        """Return the quantile of the Beta with these moments."""
        total = mean * (1 - mean) / variance - 1
        return special.betaincinv(mean * total, (1 - mean) * total, q)

    @staticmethod
    def draw(shape: Shape, rng: np.random.Generator) -> Floats:
        """Return Beta draws."""
        return rng.beta(*shape)


class GammaPoisson(Family):
    """Rates per exposure under a Gamma prior."""

    name = "gamma"

    @property
    def score(self) -> float:
        """Above 0 where counts spread more than Poisson."""
        return float(np.sum((self.k - self.n * self.common) ** 2 - self.k)) / 2

    def slopes(self, mean: float, strength: float) -> tuple[float, float]:
        """Return them by digamma functions, and by what the rate parameter does of itself."""
        shape, whole = mean * strength, strength + self.n
        counted = (
            special.digamma(shape + self.k) - special.digamma(shape) - np.log1p(self.n / strength)
        )
        waited = (mean * self.n - self.k) / whole
        return strength * float(counted.sum()), float(np.sum(mean * counted + waited))

    def spread(self, mean: Any) -> Any:
        """Return the rate itself."""
        return mean

    def mean_error(self, strength: Floats) -> Floats:
        """Return the standard error of the mean's logarithm."""
        known = self.n * strength[..., None] / (strength[..., None] + self.n)
        return 1 / np.sqrt(self.common * known.sum(axis=-1))

    def shape(self, mean: Any, strength: Any, *, data: bool = True) -> Shape:
        """Return shape and rate."""
        k, time = (self.k, self.n) if data else (0.0, 0.0)
        return mean * strength + k, strength + time

    def bound(self, x: Any) -> Any:
        """Return the rate for its logarithm."""
        return np.exp(x)

    def unbound(self, mean: float) -> float:
        """Return the logarithm of a rate."""
        return float(np.log(mean))

    def _mixed_fit(self, mean: Floats, strength: Floats) -> Floats:
        shape = mean * strength
        counted = (
            special.gammaln(shape + self.k)
            - special.gammaln(shape)
            - self.k * np.log(strength + self.n)
        )
        return counted - shape * np.log1p(self.n / strength)

    def _common_fit(self) -> float:
        return float(np.sum(special.xlogy(self.k, self.common) - self.n * self.common))

    @staticmethod
    def moments(first: Floats, second: Floats) -> Shape:
        """Return mean and variance of Gamma(first, rate second)."""
        return first / second, first / second**2

    @staticmethod
    def quantile(mean: Floats, variance: Floats, q: float) -> Floats:
        """Return the quantile of the Gamma with these moments."""
        return special.gammaincinv(mean**2 / variance, q) * variance / mean

    @staticmethod
    def draw(shape: Shape, rng: np.random.Generator) -> Floats:
        """Return Gamma draws."""
        return rng.gamma(shape[0], 1 / shape[1])
