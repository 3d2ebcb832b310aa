"""Skills that are shares: the win rate, and what went forward of the visits to each stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import expit

from spm_lib.reps.comparison.closed_deals import closed_deals
from spm_lib.reps.skills.ended_visits import ended_visits
from spm_lib.reps.skills.given import Given
from spm_lib.reps.skills.kinds import kinds_of
from spm_lib.reps.skills.skill import Pooled, Skill, evidence_of
from spm_lib.stats import beta_binomial, heterogeneity
from spm_lib.stats.factors import Effects, logistic_effects

Floats = np.ndarray
Ints = np.ndarray
_POINTS = 60
_FEWEST = 30  # visits of a stage from which on it is compared


def win_rate(given: Given, *, seed: int, level: float) -> Skill | None:
    """Return the skill of winning: won / (won + lost) of the deals closed in the window."""
    deals = closed_deals(given.company, given.window)
    unit = given.unit(deals["rep_id"])
    codes = [*given.codes(deals), *_ramp(given, unit, deals["created_day"], deals["closed_day"])]
    return rate_skill(
        given,
        "win_rate",
        deals["won"].to_numpy().astype(float),
        unit=unit,
        codes=codes,
        seed=seed,
        level=level,
    )


def stage_rates(given: Given, *, seed: int, level: float) -> list[Skill]:
    """Return, per open stage, the share of visits ended in the window that went forward.

    See ``ended_visits`` for how a visit ends, and for whom it counts. A stage with fewer than 30
    such visits is left out.
    """
    ended = ended_visits(given.company, given.start, given.end)
    if not ended.height:
        return []
    ended = ended.join(given.deals, on="opportunity_id", how="left", maintain_order="left")
    found = []
    for (stage,), rows in ended.group_by("stage", maintain_order=True):
        unit = given.unit(rows["ender"])
        codes = [*given.codes(rows), *_ramp(given, unit, rows["created_day"], rows["left_day"])]
        went = rows["went"].to_numpy().astype(float)
        made = rate_skill(
            given, f"stage:{stage}", went, unit=unit, codes=codes, seed=seed, level=level
        )
        if rows.height >= _FEWEST and made:
            found.append((rows["stage_rank"][0], made))
    return [made for _, made in sorted(found, key=lambda pair: (pair[0], pair[1].id))]


def _ramp(given: Given, unit: Ints, began: pl.Series, ended: pl.Series) -> list[Ints]:
    """Return how new each person was when the deal began, as one more thing not chosen."""
    if not given.ramps:
        return []
    day = pl.DataFrame({"a": began, "b": ended}).select(pl.coalesce("a", "b"))["a"]
    return [given.ramp(unit, day.fill_null(given.end).to_numpy())]


def rate_skill(
    given: Given,
    name: str,
    success: Floats,
    *,
    unit: Ints,
    codes: Sequence[Ints],
    seed: int,
    level: float,
) -> Skill | None:
    """Return a skill that is a share of trials, at the mix of all together.

    Each row is a trial. Without a mix the counts are pooled as they are (beta-binomial); with one,
    each person's share is first put to the mix of all (see ``standardised``).
    """
    mine = unit >= 0
    unit, success = unit[mine], success[mine]
    codes = [code[mine] for code in codes if len(code) and code[mine].max(initial=0) > 0]
    size = len(given.reps)
    n = np.bincount(unit, minlength=size)
    if not len(unit):
        return None
    k = np.bincount(unit, success, size)
    wins, trials = standardised(success, unit=unit, codes=codes, size=size) if codes else (k, n)
    pooled = beta_binomial(wins, trials, level)
    test = heterogeneity(wins, trials)
    return Skill(
        id=name,
        unit="ratio",
        reps=given.reps,
        raw=np.where(n > 0, k / np.maximum(n, 1), np.nan),
        n=n,
        pooled=Pooled(
            pooled.shrunk, pooled.low, pooled.high, pooled.mean, pooled.differs, pooled.sample
        ),
        test=test,
        dispersion=1.0,
        evidence=evidence_of(test.p, differs=pooled.differs),
        seed=seed,
    )


def standardised(
    success: Floats, *, unit: Ints, codes: Sequence[Ints], size: int
) -> tuple[Floats, Floats]:
    """Return wins and trials per person as if each had had the mix of all together.

    The effects of the mix are fitted within people (``logistic_effects``). A person's share is then
    the mean chance of all rows in those hands; trials are how many would tell it as surely. Who
    won all or nothing keeps the plain counts.
    """
    cell, rows = kinds_of([unit, *codes])
    n = np.bincount(cell).astype(float)
    won = np.bincount(cell, success)
    where = [code[rows] for code in codes]
    fit = logistic_effects(won, n, unit=unit[rows], units=size, codes=where)
    offset = fit.apart(where, len(rows))
    effect = _exact(fit, won, n, unit=unit[rows], offset=offset)
    points, weight = _spread(offset, n)
    chance = expit(points + effect[:, None])
    share = chance @ weight
    slope = (chance * (1 - chance)) @ weight
    mine = expit(offset + effect[unit[rows]])
    told = np.bincount(unit[rows], n * mine * (1 - mine), size)
    plain, won_of = np.bincount(unit, minlength=size), np.bincount(unit, success, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = share * (1 - share) * told / slope**2
    sure = (won_of > 0) & (won_of < plain) & np.isfinite(trials)
    trials = np.where(sure, trials, plain)
    return np.where(sure, share * trials, won_of), trials


def _exact(fit: Effects, won: Floats, n: Floats, *, unit: Ints, offset: Floats) -> Floats:
    """Return the effect per person at which expected wins are the wins, the mix given."""
    effect = fit.unit.copy()
    k = np.bincount(unit, won, len(effect))
    for _ in range(30):
        chance = expit(offset + effect[unit])
        expected = np.bincount(unit, n * chance, len(effect))
        spread = np.bincount(unit, n * chance * (1 - chance), len(effect))
        step = np.clip((k - expected) / np.maximum(spread, 1e-9), -1, 1)
        effect = np.clip(effect + step, -12, 12)
        if np.abs(step).max(initial=0) < 1e-9:
            break
    return effect


def _spread(offset: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the offsets of all rows as at most 60 points with weights that sum to 1."""
    order = np.argsort(offset, kind="stable")
    place = np.cumsum(n[order]) - n[order] / 2
    group = np.minimum((place / n.sum() * _POINTS).astype(int), _POINTS - 1)
    weight = np.bincount(group, n[order], _POINTS)
    middle = np.bincount(group, n[order] * offset[order], _POINTS)
    some = weight > 0
    return middle[some] / weight[some], weight[some] / weight.sum()
