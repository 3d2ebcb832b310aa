"""Open deals: the chance of each to be won by each day to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spm_lib.forecast import Fitted, method_named
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard import HazardFitted
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.lives import NEVER
from spm_lib.stats import cumulative_incidence

Floats = np.ndarray
EDGES = (*range(0, 120, 15), 120, 150, 180, 270, 365)  # days; later wins do not count
NEAR = 8  # stretches of days that are near


@dataclass(frozen=True, eq=False)
class Pipeline:
    """The deals open today.

    Attributes
    ----------
    rep
        Place of the owner among the people of the history; negative: nobody known.
    amount
        What each is worth if won, minor units.
    edges
        Days after today, ascending from 0.
    until
        Chance to be won by each edge, (deals, edges).
    """

    rep: np.ndarray
    amount: Floats
    edges: Floats
    until: Floats

    @classmethod
    def of(cls, history: History, skill: Floats) -> Pipeline:
        """Tell the chances of every open deal.

        For the first four months by the hazard of open deals, which knows their owners; later, or
        where history is short, by stage and time in stage; else by age.

        Parameters
        ----------
        history
            What is known of the deals today.
        skill
            Conversion of each of the history's people as a multiple of all; for the models that do
            not know the owners.
        """
        near, far = (_horizon(history, EDGES[: NEAR + 1]), _horizon(history, EDGES))
        hazard, stages = method_named("hazard"), method_named("multi_state")
        rep, worth = history.open.rep, history.open.amount
        able = np.where(rep >= 0, skill[np.maximum(rep, 0)], 1.0)[:, None]
        chance = able * (
            _by_age(history, np.array(EDGES))
            if stages.lacks(history, near)
            else _fitted(stages.fit(history)).by_deal(far)
        )
        if not hazard.lacks(history, near):
            fitted = _fitted(hazard.fit(history))
            sooner, worth = fitted.by_deal(near), fitted.worth(near)
            level = sooner.sum(axis=1) / np.maximum(chance[:, :NEAR].sum(axis=1), 1e-9)
            chance = np.hstack([sooner, chance[:, NEAR:] * np.clip(level, 0, 2)[:, None]])
        until = np.concatenate([np.zeros((len(chance), 1)), np.cumsum(chance, axis=1)], axis=1)
        return cls(rep, worth, np.array(EDGES, float), np.minimum(until, 1.0))


def _horizon(history: History, days: Sequence[int]) -> Horizon:
    return Horizon(history.origin, tuple(history.origin + 1 + day for day in days))


def _fitted(fitted: Fitted) -> HazardFitted:
    assert isinstance(fitted, HazardFitted)
    return fitted


def _by_age(history: History, days: np.ndarray) -> Floats:
    """Return P(won in each stretch of days) of the open deals, from the fate of deals so old.

    The share won between two ages, of those open at the first (Aalen & Johansen 1978).
    """
    lives, origin = history.lives, history.origin
    known = lives.created > -NEVER
    age = np.where(lives.closed < NEVER, lives.closed, origin + 1) - lives.created
    seen = known & (age >= 0) & (lives.closed >= history.since)
    end = np.where(lives.closed >= NEVER, 0, np.where(lives.won, 1, 2))
    if not seen.any():
        return np.zeros((len(history.open.deal), len(days) - 1))
    curve = cumulative_incidence(age[seen], np.concatenate([end[seen]]))
    created = lives.created[history.open.deal]
    old = np.where(created > -NEVER, origin - created, 0)
    time = curve["time"].to_numpy()
    won = curve["share_1"].to_numpy() if "share_1" in curve.columns else np.zeros(len(time))
    left = np.maximum(_at(time, curve["open"].to_numpy(), old, first=1.0), 1e-9)
    parts = [_at(time, won, old + b) - _at(time, won, old + a) for a, b in pairwise(days)]
    return np.clip(np.stack(parts, axis=1) / left[:, None], 0.0, 1.0)


def _at(time: Floats, value: Floats, day: np.ndarray, *, first: float = 0.0) -> Floats:
    """Return a step function at some days."""
    place = np.searchsorted(time, day, side="right") - 1
    return np.where(place >= 0, value[np.maximum(place, 0)], first)
