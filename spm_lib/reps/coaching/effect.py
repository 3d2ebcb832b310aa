"""What came of coaching: change against uncoached peers who started alike, not against the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtrit

from spm_lib.core.statement import Points, Statement
from spm_lib.stats import beta_binomial, normal_pooling

Verdict = Literal["worked", "not shown", "harmed", "cannot be said"]
ALIKE = 0.5  # standard deviations of the pooled start within which two people started alike
MOST_PEERS = 5
FEWEST_PEERS = 2
FEWEST_AFTER = 5  # trials afterwards without which nothing is compared
Floats = np.ndarray


@dataclass(frozen=True)
class CoachingEffect:
    """How much more the number of the coached changed than that of peers who started alike.

    ``effect, low, high`` are differences of shares, or of numbers in their own unit (95 %), null
    where it cannot be said. ``plain``
    is the change of the coached on their own, and ``regression`` what of it anybody picked at
    such a start would have shown without coaching (regression to the mean). ``coached`` and
    ``matched`` count people, ``peers`` those compared with.
    """

    effect: float | None
    low: float | None
    high: float | None
    plain: float
    regression: float
    coached: int
    matched: int
    peers: int

    @property
    def verdict(self) -> Verdict:
        """Whether coaching worked, as far as it can be said."""
        if self.low is None or self.high is None:
            return "cannot be said"
        return "worked" if self.low > 0 else "harmed" if self.high < 0 else "not shown"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What came of it, in words."""
        return _words(self)


def coaching_effect(frame: pl.DataFrame, *, level: float = 0.95) -> CoachingEffect:
    """Compare the change of coached people with that of uncoached peers who started alike.

    Everybody's start is pooled first (beta-binomial): whoever was picked in the worst month is
    expected to come back by himself, and pooled starts say how far. Each coached person is
    compared with up to five uncoached people whose pooled start lies within half a standard
    deviation; the effect is the mean difference of (after - pooled start). Source: Angrist &
    Pischke (2009), Mostly Harmless Econometrics, 5.2 (difference in differences); Stuart (2010),
    Statistical Science 25:1 (matching); Efron & Morris (1975), JASA 70:311 (pooling).

    Columns in: ``rep_id, coached`` (Boolean), ``before, before_n, after, after_n`` (successes and
    trials). People with fewer than five trials afterwards or none before are left out.
    """
    known = frame.filter((pl.col("after_n") >= FEWEST_AFTER) & (pl.col("before_n") > 0))
    if not known["coached"].any():
        return _nothing(known)
    start, spread = _start(known)
    trials = known["after_n"].to_numpy().astype(float)
    sides = _Sides(
        raw=known["before"].to_numpy() / known["before_n"].to_numpy(),
        start=start,
        after=known["after"].to_numpy() / trials,
        noise=start * (1 - start) / trials + spread,
    )
    return _compared(known["coached"].to_numpy(), sides, level=level)


def number_effect(frame: pl.DataFrame, *, level: float = 0.95) -> CoachingEffect:
    """Compare as ``coaching_effect`` does, for means, times, counts and sums of people.

    Only how sure a start is differs: starts are pooled as means with known errors (normal), and
    the error of each is the spread of a single case, pooled over all people, over the root of the
    person's cases. A spread of each person's own would call surest who happened to be low.

    Columns in: ``rep_id, coached`` (Boolean), ``before, before_n, before_error, after, after_n,
    after_error``: a person's number, the cases that it rests on and its standard error. People
    with fewer than five cases afterwards, fewer than two before, or without errors are left out.
    """
    sure = pl.all_horizontal(pl.col("before_error", "after_error").is_not_null())
    enough = (pl.col("after_n") >= FEWEST_AFTER) & (pl.col("before_n") >= 2)
    known = frame.filter(sure & enough)
    before, after = (_errors(known, side) for side in ("before", "after"))
    if not known["coached"].any() or not before.all() or not after.all():
        return _nothing(known)
    raw = known["before"].to_numpy().astype(float)
    pooled = normal_pooling(raw, before)
    spread = ((pooled.high - pooled.low) / (2 * float(ndtri(0.975)))) ** 2
    rate = known["after"].to_numpy().astype(float)
    sides = _Sides(raw=raw, start=pooled.shrunk, after=rate, noise=after**2 + spread)
    return _compared(known["coached"].to_numpy(), sides, level=level)


def _errors(known: pl.DataFrame, side: str) -> Floats:
    """Return everybody's standard error on a side, from the spread of a case pooled over all."""
    n = known[f"{side}_n"].to_numpy().astype(float)
    own = known[f"{side}_error"].to_numpy().astype(float)
    freedom = np.maximum(n - 1, 0)
    variance = float((freedom * n * own**2).sum()) / max(float(freedom.sum()), 1.0)
    return np.sqrt(variance / n)


@dataclass(frozen=True, eq=False)
class _Sides:
    """Each person's number before, its pooled start, the number after, and the noise of both."""

    raw: Floats
    start: Floats
    after: Floats
    noise: Floats


def _nothing(known: pl.DataFrame) -> CoachingEffect:
    return CoachingEffect(None, None, None, 0.0, 0.0, int(known["coached"].sum()), 0, 0)


def _compared(coached: np.ndarray, sides: _Sides, *, level: float) -> CoachingEffect:
    """Return the mean difference of (after - pooled start), with its interval."""
    start, change = sides.start, sides.after - sides.start
    weights, matched = _weights(start, coached)
    count = int(coached.sum())
    plain = float((sides.after - sides.raw)[coached].mean())
    regression = float((start - sides.raw)[coached].mean())
    used = int(matched.sum())
    peers = int(((weights != 0) & ~coached).sum())
    if 2 * used < count or used == 0:
        return CoachingEffect(None, None, None, plain, regression, count, used, peers)
    noise = sides.noise + _wander(change[~coached], sides.noise[~coached])
    effect = float(weights @ change)
    error = float(np.sqrt(weights**2 @ noise))
    half = float(stdtrit(max(used + peers - 2, 1), (1 + level) / 2)) * error
    return CoachingEffect(
        effect, effect - half, effect + half, plain, regression, count, used, peers
    )


def _start(known: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return everybody's pooled start, and how uncertain it is."""
    n = known["before_n"].to_numpy().astype(float)
    pooled = beta_binomial(known["before"].to_numpy(), n)
    start = pooled.shrunk
    strength = pooled.strength if np.isfinite(pooled.strength) else np.inf
    return start, start * (1 - start) / (strength + n + 1)


def _weights(start: Floats, coached: np.ndarray) -> tuple[Floats, np.ndarray]:
    """Return the weight of each person in the effect, and which coached people are matched."""
    near = ALIKE * float(start.std()) + 1e-12 * max(1.0, float(np.abs(start).max()))
    pool = np.flatnonzero(~coached)
    weights, matched = np.zeros(len(start)), np.zeros(len(start), bool)
    for who in np.flatnonzero(coached):
        far = np.abs(start[pool] - start[who])
        alike = pool[np.argsort(far, kind="stable")][:MOST_PEERS]
        alike = alike[np.abs(start[alike] - start[who]) <= near]
        if len(alike) >= FEWEST_PEERS:
            matched[who] = True
            weights[who] += 1.0
            weights[alike] -= 1.0 / len(alike)
    total = matched.sum()
    return (weights / total if total else weights), matched


def _wander(change: Floats, noise: Floats) -> float:
    """Return how far people wander beyond luck without any coaching (a variance)."""
    if len(change) < 3:
        return 0.0
    seen = float(change.var(ddof=1))
    return max(seen - float(noise.mean()), 0.0)


def _words(found: CoachingEffect) -> tuple[Statement, ...]:
    if found.effect is None:
        text = (
            "What came of the coaching cannot be said: for most of the coached nobody who was not "
            "coached started alike."
        )
        return (Statement(text), *_warning(found))
    texts = {
        "worked": "Coaching worked: the coached rose by {effect} more than uncoached peers who "
        "started alike.",
        "harmed": "The coached fell by {effect} against uncoached peers who started alike.",
        "not shown": "No effect of coaching is shown: against uncoached peers who started alike "
        "the difference is {effect}, no more than luck brings.",
    }
    effect = Points(abs(found.effect))
    return (Statement(texts[found.verdict], {"effect": effect}), *_warning(found))


def _warning(found: CoachingEffect) -> tuple[Statement, ...]:
    text = (
        "The coached changed by {plain} themselves. That is no proof: people are picked when they "
        "are low, and {regression} of it was to be expected without coaching (regression to the "
        "mean)."
    )
    values = {"plain": _signed(found.plain), "regression": _signed(found.regression)}
    return (Statement(text, values, "why"),)


def _signed(value: float) -> Statement:
    values = {"points": Points(abs(value))}
    return Statement("{points} up", values) if value >= 0 else Statement("{points} down", values)
