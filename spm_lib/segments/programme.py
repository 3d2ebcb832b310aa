"""What a training or a SPIF returned: those who took part against those who did not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import stdtrit

from spm_lib.core.calendar import Window
from spm_lib.core.statement import Amount, Statement
from spm_lib.metrics import measure
from spm_lib.metrics.returns import return_on_cost
from spm_lib.model import Company

FEWEST = 4  # people on each side
Verdict = Literal["paid", "not shown", "lost money", "cannot be said"]
BASES = {"won": "won.amount", "orders": "orders.amount"}


@dataclass(frozen=True)
class ProgrammeReturn:
    """How much more those who took part brought than others who had started alike.

    ``incremental, low, high`` is what they brought beyond that, all together, times the margin
    (minor units, 95 %); ``value, value_low, value_high`` is (incremental - cost) / cost. All null
    where it cannot be said. ``plain`` is the change of those who took part on their own, times the
    margin: no proof, for whoever is picked when low comes back by himself. ``part`` and ``others``
    count people.
    """

    incremental: float | None
    low: float | None
    high: float | None
    plain: float
    cost: int
    part: int
    others: int

    def _return(self, money: float | None) -> float | None:
        told = None if money is None else return_on_cost(money, self.cost)
        return None if told is None else float(told)

    @property
    def value(self) -> float | None:
        """Return on what it cost; None where it cannot be said, or nothing was spent."""
        return self._return(self.incremental)

    @property
    def value_low(self) -> float | None:
        """Lower end of its interval."""
        return self._return(self.low)

    @property
    def value_high(self) -> float | None:
        """Upper end of its interval."""
        return self._return(self.high)

    @property
    def verdict(self) -> Verdict:
        """Whether it paid, as far as it can be said."""
        if self.low is None or self.high is None:
            return "cannot be said"
        return "paid" if self.low > self.cost else "lost money" if self.high < self.cost else (
            "not shown"
        )  # fmt: skip

    def statements(self, currency: str) -> tuple[Statement, ...]:
        """Return what came of it, in words."""
        return _words(self, currency)


def programme_return(
    frame: pl.DataFrame, *, cost: int, margin: float = 1.0, level: float = 0.95
) -> ProgrammeReturn:
    """Compare what people brought after a programme, given what they had brought before.

    After is regressed on before and on having taken part (analysis of covariance), so that people
    picked when they were low are not credited with coming back (regression to the mean); errors
    allow for unequal spread (HC3). With fewer than four people on a side nothing is said. Nobody
    who took part was drawn by lot: what else changed for them counts in. Source: Vickers & Altman
    (2001), BMJ 323:1123 (covariance); MacKinnon & White (1985), Journal of Econometrics 29:305.

    Columns in: ``rep_id, part`` (Boolean), ``before, after`` (money of windows of the same
    length; null counts as 0). ``cost`` is in the same unit, ``margin`` the share of the money that
    is gross profit.

    Examples
    --------
    >>> frame = pl.DataFrame({"part": [True] * 5 + [False] * 5, "before": list(range(10)),
    ...     "after": [v + 3 for v in range(5)] + list(range(5, 10))})
    >>> round(programme_return(frame, cost=10).incremental)
    15
    """
    known = frame.with_columns(pl.col("before", "after").fill_null(0))
    part = known["part"].to_numpy().astype(float)
    before, after = (known[c].to_numpy().astype(float) for c in ("before", "after"))
    taking, others = int(part.sum()), int((1 - part).sum())
    plain = float((after - before) @ part) * margin
    if min(taking, others) < FEWEST:
        return ProgrammeReturn(None, None, None, plain, cost, taking, others)
    effect, error = _effect(part, before, after)
    half = float(stdtrit(max(taking + others - 3, 1), (1 + level) / 2)) * error
    low, middle, high = (taking * margin * v for v in (effect - half, effect, effect + half))
    return ProgrammeReturn(middle, low, high, plain, cost, taking, others)


def _effect(part: np.ndarray, before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return the effect per person of having taken part, and its standard error."""
    scale = float(before.std()) or 1.0
    design = np.column_stack([np.ones(len(part)), part, (before - before.mean()) / scale])
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ design.T
    coefficients = weights @ after
    leverage = np.einsum("ij,ji->i", design, weights)
    rest = (after - design @ coefficients) / np.maximum(1 - leverage, 1e-6)
    return float(coefficients[1]), float(np.sqrt((weights[1] ** 2) @ rest**2))


def programme_amounts(
    company: Company,
    taking_part: Collection[str],
    window: Window,
    *,
    base: Literal["won", "orders"] = "won",
) -> pl.DataFrame:
    """Return what each person brought in the window of a programme and in the same span before.

    Let the window reach beyond the programme's end: deals that were only pulled forward into it are
    then missing afterwards, and cancel out. Only people with a result in either window are there.
    Columns out: as ``programme_return`` takes them.
    """
    earlier = Window(window.start - (window.end - window.start), window.start)
    sides = {}
    for name, span in (("before", earlier), ("after", window)):
        found = measure(company, BASES[base], by="rep_id", window=span).frame
        sides[name] = found.filter(pl.col("n") > 0).select("rep_id", pl.col("value").alias(name))
    both = sides["before"].join(sides["after"], on="rep_id", how="full", coalesce=True)
    return (
        both.drop_nulls("rep_id")
        .with_columns(
            pl.col("before", "after").fill_null(0),
            part=pl.col("rep_id").is_in(list(taking_part)),
        )
        .select("rep_id", "part", "before", "after")
        .sort("rep_id")
    )


def _words(found: ProgrammeReturn, currency: str) -> tuple[Statement, ...]:
    def money(value: float) -> Amount:
        return Amount(round(value), currency)

    if found.incremental is None:
        text = (
            "What the programme returned cannot be said: it needs {fewest} people who took part "
            "and as many who did not."
        )
        return (Statement(text, {"fewest": FEWEST}),)
    texts = {
        "paid": "The programme is associated with more than it cost: those who took part brought "
        "{more} beyond others who had started alike, at a cost of {cost}.",
        "lost money": "The programme is associated with less than it cost: {more} beyond others "
        "who had started alike, at a cost of {cost}.",
        "not shown": "It is not shown that the programme paid: {more} beyond others who had "
        "started alike is no more than luck brings, at a cost of {cost}.",
    }
    values = {"more": money(found.incremental), "cost": money(found.cost)}
    alone = Statement(
        "On their own those who took part changed by {plain}. That is no proof: others changed "
        "too.",
        {"plain": money(found.plain)},
        "why",
    )
    return (Statement(texts[found.verdict], values), alone)
