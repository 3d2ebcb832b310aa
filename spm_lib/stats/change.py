"""Whether a share has changed, asked again and again: evidence that survives peeking every week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spm_lib.core import special
from spm_lib.core.errors import DataError

Floats = NDArray[np.float64]
GRID = np.linspace(-4.5, 4.5, 61)  # log odds (or log odds ratios) that might be
PRIOR_SD = 1.0
LOOKS = 104  # looks that are planned: two years of weeks
SPACING = 4  # looks between the moments at which a change may have begun


@dataclass(frozen=True, eq=False)
class ChangeEvidence:
    """Evidence of a change after each look, and what the change would be.

    ``log_e`` is the logarithm of the evidence after each look: if nothing changes, the chance that
    it ever reaches log(1 / a) is at most a, however often one looks (see ``change_in_share``).
    ``begun`` is the look from which the change most likely began; ``before`` and ``after`` are the
    log odds (or log odds ratios) on both sides of it.
    """

    log_e: Floats
    begun: int
    before: float
    after: float

    def alarm(self, level: float) -> int | None:
        """Return the first look at which the evidence reaches 1 / level; None where it never did.

        Examples
        --------
        >>> found = change_in_share([9] * 20 + [2] * 20, [10] * 40)
        >>> found.alarm(0.05), found.begun
        (20, 20)
        """
        reached = np.flatnonzero(self.log_e >= -np.log(level))
        return int(reached[0]) if len(reached) else None


def change_in_share(successes: ArrayLike, n: ArrayLike, *, planned: int = LOOKS) -> ChangeEvidence:
    """Return the evidence, look by look, that one share of trials has changed.

    The evidence is a mixture of likelihood ratios: one share before and another after, begun at
    any of the ``planned`` looks (every fourth), against one share throughout; each share has the
    same prior (log odds, normal, SD 1). If nothing changes, the chance that it ever reaches 1 / a
    is at most a on average over that prior (Ville's inequality), however often one looks; for
    single shares it is shown by simulation (docs/validation.md). Source: Robbins (1970), Annals of
    Mathematical Statistics 41:1397; de Heide & Grunwald (2021), Psychonomic Bulletin & Review
    28:795.

    Raises
    ------
    DataError
        If counts and trials do not fit each other.
    """
    k, trials = _fitting(successes, n)
    line = k[:, None] * special.log_expit(GRID) + (trials - k)[:, None] * special.log_expit(-GRID)
    return _evidence(line, planned)


def change_against_others(
    successes: ArrayLike,
    n: ArrayLike,
    others: ArrayLike,
    others_n: ArrayLike,
    *,
    planned: int = LOOKS,
) -> ChangeEvidence:
    """Return the evidence that one unit's odds have changed against those of the others.

    What moves everybody in the same look (a quarter's end, a holiday) is no change: each look is
    conditioned on its totals (Fisher's noncentral hypergeometric distribution), and only the odds
    ratio against the others is followed. Source: as of ``change_in_share``; the conditional
    likelihood is that of Breslow & Day (1980), IARC 32, section 4.3.

    Raises
    ------
    DataError
        If counts and trials do not fit each other.

    Examples
    --------
    >>> half = change_against_others([5, 2] * 10, [10, 10] * 10, [50, 20] * 10, [100, 100] * 10)
    >>> half.alarm(0.05) is None
    True
    """
    k, trials = _fitting(successes, n)
    peers, peer_trials = _fitting(others, others_n)
    return _evidence(_conditional(k, trials, peers, peer_trials), planned)


def _fitting(successes: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    k, trials = np.asarray(successes, float), np.asarray(n, float)
    if k.shape != trials.shape or (k < 0).any() or (k > trials).any():
        raise DataError(
            "A share needs counts and trials that fit each other.",
            found=f"{k.size} counts, {trials.size} trials",
            do="Count both on the same rows",
        )
    return k, trials


def _conditional(k: Floats, n: Floats, peers: Floats, peer_n: Floats) -> Floats:
    """Return the log likelihood of each look given its totals, per log odds ratio of the grid."""
    if not len(k):
        return np.zeros((0, len(GRID)))
    total = (k + peers)[:, None]
    support = np.arange(n.max() + 1)[None, :]
    there = (support <= np.minimum(n[:, None], total)) & (support >= total - peer_n[:, None])
    rest = np.where(there, total - support, 0.0)
    here = np.where(there, support, 0.0)
    ways = _choose(n[:, None], here) + _choose(peer_n[:, None], rest)
    ways = np.where(there, ways, -np.inf)
    whole = _summed(ways[:, :, None] + support[:, :, None] * GRID, axis=1)
    return (_choose(n, k) + _choose(peer_n, peers))[:, None] + k[:, None] * GRID - whole


def _choose(n: Floats, k: Floats) -> Floats:
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


def _summed(values: Floats, axis: int) -> Floats:
    """Return log(sum(exp(values))) along an axis without running over."""
    top = values.max(axis=axis, keepdims=True)
    return np.log(np.exp(values - top).sum(axis=axis)) + np.squeeze(top, axis=axis)


def _evidence(line: Floats, planned: int) -> ChangeEvidence:
    """Return the evidence from the log likelihoods of each look (looks x grid)."""
    looks = len(line)
    summed = np.vstack([np.zeros(len(GRID)), np.cumsum(line, axis=0)])
    begins = np.arange(SPACING, max(looks, planned), SPACING)
    prior = -0.5 * (GRID / PRIOR_SD) ** 2
    prior = prior - _summed(prior, axis=0)
    whole = _summed(prior + summed, axis=1)
    found = np.tile(whole[1:], (len(begins), 1))
    for row, begin in enumerate(begins):
        if begin < looks:
            rest = _summed(prior + summed[begin + 1 :] - summed[begin], axis=1)
            found[row, begin:] = whole[begin] + rest
    log_e = _summed(found, axis=0) - np.log(len(begins)) - whole[1:]
    at = min(int(begins[np.argmax(found[:, -1])]), looks - 1) if looks else 0
    sides = prior + summed[at], prior + summed[looks] - summed[at]
    means = [float(np.exp(side - _summed(side, axis=0)) @ GRID) for side in sides]
    return ChangeEvidence(log_e, at, means[0], means[1])
