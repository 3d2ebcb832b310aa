"""Why somebody is above or below: the gap to target, own past or the team, split without rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window, window_before
from spm_lib.core.errors import ParameterError
from spm_lib.metrics.target_values import add_targets
from spm_lib.model import Company
from spm_lib.reps.coarse import FEWEST
from spm_lib.reps.gap_draws import Rates, drawn, own_rates, summed_rates
from spm_lib.reps.gap_factors import Factors, factors_of, ratio
from spm_lib.reps.others_pace import pace_of_others
from spm_lib.reps.skills.counts import exposure, months_of
from spm_lib.reps.skills.given import given_of
from spm_lib.stats import beta_binomial
from spm_lib.stats.attribution import lmdi, whole_parts

Against = Literal["team", "past", "target"]
SCHEMA = {
    "rep_id": pl.String,
    "against": pl.String,
    "actual": pl.Int64,
    "reference": pl.Int64,
    "gap": pl.Int64,
    "term": pl.String,
    "amount": pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
}


@dataclass(frozen=True, eq=False)
class Gaps:
    """The gaps of people, split into terms.

    Attributes
    ----------
    frame
        A row per person and term: ``rep_id, against, actual, reference, gap`` (minor units),
        ``term`` ("target": how far the target is from what the others' pace would bring; "volume",
        "speed", "win_rate", "deal_size"; "luck": what the win rate seen adds to the one that is
        likely to last), ``amount`` (Int64, minor units; the terms sum to the gap to the cent),
        ``low, high`` (95 %, by resampling the deals of both sides, the true rates too; null for
        target and luck).
    withheld
        Whether the team is withheld, there being fewer than five others.
    """

    window: Window
    frame: pl.DataFrame
    terms: tuple[str, ...]
    withheld: bool = False
    currency: str = field(default="")

    def shares(self) -> dict[str, float]:
        """Return which share of the differences between people each term makes (sums to 1).

        Covariance of the term with the gap over the variance of the gap.
        """
        if not self.frame.height:
            return {}
        wide = self.frame.pivot(on="term", index=["rep_id", "gap"], values="amount")
        gap = wide["gap"].to_numpy().astype(float)
        apart = gap - gap.mean()
        whole = float(apart @ apart)
        if whole <= 0:
            return {}
        return {t: float(wide[t].to_numpy().astype(float) @ apart) / whole for t in self.terms}


def explain_gaps(
    company: Company,
    *,
    window: Window | str | None = None,
    against: Against = "team",
    others: Mapping[str, Sequence[str]] | None = None,
    seed: int = 1,
) -> Gaps:
    """Split each person's gap in won money into volume, speed, win rate, deal size and luck.

    Won money = deals in hand x share of them closed in the window x win rate x average won deal.
    The difference of such products is split by logarithmic means (``lmdi``): exact, and the same in
    whatever order. The win rate is the pooled one; what the rate seen adds to it is luck. Where
    deals carry no creation dates, volume is the number of deals closed and there is no speed;
    orders have volume and size only. Where no deal has an amount there is no gap to tell.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned, the whole company (peers are needed).
    window
        ``[start, end)`` of the close; default: the twelve whole months that end at ``as_of``.
    against
        "team": what the others brought per day on board, for the person's own days; "past": the
        window of the same length before (see ``window_before``); "target": the targets that lie in
        the window, with the distance of target and team told first.
    others
        Who the others of each person are, for what that person may read: their pace is rounded
        first (see ``pace_of_others``), pooled win rates to whole per cents, and who has no such
        others has no row. Default: everybody else, exact, for who may see them all.
    seed
        Where resampling starts.

    Raises
    ------
    ParameterError
        If there is nothing of that name to compare with.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> gaps = explain_gaps(example_company(), window="2026-Q1", against="past")
    >>> gaps.withheld
    False
    """
    if against not in ("team", "past", "target"):
        raise ParameterError(
            "A gap is told against the team, the own past or the target.",
            found=repr(against),
            do="Use team, past or target",
        )
    wanted = window
    if wanted is None:
        wanted = company.default_window()
    elif isinstance(wanted, str):
        wanted = company.calendar.parse_window(wanted)
    return _Split(company, wanted, against=against, others=others, seed=seed).gaps()


@dataclass(frozen=True, eq=False)
class _Reference:
    """What people are compared with: factors, their win rates, and which share of the volume."""

    factors: Factors
    rate: np.ndarray
    rates: Rates
    scale: np.ndarray

    @property
    def state(self) -> np.ndarray:
        """The factors whose product is the money, (people, factors)."""
        state = _state(self.factors, self.rate)
        state[:, 0] *= self.scale
        return state

    @property
    def amount(self) -> np.ndarray:
        """The money in minor units."""
        return np.round(self.factors.amount * self.scale).astype(np.int64)

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Return the factors drawn anew, (people, draws, factors)."""
        found = drawn(self.factors, rng, rates=self.rates)
        found[:, :, 0] *= self.scale[:, None]
        return found


class _Split:
    """Makes the terms of all people at once."""

    def __init__(
        self,
        company: Company,
        window: Window,
        *,
        against: Against,
        others: Mapping[str, Sequence[str]] | None,
        seed: int,
    ) -> None:
        self.company, self.window, self.against, self.others = company, window, against, others
        self.given = given_of(company, window, mix=())
        reps = self.given.reps
        if not reps and company.has("orders"):
            reps = tuple(company.table("orders")["rep_id"].drop_nulls().unique().sort())
        self.reps = reps
        self.now = factors_of(company, window, reps)
        self.rng = np.random.default_rng([seed, 7])

    def gaps(self) -> Gaps:
        if self.company.has("opportunities") and not self._amounts:
            return self._made([])
        if self.against == "past":
            past = factors_of(self.company, window_before(self.window), self.reps)
            reference = _Reference(past, self._rate(past), own_rates, np.ones(len(self.reps)))
            return self._gaps(reference, past.amount > 0)
        if len(self.reps) - 1 < FEWEST:
            return self._made([], withheld=True)
        reference, kept = self._team()
        if self.against == "team":
            return self._gaps(reference, kept)
        target = self._targets()
        return self._gaps(reference, kept & np.isfinite(target), target=target)

    @property
    def _amounts(self) -> bool:
        """Whether any deal tells an amount: what is unknown is not 0, and has no gap."""
        amounts = self.company.table("opportunities")["amount"]
        return not amounts.len() or amounts.null_count() < amounts.len()

    def _team(self) -> tuple[_Reference, np.ndarray]:
        """Return the others' pace in the person's own days, and for whom it may be told."""
        days = self._days()
        if self.others is not None:
            pace = pace_of_others(self.now, days, reps=self.reps, others=self.others)
            rate = ratio(pace.group.won, pace.group.closed)
            return _Reference(pace.group, rate, summed_rates, pace.scale), pace.told
        worked, closed, won, amount = (
            part.sum() - part
            for part in (self.now.worked, self.now.closed, self.now.won, self.now.amount)
        )
        others = Factors(self.now.names, worked, closed, won, amount, self.now.scatter)
        scale = days / np.maximum(days.sum() - days, 1e-9)
        return _Reference(others, ratio(won, closed), summed_rates, scale), days >= 0

    def _days(self) -> np.ndarray:
        if not self.given.reps:
            return np.ones(len(self.reps))
        return exposure(self.given, months_of(self.given))[0].sum(axis=1)

    def _targets(self) -> np.ndarray:
        metric = "won.amount" if self.company.has("opportunities") else "orders.amount"
        frame = pl.DataFrame(
            {
                "rep_id": self.reps,
                "window_start": [self.window.start] * len(self.reps),
                "window_end": [self.window.end] * len(self.reps),
            },
            schema_overrides={"rep_id": pl.String},
        )
        told = add_targets(frame, company=self.company, metric=metric, by=["rep_id"])
        return told["target"].cast(pl.Float64).to_numpy()

    def _rate(self, factors: Factors) -> np.ndarray:
        """Return the pooled win rates (1 for orders)."""
        if "win_rate" not in factors.names or not factors.closed.sum():
            return np.ones(len(self.reps))
        shrunk = beta_binomial(factors.won, factors.closed).shrunk
        return shrunk if self.others is None else np.clip(np.round(shrunk, 2), 0.01, 1)

    def _gaps(
        self, reference: _Reference, kept: np.ndarray, *, target: np.ndarray | None = None
    ) -> Gaps:
        before = reference.state
        now = _state(self.now, self._rate(self.now), fallback=before)
        parts = lmdi(now, before)
        low, high = self._intervals(reference)
        whole = reference.amount
        rows = []
        for rep in np.flatnonzero(kept):
            aim = float(whole[rep]) if target is None else float(target[rep])
            rows += self._rows(
                int(rep),
                parts[rep],
                low[rep],
                high[rep],
                reference=int(whole[rep]),
                aim=int(aim),
            )
        return self._made(rows)

    def _intervals(self, reference: _Reference) -> np.ndarray:
        """Return low and high of each term; this window and the reference are drawn anew both."""
        before = reference.drawn(self.rng)
        now = drawn(self.now, self.rng, rates=own_rates, fallback=before[:, :, -1])
        return np.quantile(lmdi(now, before), [0.025, 0.975], axis=1)

    def _rows(
        self,
        rep: int,
        parts: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        *,
        reference: int,
        aim: int,
    ) -> list[tuple]:
        """Return the terms of one person in whole minor units."""
        actual = int(self.now.amount[rep])
        gap = actual - aim
        first = [("target", reference - aim, None, None)] if self.against == "target" else []
        names = list(self.now.names)
        rest = actual - reference
        luck = rest - float(parts.sum()) if "win_rate" in names else 0.0
        whole = whole_parts([*parts, luck] if "win_rate" in names else parts, rest)
        told = [
            (name, part, round(float(a)), round(float(b)))
            for name, part, a, b in zip(names, whole, low, high, strict=False)
        ]
        tail = [("luck", whole[-1], None, None)] if "win_rate" in names else []
        head = (self.reps[rep], self.against, actual, aim, gap)
        return [(*head, *term) for term in (*first, *told, *tail)]

    def _made(self, rows: list[tuple], *, withheld: bool = False) -> Gaps:
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
        terms = tuple(frame["term"].unique(maintain_order=True).to_list())
        return Gaps(self.window, frame, terms, withheld, self.company.currency)


def _state(factors: Factors, rate: np.ndarray, *, fallback: np.ndarray | None = None) -> np.ndarray:
    """Return the factors of each person whose product is the money, (people, factors).

    Who won nothing has no deal size of their own: that of the reference is taken.
    """
    size = ratio(factors.amount, factors.won)
    if fallback is not None:
        size = np.where(factors.won > 0, size, fallback[:, -1])
    if "speed" in factors.names:
        parts = [factors.worked, ratio(factors.closed, factors.worked), rate, size]
    elif "win_rate" in factors.names:
        parts = [factors.closed, rate, size]
    else:
        parts = [factors.closed, size]
    return np.stack(parts, axis=-1).astype(float)
