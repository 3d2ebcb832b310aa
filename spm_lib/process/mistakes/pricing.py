"""The gap in win rate that goes with a mistake: like for like, pooled, with its interval."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]
FEWEST_DEALS = 30  # deals that broke the rule, and as many that kept it
LEAST_LEFT = 0.05  # share of a rule's variance that stage, age and size must leave
BANDS = 5
QUARTER = 91  # days
FEWEST_REPS = 3


@dataclass(frozen=True)
class Gap:
    """The difference in win rate between like deals that broke a rule and that kept it.

    Attributes
    ----------
    cases, deals
        Looked at: deals on days, and different deals.
    broken_deals, kept_deals
        Different deals that broke it on some day, that kept it on some day.
    won
        Share won of the cases that broke it.
    gap, low, high
        Win rate of those that broke it less that of like ones that kept it, with its interval.
    p
        Chance of such a gap, or a wider one, by luck alone.
    """

    cases: int
    deals: int
    broken_deals: int
    kept_deals: int
    won: float
    gap: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, eq=False)
class LikeForLike:
    """Cases whose win rates are compared like for like; what is held alike is made once.

    Attributes
    ----------
    cases
        ``opportunity_id, mark, rep_id, pipeline, stage, amount, age, in_stage, won`` (0 or 1) and
        the columns of ``given``; nulls are a value of their own.
    given
        Columns known from the creation on, held alike.
    """

    cases: pl.DataFrame
    given: tuple[str, ...] = ()
    _made: dict[tuple[str, ...], Floats] = field(default_factory=dict, repr=False)

    def gap(self, broken: pl.Series, *, apart: tuple[str, ...] = ()) -> Gap | None:
        """Return the pooled gap in win rate between cases that broke a rule and like ones.

        Within each stratum (stage of its pipeline x size x time in stage) the win rates are
        compared; the strata are pooled by Mantel-Haenszel weights, which is what least squares with
        a constant per stratum gives, and there are constants for the owner, the quarter, the age
        and what is known from the creation on. Errors allow for one deal seen on several days and
        for one person's deals being alike: the wider of the two is taken. Sources: Greenland &
        Robins (1985), Biometrics 41:55; Cameron & Miller (2015), Journal of Human Resources 50:317.

        Parameters
        ----------
        broken
            Whether each case breaks the rule; cases of null are left out.
        apart
            What the rule is made of: not held alike ("age", "in_stage", or one of ``given``).

        Returns
        -------
        Gap or None
            None where fewer than 30 deals broke it, or kept it, or nothing is left of it once
            stage, size and age are the same.
        """
        known = broken.is_not_null()
        frame = self.cases.with_columns(broken=broken.cast(pl.Float64)).filter(known)
        sides = [frame.filter(pl.col("broken") == v)["opportunity_id"].n_unique() for v in (1, 0)]
        if min(sides) < FEWEST_DEALS or frame["won"].n_unique() < 2:
            return None
        flag, won = frame["broken"].to_numpy(), frame["won"].cast(pl.Float64).to_numpy()
        design = self._design(apart)[known.to_numpy()]
        rest = _without(design, np.column_stack([flag, won]))
        left = float(rest[:, 0] @ rest[:, 0])
        if left <= LEAST_LEFT * float(((flag - flag.mean()) ** 2).sum()):
            return None
        gap = float(rest[:, 0] @ rest[:, 1]) / left
        error, df = _error(rest[:, 0] * (rest[:, 1] - gap * rest[:, 0]) / left, frame)
        half = float(stdtrit(df, 0.975)) * error
        return Gap(
            cases=frame.height,
            deals=frame["opportunity_id"].n_unique(),
            broken_deals=sides[0],
            kept_deals=sides[1],
            won=float(won[flag == 1].mean()),
            gap=gap,
            low=gap - half,
            high=gap + half,
            p=2 * float(stdtr(df, -abs(gap) / error)) if error > 0 else 1.0,
        )

    def _design(self, apart: tuple[str, ...]) -> Floats:
        if apart not in self._made:
            self._made[apart] = _design(self.cases, given=self.given, apart=apart)
        return self._made[apart]


def _error(scores: Floats, frame: pl.DataFrame) -> tuple[float, int]:
    """Return the wider of the errors by deal and by person, with its degrees of freedom."""
    found = []
    for name in ("opportunity_id", "rep_id"):
        cluster = frame[name].fill_null("").rank("dense").to_numpy().astype(int) - 1
        groups = int(cluster.max()) + 1
        if name == "rep_id" and groups < FEWEST_REPS:
            continue
        sums = np.bincount(cluster, weights=scores, minlength=groups)
        found.append((float(np.sqrt(groups / (groups - 1) * (sums @ sums))), groups - 1))
    return max(found)


def _without(design: Floats, values: Floats) -> Floats:
    """Return what the design leaves of each column of values."""
    curve = design.T @ design + 1e-8 * np.eye(design.shape[1])
    return values - design @ np.linalg.solve(curve, design.T @ values)


def _design(frame: pl.DataFrame, *, given: tuple[str, ...], apart: tuple[str, ...]) -> Floats:
    """Return constants per stratum and per value of what is held alike, and both times."""
    size = _bands(frame["amount"], bands=3)
    strata = [frame["pipeline"], frame["stage"].fill_null(""), size]
    strata += [] if "in_stage" in apart else [_bands(frame["in_stage"])]
    parts = [_constants(_crossed(strata))]
    parts.append(_constants(frame["mark"] // QUARTER))
    names = ["rep_id", *(c for c in given if c not in apart)]
    parts += [_constants(frame[n].cast(pl.String).fill_null("")) for n in names]
    for name in ("age", "in_stage"):
        if name in apart:
            continue
        parts.append(_constants(_bands(frame[name])))
        time = np.log1p(frame[name].fill_null(0).clip(0).to_numpy().astype(float))
        parts.append((time - time.mean())[:, None])
    return np.hstack([np.ones((frame.height, 1)), *parts])


def _bands(values: pl.Series, *, bands: int = BANDS) -> pl.Series:
    """Return in which of so many bands of equal number each value is, as text; null: ""."""
    known = values.drop_nulls()
    if not known.len():
        return pl.Series(values.name, [""] * values.len())
    cuts = np.unique([float(known.quantile(i / bands) or 0) for i in range(1, bands)])
    band = pl.Series(np.searchsorted(cuts, values.fill_null(0).to_numpy())).cast(pl.String)
    return band.zip_with(values.is_not_null(), pl.Series([""]).new_from_index(0, len(band)))


def _crossed(parts: list[pl.Series]) -> pl.Series:
    named = [part.alias(f"c{i}") for i, part in enumerate(parts)]
    return pl.DataFrame(named).select(pl.concat_str(pl.all(), separator="|"))["c0"]


def _constants(values: pl.Series) -> Floats:
    """Return one column per value but the commonest."""
    codes = values.rank("dense").to_numpy().astype(int) - 1
    table = np.zeros((len(codes), int(codes.max()) + 1 if len(codes) else 0))
    table[np.arange(len(codes)), codes] = 1.0
    common = int(table.sum(axis=0).argmax()) if table.size else 0
    return np.delete(table, common, axis=1)
