"""The check of the verdict on coaching: where coaching does nothing it must not "work"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from spm_lib.reps.coaching.effect import coaching_effect, number_effect


@dataclass(frozen=True)
class CoachingCheck:
    """Simulated programmes: how many "worked", how many a plain before and after says worked."""

    programmes: int
    worked: int
    unsaid: int
    plain: int

    @property
    def share(self) -> float:
        """Share of programmes that worked, by the comparison with peers."""
        return self.worked / self.programmes if self.programmes else 0.0


def check_coaching(
    *,
    effect: float = 0.0,
    seeds: int = 200,
    people: int = 30,
    coached: int = 8,
    cases: int = 60,
    spread: float = 0.06,
    picked: float = 0.6,
    seed: int = 1,
) -> CoachingCheck:
    """Coach people picked for a low start, with a true ``effect`` on their share (0: none).

    The coached are drawn from the ``picked`` share of people who did worst beforehand. Everybody
    drifts by a common amount in between, so that the past alone is no yardstick.
    """
    rng = np.random.default_rng(seed)
    worked = unsaid = plain = 0
    for _ in range(seeds):
        frame = _programme(
            rng,
            effect=effect,
            people=people,
            coached=coached,
            cases=cases,
            spread=spread,
            picked=picked,
        )
        found = coaching_effect(frame)
        worked += found.verdict == "worked"
        unsaid += found.verdict == "cannot be said"
        plain += _plain(frame.filter("coached"))
    return CoachingCheck(seeds, worked, unsaid, plain)


def check_numbers(
    kind: Literal["mean", "weekly"],
    *,
    effect: float = 0.0,
    seeds: int = 200,
    people: int = 30,
    coached: int = 1,
    picked: float = 0.3,
    seed: int = 1,
) -> CoachingCheck:
    """Coach people picked for a low number, with a true ``effect`` on it (0.2: a fifth more).

    ``mean``: amounts of about 20 deals on each side, as uneven as exponential ones. ``weekly``: 26
    weeks on each side, of counts more uneven than luck alone. People differ by a fifth; everybody
    drifts by a common part in between. ``plain`` counts programmes after which the number of the
    coached was higher than before.
    """
    rng = np.random.default_rng(seed)
    worked = unsaid = plain = 0
    for _ in range(seeds):
        truth = np.clip(rng.normal(1.0, 0.2, people), 0.3, None)
        later = truth * (1 + rng.normal(0, 0.05))
        before, cases = _numbers(rng, truth, kind)
        worst = np.argsort(before.mean(axis=1, where=cases))[: max(int(people * picked), coached)]
        chosen = np.zeros(people, bool)
        chosen[rng.choice(worst, coached, replace=False)] = True
        after = _numbers(rng, later * np.where(chosen, 1 + effect, 1.0), kind)
        frame = pl.DataFrame({"rep_id": [f"r{i}" for i in range(people)], "coached": chosen})
        frame = frame.with_columns(_side("before", before, cases) + _side("after", *after))
        found = number_effect(frame)
        worked += found.verdict == "worked"
        unsaid += found.verdict == "cannot be said"
        plain += found.plain > 0
    return CoachingCheck(seeds, worked, unsaid, plain)


def _numbers(rng: np.random.Generator, truth: np.ndarray, kind: str) -> tuple[np.ndarray, ...]:
    """Return the cases of each person, and which of the columns are cases."""
    size = (len(truth), 26)
    if kind == "weekly":
        rate = 8 * truth[:, None] * rng.gamma(4, 1 / 4, size)
        return rng.poisson(rate).astype(float), np.ones(size, bool)
    n = np.clip(rng.poisson(18, len(truth)), 2, size[1])
    return rng.exponential(20_000 * truth[:, None], size), np.arange(size[1]) < n[:, None]


def _side(name: str, numbers: np.ndarray, cases: np.ndarray) -> list[pl.Series]:
    n = cases.sum(axis=1)
    error = numbers.std(axis=1, ddof=1, where=cases) / np.sqrt(n)
    value = numbers.mean(axis=1, where=cases)
    return [
        pl.Series(name, value),
        pl.Series(f"{name}_n", n),
        pl.Series(f"{name}_error", error),
    ]


def _programme(
    rng: np.random.Generator,
    *,
    effect: float,
    people: int,
    coached: int,
    cases: int,
    spread: float,
    picked: float,
) -> pl.DataFrame:
    truth = np.clip(rng.normal(0.4, spread, people), 0.05, 0.9)
    before_n, after_n = (rng.poisson(cases, people) + 5 for _ in range(2))
    before = rng.binomial(before_n, truth)
    worst = np.argsort(before / before_n)[: max(int(people * picked), coached)]
    chosen = np.zeros(people, bool)
    chosen[rng.choice(worst, coached, replace=False)] = True
    drift = rng.normal(0.0, 0.02)
    later = np.clip(truth + drift + effect * chosen, 0.01, 0.99)
    return pl.DataFrame(
        {
            "rep_id": [f"r{i}" for i in range(people)],
            "coached": chosen,
            "before": before,
            "before_n": before_n,
            "after": rng.binomial(after_n, later),
            "after_n": after_n,
        }
    )


def _plain(coached: pl.DataFrame) -> bool:
    """Say whether a plain z-test of before and after calls the rise of the coached real."""
    total = coached.select(pl.col("before", "before_n", "after", "after_n").sum()).row(0)
    rates = total[0] / total[1], total[2] / total[3]
    mean = (total[0] + total[2]) / (total[1] + total[3])
    error = np.sqrt(mean * (1 - mean) * (1 / total[1] + 1 / total[3]))
    return bool((rates[1] - rates[0]) / error > 1.96)
