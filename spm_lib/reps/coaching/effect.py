"""What came of coaching: change against uncoached peers who started alike, not against the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import stdtrit

from spm_lib.core.calendar import Window
from spm_lib.core.statement import Points, Statement
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import closed_deals, counts_by_rep
from spm_lib.stats import beta_binomial

Verdict = Literal["worked", "not shown", "harmed", "cannot be said"]
ALIKE = 0.5  # standard deviations of the pooled start within which two people started alike
MOST_PEERS = 5
FEWEST_PEERS = 2
FEWEST_AFTER = 5  # trials afterwards without which nothing is compared
DAYS = 183
Floats = np.ndarray


@dataclass(frozen=True)
class CoachingEffect:
    """How much more the ratio of the coached changed than that of peers who started alike.

    ``effect, low, high`` are differences of shares (95 %), null where it cannot be said. ``plain``
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
    coached = known["coached"].to_numpy()
    if not known.height or not coached.any():
        return CoachingEffect(None, None, None, 0.0, 0.0, int(coached.sum()), 0, 0)
    start, spread = _start(known)
    raw = known["before"].to_numpy() / known["before_n"].to_numpy()
    trials = known["after_n"].to_numpy().astype(float)
    rate = known["after"].to_numpy() / trials
    noise = start * (1 - start) / trials + spread
    weights, matched = _weights(start, coached)
    count = int(coached.sum())
    plain = float((rate - raw)[coached].mean())
    regression = float((start - raw)[coached].mean())
    used = int(matched.sum())
    peers = int(((weights != 0) & ~coached).sum())
    if 2 * used < count or used == 0:
        return CoachingEffect(None, None, None, plain, regression, count, used, peers)
    change = rate - start
    noise = noise + _wander(change[~coached], noise[~coached])
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
    near = ALIKE * float(start.std()) + 1e-12
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


def coached_counts(
    company: Company, coached: Mapping[str, date], *, days: int = DAYS
) -> pl.DataFrame:
    """Return won and decided deals before and after coaching began, of coached and others.

    Others are counted around the middle of the days on which coaching began. ``days`` is the
    length of each side; the side after ends at ``as_of``. Columns out: those that
    ``coaching_effect`` takes.
    """
    starts = sorted(coached.values())
    usual = starts[len(starts) // 2]
    rows = []
    for day in sorted({*starts, usual}):
        before, after = _sides(company, day, days)
        both = before.join(after, on="rep_id", how="full", coalesce=True).fill_null(0)
        mine = [rep for rep, began in coached.items() if began == day]
        wanted = pl.col("rep_id").is_in(mine)
        if day == usual:
            wanted = wanted | ~pl.col("rep_id").is_in(list(coached))
        rows.append(both.filter(wanted))
    frame = pl.concat(rows).with_columns(coached=pl.col("rep_id").is_in(list(coached)))
    return frame.select("rep_id", "coached", "before", "before_n", "after", "after_n").sort(
        "rep_id"
    )


def _sides(company: Company, day: date, days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    end = min(day + timedelta(days=days), company.as_of + timedelta(days=1))
    made = []
    for name, window in (
        ("before", Window(day - timedelta(days=days), day)),
        ("after", Window(day, max(end, day + timedelta(days=1)))),
    ):
        counts = counts_by_rep(closed_deals(company, window))
        made.append(
            counts.select("rep_id", pl.col("won").alias(name), pl.col("n").alias(f"{name}_n"))
        )
    return made[0], made[1]


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
