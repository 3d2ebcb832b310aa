"""Reasons: what is known of an open deal that goes with winning more, or less, often.

They are associations over past deals, not causes and not advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.hazard import HazardFitted
from spm_lib.forecast.methods.hazard_rates import OpenToday
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.landmarks import blocks_of
from spm_lib.forecast.past.lives import NEVER

MOST = 2
_TIME = ("stage", "time", "stage x time", "age", "silence")
TELLING = 0.25  # on the log scale: a quarter more or less often


def deal_reasons(history: History, horizon: Horizon) -> dict[str, tuple[Statement, ...]]:
    """Return, per open deal, what sets it apart most from today's other open deals.

    The effect of each thing known is that of the hazard of winning in the first days ahead, less
    its mean over today's open deals; at most two are told, of those that make winning at least a
    quarter more or less frequent.
    """
    fitted = HazardFitted(history)
    today = fitted.today(horizon)
    if not len(today.deal):
        return {}
    effects = _effects(fitted, horizon, today)
    names = list(effects)
    table = np.stack([effects[name] for name in names], axis=1)
    order = np.argsort(-np.abs(table), axis=1, kind="stable")[:, :MOST]
    found = {}
    for row, deal in enumerate(today.deal):
        told = [names[k] for k in order[row] if abs(table[row, k]) >= TELLING]
        found[history.deal_ids[deal]] = tuple(
            _TEXTS[name](history, today, row, effects[name][row] > 0) for name in told
        )
    return found


def _effects(fitted: HazardFitted, horizon: Horizon, today: OpenToday) -> Mapping[str, np.ndarray]:
    """Return per told feature the effect of each open deal, centred on today's deals."""
    rates = fitted.rates(horizon)
    beta, effects = rates.winning[0], {}
    for name, (columns, codes) in blocks_of(today.codes, rates.sizes).items():
        told = "time" if name in _TIME else name
        effect = beta[columns][codes]
        effects[told] = effects.get(told, 0.0) + effect - effect.mean()
    return {name: effect for name, effect in effects.items() if name in _TEXTS}


def _row(history: History, today: OpenToday, row: int) -> int:
    """Return the stretch in which an open deal is at the origin."""
    spans, origin = history.lives.stretches, history.origin
    mine = (spans.deal == today.deal[row]) & (spans.since <= origin) & (spans.until > origin)
    return int(np.flatnonzero(mine)[-1])


def _time(history: History, today: OpenToday, row: int, more: bool) -> Statement:  # noqa: FBT001
    days = history.origin - int(history.lives.stretches.entered[_row(history, today, row)])
    if more:
        return Statement("{days:1 day|{days} days} in its stage: won more often", {"days": days})
    return Statement("{days:1 day|{days} days} in its stage: won less often", {"days": days})


def _due(history: History, today: OpenToday, row: int, more: bool) -> Statement:  # noqa: FBT001
    expected = int(history.lives.stretches.expected[_row(history, today, row)])
    if expected >= NEVER:
        text = "no planned close: won more often" if more else "no planned close: won less often"
        return Statement(text)
    days = expected - history.origin
    if days < 0:
        late = {"days": -days}
        if more:
            return Statement(
                "{days:1 day|{days} days} past its planned close: won more often", late
            )
        return Statement("{days:1 day|{days} days} past its planned close: won less often", late)
    if more:
        return Statement(
            "planned close in {days:1 day|{days} days}: won more often", {"days": days}
        )
    return Statement("planned close in {days:1 day|{days} days}: won less often", {"days": days})


def _pushes(history: History, today: OpenToday, row: int, more: bool) -> Statement:  # noqa: FBT001
    times = int(history.lives.stretches.pushes[_row(history, today, row)])
    if more:
        return Statement(
            "close put off {times:1 time|{times} times}: won more often", {"times": times}
        )
    return Statement("close put off {times:1 time|{times} times}: won less often", {"times": times})


def _amount(history: History, today: OpenToday, row: int, more: bool) -> Statement:  # noqa: FBT001
    del history, today, row
    if more:
        return Statement("its amount: won more often")
    return Statement("its amount: won less often")


_TEXTS: dict[str, Callable[[History, OpenToday, int, bool], Statement]] = {
    "time": _time,
    "due": _due,
    "pushes": _pushes,
    "amount": _amount,
}
