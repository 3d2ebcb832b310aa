"""Whether values of a column win more than others of the same person and year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, stdtr, stdtrit

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Score:
    """Wins beyond those expected within strata, per value, and their covariance over clusters.

    ``excess`` sums to 0 within each stratum; ``weight`` turns it into a difference of shares
    against all other values of the same stratum (Mantel-Haenszel). ``clusters`` counts those that
    tell anything. ``p`` is the chance of so wide a spread without any difference; None where
    nothing can be compared.
    """

    excess: Floats
    covariance: Floats
    weight: Floats
    clusters: int
    p: float | None

    @property
    def difference(self) -> Floats:
        """Share won of each value less that of the others of its strata; NaN: not compared."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weight > 0, self.excess / self.weight, np.nan)

    def half_width(self, level: float = 0.95, looks: int = 1) -> Floats:
        """Return half the width of the intervals, so that ``looks`` of them hold together."""
        if self.clusters < 2:
            return np.full(len(self.excess), np.nan)
        quantile = stdtrit(self.clusters - 1, 1 - (1 - level) / (2 * max(looks, 1)))
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(np.diag(self.covariance)) / self.weight
        return np.where(self.weight > 0, quantile * error, np.nan)

    def confirms(self, differences: Floats) -> float | None:
        """Return the chance of wins that follow these differences as closely, if there were none.

        One-sided: differences found on other deals must show again in the same direction.
        """
        slope = np.nan_to_num(differences)
        spread = float(slope @ self.covariance @ slope)
        if spread <= 0 or self.clusters < 2:
            return None
        return float(stdtr(self.clusters - 1, -float(slope @ self.excess) / np.sqrt(spread)))


def stratified_score(
    value: ArrayLike, won: ArrayLike, stratum: ArrayLike, cluster: ArrayLike, *, values: int
) -> Score:
    """Compare values within strata, with the covariance of whole clusters.

    ``value`` is a number 0 .. values - 1 per deal, ``won`` 0 or 1; deals of one cluster (customer)
    need not be independent. Source: Mantel & Haenszel (1959), JNCI 22:719 (strata); Greenland &
    Robins (1985), Biometrics 41:55 (difference); Liang & Zeger (1986), Biometrika 73:13 (clusters);
    the scale of Hotelling's T squared allows for few clusters.

    Examples
    --------
    >>> made = stratified_score([0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0], range(4), values=2)
    >>> made.difference.tolist()
    [1.0, -1.0]
    """
    won = np.asarray(won, float)
    _, s = np.unique(np.asarray(stratum), return_inverse=True)
    size = np.bincount(s).astype(float)
    rest = won - (np.bincount(s, won) / size)[s]
    hot = np.eye(values)[np.asarray(value, int)]
    shares = np.stack([np.bincount(s, hot[:, k]) / size for k in range(values)], axis=1)
    apart = hot - shares[s]
    inflated = np.where(size > 1, np.sqrt(size / np.maximum(size - 1, 1)), 0.0)[s]
    names, c = np.unique(np.asarray(cluster), return_inverse=True)
    parts = np.zeros((len(names), values))
    np.add.at(parts, c, (rest * inflated)[:, None] * apart)
    weight = (size[:, None] * shares * (1 - shares)).sum(axis=0)
    covariance = parts.T @ parts
    told = int((np.abs(parts).sum(axis=1) > 0).sum())
    excess = (rest[:, None] * apart).sum(axis=0)
    return Score(excess, covariance, weight, told, _chance(excess, covariance, told))


def _chance(excess: Floats, covariance: Floats, clusters: int) -> float | None:
    degrees = int(np.linalg.matrix_rank(covariance)) if covariance.any() else 0
    if not degrees or clusters <= degrees + 1:
        return None
    squared = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    scale = (clusters - degrees) / (degrees * (clusters - 1))
    return float(fdtrc(degrees, clusters - degrees, squared * scale))
