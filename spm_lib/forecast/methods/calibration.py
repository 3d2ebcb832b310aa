"""Calibration: chances said of past deals against what came, as a curve that never falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

CLASSES = 15
WEIGHT = 10.0  # wins' worth of belief in the chance as it was said


@dataclass(frozen=True, eq=False)
class Calibration:
    """A curve from chances said to chances that came; straight between its points."""

    said: np.ndarray
    came: np.ndarray

    def corrected(self, chance: np.ndarray) -> np.ndarray:
        """Return the chances that came of deals of which these were said.

        Examples
        --------
        >>> Calibration(np.array([0, 0.5, 1]), np.array([0, 0.6, 0.8])).corrected(
        ...     np.array([0.25, 0.75])
        ... ).tolist()
        [0.3, 0.7]
        """
        return np.interp(chance, self.said, self.came)


def calibrate(chance: np.ndarray, won: np.ndarray, *, weight: np.ndarray) -> Calibration:
    """Return the curve of past chances; without wins it changes nothing.

    Deals are put into classes of equal expected wins; the share won of each is shrunk to what was
    said (weight of 10 wins), and made to rise by isotonic regression. ``weight`` counts overlapping
    landmarks as less than one deal each.
    """
    expected = float((chance * weight).sum())
    if expected < WEIGHT or not won.any():
        return Calibration(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    order = np.argsort(chance, kind="stable")
    upto = np.cumsum((chance * weight)[order])
    place = np.minimum((upto / expected * CLASSES).astype(int), CLASSES - 1)
    said, came, total = (
        np.bincount(place, values[order], CLASSES)
        for values in (chance * weight, won * weight, weight)
    )
    some = total > 0
    said, came, total = said[some], came[some], total[some]
    mean = said / total
    ratio = (came + WEIGHT) / (said + WEIGHT)
    rising = isotonic_regression(mean * ratio, weights=total).x
    top = min(1.0, float(rising[-1] / mean[-1])) if mean[-1] > 0 else 1.0
    return Calibration(
        np.concatenate([[0.0], mean, [1.0]]),
        np.concatenate([[0.0], rising, [max(top, rising[-1])]]),
    )
