"""The skill of winning large deals: the amount of won deals, on the scale of logarithms."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from spm_lib.reps.comparison.closed_deals import closed_deals
from spm_lib.reps.skills.given import Given
from spm_lib.reps.skills.skill import Pooled, Skill, evidence_of
from spm_lib.stats import NormalPooling, normal_pooling
from spm_lib.stats.factors import mean_effects

Floats = np.ndarray
_FEWEST = 20


def deal_size(given: Given, *, seed: int, level: float) -> Skill | None:
    """Return the skill of winning large deals: log amounts, the mix of deals allowed for.

    The effects of the mix are fitted within people; a person's mean of what is left is pooled with
    its standard error (``normal_pooling``; one spread of amounts within people). It is told as the
    average deal: the factor against all x the average amount of all. People without a won deal
    have the common value.
    """
    deals = closed_deals(given.company, given.window).filter(
        (pl.col("won") == 1) & (pl.col("amount") > 0)
    )
    unit = given.unit(deals["rep_id"])
    deals, unit = deals.filter(unit >= 0), unit[unit >= 0]
    size = len(given.reps)
    n = np.bincount(unit, minlength=size)
    people = int((n > 0).sum())
    if deals.height < _FEWEST or people < 1 or deals.height <= people:
        return None
    amount = deals["amount"].to_numpy().astype(float)
    fit = mean_effects(np.log(amount), unit=unit, units=size, codes=given.codes(deals))
    rest = np.log(amount) - fit.apart(given.codes(deals), len(amount))
    mean = np.bincount(unit, rest, size) / np.maximum(n, 1)
    within = float(((rest - mean[unit]) ** 2).sum()) / (deals.height - people)
    some = n > 0
    errors = np.sqrt(max(within, 1e-12) / n[some])
    pooled = normal_pooling(mean[some], errors, level=level)
    raw = np.bincount(unit, amount, size)
    return Skill(
        id="deal_size",
        unit="money",
        reps=given.reps,
        raw=np.where(some, raw / np.maximum(n, 1), np.nan),
        n=n,
        pooled=_as_money(pooled, some, n[some], usual=float(amount.mean())),
        test=pooled.test,
        dispersion=1.0,
        evidence=evidence_of(pooled.test.p, differs=pooled.differs),
        seed=seed,
    )


def _as_money(pooled: NormalPooling, some: NDArray, n: Floats, *, usual: float) -> Pooled:
    """Return the factors as average amounts: those of all deals average to the amount of all."""
    unit = usual * n.sum() / float(n @ np.exp(pooled.shrunk))

    def spread(values: Floats) -> Floats:
        whole = np.full((*values.shape[:-1], len(some)), np.nan)
        whole[..., some] = np.exp(values) * unit
        return np.where(np.isnan(whole), np.exp(pooled.mean) * unit, whole)

    return Pooled(
        spread(pooled.shrunk),
        spread(pooled.low),
        spread(pooled.high),
        float(np.exp(pooled.mean) * unit),
        pooled.differs,
        lambda draws, rng: spread(pooled.sample(draws, rng)),
    )
