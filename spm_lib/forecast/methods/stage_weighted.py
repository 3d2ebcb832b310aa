"""Stage-weighted pipeline: open value times the share of deals won from each stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.luck import sample_open_deals
from spm_lib.forecast.methods.method import Fitted, Method, Parts
from spm_lib.forecast.past.history import History

CLOSED_DEALS = 30


class StageWeighted(Method):
    """Every open deal at value times P(won | stage passed), as most CRMs show it.

    It knows no time: whatever is open is taken to be decided within the horizon, and nothing new
    comes. It is shown to expose its bias.
    """

    id = "stage_weighted"
    name = "Stage-weighted pipeline"
    rank = 5
    naive = False
    eligible = False

    def lacks(self, history: History, horizon: Horizon) -> Statement | None:
        """Ask for dated stages of at least 30 closed deals."""
        del horizon
        return lacks_stages(history)

    def fit(self, history: History) -> StageWeightedFitted:
        """Count, per stage, how many of the closed deals that passed it were won."""
        return StageWeightedFitted(history, won_share_by_stage(history))


def lacks_stages(history: History) -> Statement | None:
    """Say that there is no dated stage history, or too little; None where there is enough."""
    if not history.stages:
        return Statement("needs the dated stage history of deals; the data has none")
    closed = int(history.visited.max(initial=0))
    if closed < CLOSED_DEALS:
        return Statement(
            "needs {needed} closed deals with a stage history; there {found:is|are} {found}",
            {"needed": CLOSED_DEALS, "found": closed},
        )
    return None


def won_share_by_stage(history: History) -> np.ndarray:
    """Return P(won) of closed deals per stage passed; the overall share where none passed it."""
    overall = history.visited_won.sum() / max(history.visited.sum(), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = history.visited_won / history.visited
    return np.where(history.visited > 0, share, overall)


@dataclass(frozen=True, eq=False)
class StageWeightedFitted(Fitted):
    """The won share per stage."""

    history: History
    share: np.ndarray

    def _chance(self, horizon: Horizon) -> np.ndarray:
        """Return P(won in each window): the share of the stage, spread evenly over the days."""
        stage = self.history.open.stage
        known = np.where(stage >= 0, self.share[np.maximum(stage, 0)], 0.0)
        return known[:, None] * (np.diff(horizon.edges) / horizon.days)[None, :]

    def chances(self, horizon: Horizon) -> np.ndarray:
        """Return the won share of each open deal's stage."""
        return self._chance(horizon).sum(axis=1)

    def expect(self, horizon: Horizon) -> Parts:
        """Return value times chance of the open deals; nothing for deals not yet created."""
        return open_and_nothing_new(expected_open(self.history, self._chance(horizon)))

    def sample(self, horizon: Horizon, *, draws: int, rng: np.random.Generator) -> Parts:
        """Draw won or not won for each open deal."""
        return open_and_nothing_new(
            draw_open(self.history, self._chance(horizon), draws=draws, rng=rng)
        )


def open_and_nothing_new(open_: np.ndarray) -> Parts:
    """Return the parts of a method that knows of open deals only."""
    return {"open": open_, "new": np.zeros_like(open_)}


def expected_open(
    history: History,
    chance: np.ndarray,
    *,
    amount: np.ndarray | None = None,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Return the expected won value of open deals (or some of them): (reps, windows).

    ``amount`` is worth per deal in place of its value; ``rows`` marks the deals looked at.
    """
    some = slice(None) if rows is None else rows
    worth = (chance * (history.open.amount if amount is None else amount)[:, None])[some]
    rep = history.open.rep[some]
    columns = [
        np.bincount(rep, weights=worth[:, j], minlength=len(history.reps))
        for j in range(chance.shape[1])
    ]
    return np.stack(columns, axis=1)


def draw_open(
    history: History,
    chance: np.ndarray,
    *,
    draws: int,
    rng: np.random.Generator,
    amount: np.ndarray | None = None,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the fate of every open deal, at its own value or a given one: (reps, windows, draws)."""
    some = slice(None) if rows is None else rows
    value = (history.open.amount if amount is None else amount)[some]
    rep = history.open.rep[some]
    return sample_open_deals(chance[some], value, rep, reps=len(history.reps), draws=draws, rng=rng)
