"""The common shock: how far past forecasts missed beyond deal luck, and how that widens the next.

Only windows that had closed by the origin are looked at (prequential). One shock moves everybody
in a scenario, so that the company's numbers and the reps' add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spm_lib.forecast.methods.method import Parts

ENOUGH = 8
ASSUMED = 0.30
_LARGEST = 4.0
_REP_CEILING = 1.5
_FURTHEST = 4.0


@dataclass(frozen=True, eq=False)
class PastError:
    """One past forecast and what came of it; ``end`` is the epoch day after its last window.

    ``expected`` and ``actual`` are (reps, windows); ``luck`` is the variance that deal luck alone
    gives to the company per window, ``luck_total`` to the company's whole horizon, ``luck_reps`` to
    each rep's whole horizon.
    """

    end: int
    expected: np.ndarray
    actual: np.ndarray
    luck: np.ndarray
    luck_total: float
    luck_reps: np.ndarray


@dataclass(frozen=True)
class Shock:
    """Standard deviations (log scale) of what moves bookings beyond deal luck.

    ``common`` moves the whole horizon and everybody; ``window`` each window and everybody; ``rep``
    one rep over the horizon. ``windows`` is the number of closed windows behind it; with fewer than
    8 of them ``assumed`` is True and 30 % is assumed for the missing ones.
    """

    common: float
    window: float
    rep: float
    windows: int
    assumed: bool


def estimate_shock(errors: Sequence[PastError], *, origin: int) -> Shock:
    """Estimate the shock from the errors whose windows had closed by the end of ``origin``.

    ``sigma^2 = max(mean(log(actual / forecast)^2) - Var_luck / forecast^2, 0)``; source: design
    notes on methods 1.2, without the bias term: a method is not corrected, its band tells its bias.
    """
    past = [error for error in errors if error.end <= origin + 1]
    count = len(past)
    total = _mean([_excess(e.actual.sum(), e.expected.sum(), e.luck_total) for e in past])
    single = _mean([_windows_excess(e) for e in past])
    if count < ENOUGH:
        total = (count * total + (ENOUGH - count) * ASSUMED**2) / ENOUGH
        single = max(single, total)
    size = past[0].expected.shape[1] if past else 1
    window = max((single - total) * size / (size - 1), 0.0) if size > 1 else 0.0
    common = max(total - window / size, 0.0)
    rep = _rep_excess(past, common)
    return Shock(common**0.5, window**0.5, rep**0.5, count, assumed=count < ENOUGH)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _excess(actual: float, expected: float, luck: float) -> float:
    """Return the squared log miss less what deal luck explains; misses are clipped at 4-fold."""
    if expected <= 0:
        return 0.0 if actual <= 0 else float(np.log(_LARGEST) ** 2)
    ratio = np.clip(actual / expected, 1 / _LARGEST, _LARGEST)
    return float(np.log(ratio) ** 2 - luck / expected**2)


def _windows_excess(error: PastError) -> float:
    actual, expected = error.actual.sum(axis=0), error.expected.sum(axis=0)
    return float(np.mean([_excess(*row) for row in zip(actual, expected, error.luck, strict=True)]))


def _rep_excess(errors: Sequence[PastError], common: float) -> float:
    """Return the variance of reps' misses beyond luck and the common shock (of log scale)."""
    top = bottom = 0.0
    for error in errors:
        expected, actual = error.expected.sum(axis=1), error.actual.sum(axis=1)
        top += float(((actual - expected) ** 2 - error.luck_reps).sum())
        bottom += float((expected**2).sum())
    if bottom <= 0:
        return 0.0
    relative = max(top / bottom - np.expm1(common), 0.0) / np.exp(common)
    return float(min(np.log1p(relative), _REP_CEILING))


def apply_shock(sample: Parts, shock: Shock, *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Multiply every scenario by its shock; the mean over scenarios stays what it was.

    Student's t in place of the normal where the shock is known from few windows.
    """
    first = next(iter(sample.values()))
    reps, windows, draws = first.shape
    freedom = max(shock.windows, 4)
    common = shock.common * _t(rng, freedom, (1, 1, draws))
    window = shock.window * _t(rng, freedom, (1, windows, draws))
    factor = _levelled(common + window) * _levelled(
        shock.rep * rng.standard_normal((reps, 1, draws))
    )
    return {name: np.rint(part * factor).astype(np.int64) for name, part in sample.items()}


def _t(rng: np.random.Generator, freedom: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.clip(rng.standard_t(freedom, shape), -_FURTHEST, _FURTHEST)


def _levelled(log: np.ndarray) -> np.ndarray:
    """Return exp(log), scaled so that its mean over scenarios is 1."""
    factor = np.exp(log)
    return factor / factor.mean(axis=-1, keepdims=True)
