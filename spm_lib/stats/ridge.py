"""Poisson regression with a ridge: rates of rare events from counts and exposures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import get_blas_funcs
from scipy.sparse import csr_array

_ROUNDS = 25
_ENOUGH = 1e-6
_STEEPEST = 30.0


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """Coefficients, and the log evidence of the penalty they were found with (Laplace)."""

    beta: np.ndarray
    evidence: float


def ridge_poisson(
    design: np.ndarray | csr_array,
    count: np.ndarray,
    exposure: np.ndarray,
    *,
    penalty: np.ndarray,
    start: np.ndarray | None = None,
    judged: bool = True,
) -> RidgeFit:
    """Fit ``count ~ Poisson(exposure x exp(design @ beta))``, ``beta_j ~ N(0, 1 / penalty_j)``.

    Newton's method with step halving; a penalty of 0 leaves a coefficient free. Counts may be
    fractions (weighted events). A design of mostly zeros (codes as columns) is quicker as a sparse
    array. The evidence is left out (NaN) unless ``judged``.

    Examples
    --------
    >>> fit = ridge_poisson(
    ...     np.ones((2, 1)), np.array([3.0, 5.0]), np.array([1.0, 1.0]), penalty=np.zeros(1)
    ... )
    >>> round(float(np.exp(fit.beta[0])), 6)
    4.0
    """
    some = exposure > 0
    design, count, exposure = design[some], count[some], exposure[some]
    light = _dense(design.astype(np.float32))
    beta = _begin(count, exposure, penalty.size) if start is None else start
    value = _loss(design, count, exposure, beta, penalty)
    for _ in range(_ROUNDS):
        rate = exposure * np.exp(np.clip(design @ beta, -_STEEPEST, _STEEPEST))
        gradient = design.T @ (count - rate) - penalty * beta
        step = np.linalg.solve(_curve(light, rate, penalty), gradient)
        beta, before, value = _walk(design, count, exposure, penalty, beta, step, value)
        if before - value < _ENOUGH * (1 + abs(value)):
            break
    if not judged:
        return RidgeFit(beta, float("nan"))
    rate = exposure * np.exp(np.clip(design @ beta, -_STEEPEST, _STEEPEST))
    return RidgeFit(beta, _evidence(_dense(design), rate, penalty, value))


def _dense(design: np.ndarray | csr_array) -> np.ndarray:
    return design if isinstance(design, np.ndarray) else design.toarray()


def _begin(count: np.ndarray, exposure: np.ndarray, width: int) -> np.ndarray:
    beta = np.zeros(width)
    beta[0] = np.log(max(count.sum(), 0.5) / max(exposure.sum(), 1e-9))
    return beta


def _loss(
    design: np.ndarray | csr_array,
    count: np.ndarray,
    exposure: np.ndarray,
    beta: np.ndarray,
    penalty: np.ndarray,
) -> float:
    log_rate = np.clip(design @ beta, -_STEEPEST, _STEEPEST)
    return float((exposure * np.exp(log_rate) - count * log_rate).sum() + penalty @ beta**2 / 2)


def _curve(design: np.ndarray, rate: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Return the curvature of the loss; single precision is enough for the direction of a step."""
    rooted = design * np.sqrt(rate)[:, None].astype(design.dtype)
    (product,) = get_blas_funcs(("syrk",), (rooted,))
    upper = product(1.0, rooted.T).astype(float)
    return upper + np.triu(upper, 1).T + np.diag(penalty + 1e-9)


def _walk(
    design: np.ndarray | csr_array,
    count: np.ndarray,
    exposure: np.ndarray,
    penalty: np.ndarray,
    beta: np.ndarray,
    step: np.ndarray,
    value: float,
) -> tuple[np.ndarray, float, float]:
    """Take the step, halved until it helps."""
    for halving in range(12):
        tried = beta + step / 2**halving
        found = _loss(design, count, exposure, tried, penalty)
        if found <= value:
            return tried, value, found
    return beta, value, value


def _evidence(design: np.ndarray, rate: np.ndarray, penalty: np.ndarray, value: float) -> float:
    shrunk = penalty > 0
    _, size = np.linalg.slogdet(_curve(design, rate, penalty))
    return float(np.log(penalty[shrunk]).sum() / 2 - size / 2 - value)
