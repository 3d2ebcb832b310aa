"""The people who sell today: what each brings, pooled with the others', and what of it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.forecast.horizon import day_number
from spm_lib.metrics.dimensions import teams_on
from spm_lib.model import Company
from spm_lib.reps.skills.counts import count_skill
from spm_lib.reps.skills.given import Given
from spm_lib.reps.skills.rates import win_rate
from spm_lib.reps.skills.size import deal_size
from spm_lib.reps.skills.skill import Skill

Floats = np.ndarray
Draw = Callable[[int, np.random.Generator], Floats]
LEVEL = 0.9
_LATELY = 183  # days: who did nothing for so long and is in no list of staff does not sell
_NEW = 92  # days on board up to which somebody without a deal is taken to begin


@dataclass(frozen=True, eq=False)
class Pool:
    """One rate of all people: the pooled value per person, and how to draw from what is known.

    ``n`` counts what it rests on. ``draw(draws, rng)`` gives (draws, people).
    """

    value: Floats
    low: Floats
    high: Floats
    n: np.ndarray
    draw: Draw = field(repr=False)

    def multiples(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return draws as multiples of the value, (people, draws); each person's mean is 1."""
        found = self.draw(draws, rng).T
        return found / np.maximum(found.mean(axis=1, keepdims=True), 1e-12)

    def scaled(self, factor: float) -> Pool:
        """Return the rate in another unit, or at another level."""
        draw = self.draw
        return Pool(
            self.value * factor,
            self.low * factor,
            self.high * factor,
            self.n,
            lambda draws, rng: draw(draws, rng) * factor,
        )


@dataclass(frozen=True, eq=False)
class People:
    """People on board today who sell, ordered by team.

    Attributes
    ----------
    reps, teams
        Ids, and the team of each (null: none).
    hired, leaves
        First day on board, first day no longer on board; null: not told.
    arrivals, conversion, size
        New deals per month on board, share of decided deals that are won, average won amount
        (minor units): each pooled over people.
    shape
        Won amounts as multiples of the owner's average.
    """

    reps: tuple[str, ...]
    teams: tuple[str | None, ...]
    hired: tuple[date | None, ...]
    leaves: tuple[date | None, ...]
    arrivals: Pool
    conversion: Pool
    size: Pool
    shape: Floats

    @classmethod
    def of(cls, company: Company, window: Window) -> People | None:
        """Return who sells, and their rates from a window; null where nobody won anything."""
        reps = _sellers(company, window)
        if not reps:
            return None
        given = given_people(company, window, reps)
        won = _won(company, window)
        rate = win_rate(given, seed=0, level=LEVEL)
        created = _created(company, window)
        came = count_skill(
            given, "arrivals", created["rep_id"], day=created["created_day"], seed=0, level=LEVEL
        )
        if rate is None or came is None or not won.height:
            return None
        size = _sizes(deal_size(given, seed=0, level=LEVEL), won, people=len(reps))
        place = {rep: i for i, rep in enumerate(reps)}
        mine = np.array([place.get(rep, -1) for rep in won["rep_id"].to_list()])
        usual = np.where(mine >= 0, size.value[mine], size.value.mean())
        amount = won["amount"].to_numpy()
        size = size.scaled(float(amount.sum() / usual.sum()))
        staff = _staff(company).filter(pl.col("rep_id").is_in(list(reps)))
        told = {row[0]: row[1:] for row in staff.iter_rows()}
        return cls(
            reps=reps,
            teams=_teams(company, reps),
            hired=tuple(told.get(rep, (None, None))[0] for rep in reps),
            leaves=tuple(told.get(rep, (None, None))[1] for rep in reps),
            arrivals=_pool(came),
            conversion=_pool(rate),
            size=size,
            shape=amount / usual,
        )


def given_people(company: Company, window: Window, reps: Sequence[str]) -> Given:
    """Return people as the estimates of skills take them: compared as they are, no mix taken off.

    Odds are those of a person's own deals, whatever they are.
    """
    return Given(company, window, tuple(reps), None, pl.DataFrame(), ())


def _pool(skill: Skill) -> Pool:
    pooled = skill.pooled
    value = np.maximum(pooled.shrunk, 1e-9)
    return Pool(value, pooled.low, pooled.high, skill.n, pooled.draw)


def _sizes(skill: Skill | None, won: pl.DataFrame, *, people: int) -> Pool:
    """Return pooled average amounts; the common one, and what is known of it, with few wins."""
    if skill is not None:
        return _pool(skill)
    amount = won["amount"].to_numpy().astype(float)
    mean, error = float(amount.mean()), float(amount.std() / np.sqrt(len(amount)))
    same = np.full(people, mean)
    return Pool(
        same,
        same - 1.645 * error,
        same + 1.645 * error,
        np.zeros(people, dtype=np.int64),
        lambda draws, rng: np.maximum(rng.normal(mean, error, (draws, 1)), 0) * np.ones(people),
    )


def _won(company: Company, window: Window) -> pl.DataFrame:
    start, end = day_number(window.start), day_number(window.end)
    inside = pl.col("closed_day").is_between(start, end, closed="left")
    deals = company.table("opportunities").sort("opportunity_id")
    return deals.filter((pl.col("outcome") == "won") & inside & (pl.col("amount") > 0))


def _created(company: Company, window: Window) -> pl.DataFrame:
    start = day_number(window.start)
    inside = (pl.col("created_day") >= start) & (pl.col("created_day") < day_number(window.end))
    return company.table("opportunities").filter(inside & pl.col("rep_id").is_not_null())


def _staff(company: Company) -> pl.DataFrame:
    return (
        company.table("reps")
        .unique("rep_id", keep="first", maintain_order=True)
        .select("rep_id", "hired_on", "left_on", "role")
    )


def _sellers(company: Company, window: Window) -> tuple[str, ...]:
    """Return who is on board and owns deals, open or dealt with in the window; then the newest."""
    deals, staff = company.table("opportunities"), _staff(company)
    first = window.start if staff.height else company.as_of - timedelta(days=_LATELY)
    lately = pl.max_horizontal("created_day", "closed_day") >= day_number(first)
    owners = deals.filter((pl.col("outcome") == "open") | lately)["rep_id"].drop_nulls().unique()
    if not staff.height:
        return tuple(sorted(owners.to_list()))
    day = company.as_of
    there = staff.filter(
        (pl.col("hired_on").is_null() | (pl.col("hired_on") <= day))
        & (pl.col("left_on").is_null() | (pl.col("left_on") > day))
    )
    sells = pl.col("rep_id").is_in(owners.implode())
    roles = there.filter(sells)["role"].unique().implode()
    begins = (pl.col("hired_on") > day - timedelta(days=_NEW)) & pl.col("role").is_in(roles)
    reps = there.filter(sells | begins.fill_null(value=False))["rep_id"].to_list()
    known = set(staff["rep_id"].to_list())
    reps += [owner for owner in owners.to_list() if owner not in known]
    teams = dict(zip(reps, _teams(company, reps), strict=True))
    return tuple(sorted(reps, key=lambda rep: (teams[rep] is None, teams[rep] or "", rep)))


def _teams(company: Company, reps: Sequence[str]) -> tuple[str | None, ...]:
    """Return the team of each person today."""
    asked = pl.DataFrame(
        {"rep_id": list(reps), "_day": [None] * len(reps)},
        schema={"rep_id": pl.String, "_day": pl.Int64},
    )
    found = dict(teams_on(asked, company).select("rep_id", "team").iter_rows())
    return tuple(found.get(rep) for rep in reps)
