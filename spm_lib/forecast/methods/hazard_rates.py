"""Rates of winning and losing per day, learnt from landmarks on which deals were open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.calibration import Calibration, calibrate
from spm_lib.forecast.past.clocks import winning_pace
from spm_lib.forecast.past.history import History
from spm_lib.forecast.past.landmarks import Binning, Cells, Features, cells_of, design_of, width_of
from spm_lib.stats.ridge import ridge_poisson

STEP = 7
LOOK_BACK = 1095
MOST_ROWS = 200_000
HALF_LIFE = 730.0
SPREAD = 1.0
STEP_DAYS = 15
PERIODS = 8
RECENT = 4


@dataclass(frozen=True, eq=False)
class Rates:
    """What was learnt: per window the coefficients of winning and losing; and multiples.

    ``multiple`` is per rep, ``level`` by how much recent wins ran above (or below) what the model
    expected of them; ``paid`` is realised over quoted value of won deals; ``curve`` corrects the
    chance of the whole horizon.
    """

    binning: Binning
    sizes: dict[str, int]
    winning: tuple[np.ndarray, ...]
    losing: tuple[np.ndarray, ...]
    multiple: np.ndarray
    level: float
    paid: float
    curve: Calibration


@dataclass(frozen=True, eq=False)
class _Landmarks:
    """Open deals on past days: their features, close, outcome, owner, and weight."""

    day: np.ndarray
    cells: Cells
    features: Features
    design: csr_array
    closed: np.ndarray
    won: np.ndarray
    rep: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True, eq=False)
class _Window:
    """Landmarks at risk in one window: won, lost, and days at risk at the pace of winning."""

    risk: np.ndarray
    won: np.ndarray
    lost: np.ndarray
    pace: np.ndarray
    days: np.ndarray


def learn_rates(history: History, horizon: Horizon) -> Rates:
    """Learn the rates of every window from the landmarks whose window has closed.

    For landmarks s (every 7 days of the last three years, or since closes are known) and window
    ``(s + a, s + b]`` with ``s + b <= origin``: deals open at s with what was known then, at risk
    from s + a until their close. Rates of winning and losing are Poisson regressions on stage x
    time in stage, age, silence, planned close, pushes, amount and what was known at creation, with
    a ridge. A later landmark weighs more (half as much every two years).
    """
    binning, step = Binning.of(history.lives), landmark_step(history)
    past = _landmarks(history, horizon, binning)
    penalty = np.full(width_of(past.features.sizes), 1 / SPREAD**2)
    penalty[0] = 0.0
    winning, losing = [], []
    observed, expected = np.zeros(len(history.reps)), np.zeros(len(history.reps))
    level, seen = 1.0, _Seen(np.ones(len(past.day)), np.zeros(len(past.day)))
    for number, (start, end) in enumerate(horizon.windows):
        window = _window(history, past, start - horizon.edges[0], end - horizon.edges[0])
        weight = past.weight / max((end - start) / step, 1.0)
        begin = (winning[-1], losing[-1]) if winning else (None, None)
        won, lost = _fit(past, window, weight, penalty, begin)
        winning.append(won)
        losing.append(lost)
        rate = window.pace * np.exp(past.design @ won)[past.cells.cell]
        rep = np.maximum(past.rep, 0)
        observed += np.bincount(rep, weight * window.won, len(observed))
        expected += np.bincount(rep, weight * rate, len(observed))
        if number == 0:
            level = _level(past, window, rate, every=max(-(-(end - start) // step), 1))
        seen = _one_step_on(history, horizon, past, seen, won=won, lost=lost, number=number)
    return Rates(
        binning,
        dict(past.features.sizes),
        tuple(winning),
        tuple(losing),
        np.ones(len(observed)) if (past.rep < 0).any() else rep_multiples(observed, expected),
        level,
        _paid(history),
        _curve(history, horizon, past, seen.chance),
    )


def steps_of(horizon: Horizon) -> tuple[Horizon, np.ndarray]:
    """Return the horizon cut into steps of about 15 days, and the window each step lies in.

    Odds change within a month: a deal that is in its last stage today is seldom won tomorrow.
    """
    edges, window = [horizon.edges[0]], []
    for number, (start, end) in enumerate(horizon.windows):
        count = max(round((end - start) / STEP_DAYS), 1)
        edges += [start + round((end - start) * (k + 1) / count) for k in range(count)]
        window += [number] * count
    return Horizon(horizon.origin, tuple(edges)), np.array(window)


def landmark_days(history: History, horizon: Horizon) -> np.ndarray:
    """Return the past days whose first window has closed by the origin, every week or so."""
    last = history.origin - (horizon.edges[1] - horizon.edges[0])
    return np.arange(last, _first(history) - 1, -landmark_step(history))[::-1]


def landmark_step(history: History) -> int:
    """Return the days between landmarks: 7, or more weeks where deals are very many."""
    return history.once("landmark step", lambda: _step(history))


def _first(history: History) -> int:
    return max(history.since, history.origin - LOOK_BACK)


def _step(history: History) -> int:
    lives, spans = history.lives, history.lives.stretches
    until = np.minimum(np.minimum(spans.until, lives.closed[spans.deal]), history.origin)
    days = np.maximum(until - np.maximum(spans.since, _first(history)), 0).sum()
    return STEP * max(int(np.ceil(days / STEP / MOST_ROWS)), 1)


def _landmarks(history: History, horizon: Horizon, binning: Binning) -> _Landmarks:
    lives = history.lives
    rows, day = lives.open_on(landmark_days(history, horizon))
    features = binning.features(lives, rows, day)
    deal = lives.stretches.deal[rows]
    cells = cells_of(features)
    return _Landmarks(
        day=day,
        cells=cells,
        features=features,
        design=design_of(cells.codes, features.sizes),
        closed=lives.closed[deal],
        won=lives.won[deal],
        rep=lives.rep[deal],
        weight=0.5 ** ((history.origin - day) / HALF_LIFE),
    )


def _window(history: History, past: _Landmarks, first: int, last: int) -> _Window:
    start, end = past.day + 1 + first, past.day + 1 + last
    risk = (end <= history.origin + 1) & (past.closed >= start)
    hit = risk & (past.closed < end)
    upto = np.minimum(past.closed + 1, end)
    pace = winning_pace(history)
    at_pace = np.where(risk, pace.until(upto) - pace.until(start), 0.0)
    days = np.where(risk, upto - start, 0).astype(float)
    return _Window(risk, hit & past.won, hit & ~past.won, at_pace, days)


def _fit(
    past: _Landmarks,
    window: _Window,
    weight: np.ndarray,
    penalty: np.ndarray,
    begin: tuple[np.ndarray | None, np.ndarray | None],
) -> tuple[np.ndarray, np.ndarray]:
    """Fit winning and losing on the cells."""
    found = []
    pairs = ((window.won, window.pace), (window.lost, window.days))
    for (event, exposure), start in zip(pairs, begin, strict=True):
        count, exposed = (
            np.bincount(past.cells.cell, weight * values, past.cells.count)
            for values in (event, exposure)
        )
        fit = ridge_poisson(past.design, count, exposed, penalty=penalty, start=start, judged=False)
        found.append(fit.beta)
    return found[0], found[1]


@dataclass(frozen=True, eq=False)
class _Seen:
    """Of each landmark: the chance to be open still, and to have been won, after some steps."""

    open: np.ndarray
    chance: np.ndarray


def _one_step_on(
    history: History,
    horizon: Horizon,
    past: _Landmarks,
    seen: _Seen,
    *,
    won: np.ndarray,
    lost: np.ndarray,
    number: int,
) -> _Seen:
    """Return the landmarks' chances after one step more, as they would have been said."""
    first, last = (edge - horizon.edges[0] for edge in horizon.windows[number])
    pace = winning_pace(history)
    speed = pace.until(past.day + 1 + last) - pace.until(past.day + 1 + first)
    win = np.exp(past.design @ won)[past.cells.cell] * speed
    both = win + np.exp(past.design @ lost)[past.cells.cell] * (last - first)
    leaves = -np.expm1(-both)
    chance = seen.chance + seen.open * win / np.maximum(both, 1e-12) * leaves
    return _Seen(seen.open * (1 - leaves), chance)


def _curve(history: History, horizon: Horizon, past: _Landmarks, chance: np.ndarray) -> Calibration:
    """Return what came of the chances of landmarks whose whole horizon has closed."""
    over = past.day + horizon.days <= history.origin
    won = past.won & (past.closed <= past.day + horizon.days)
    weight = past.weight / max(horizon.days / landmark_step(history), 1.0)
    return calibrate(chance[over], won[over], weight=weight[over])


def _level(past: _Landmarks, window: _Window, rate: np.ndarray, *, every: int) -> float:
    """Return the recent level from landmarks whose windows do not overlap."""
    kept = np.unique(past.day[window.risk])[::-1][::every][::-1]
    if not kept.size:
        return 1.0
    mine = np.isin(past.day, kept) & window.risk
    place = np.searchsorted(kept, past.day[mine])
    observed = np.bincount(place, window.won[mine], len(kept))
    return recent_level(observed, np.bincount(place, rate[mine], len(kept)))


def recent_level(observed: np.ndarray, expected: np.ndarray) -> float:
    """Return by how much the last periods ran above their expectation, as far as that lasts.

    Misses ``O / E - 1`` of neighbouring periods that go together (lag-1 covariance) are a level
    that lasts; the rest is a passing shock. The mean miss of the last four periods is shrunk by
    the share that lasts. With fewer than 8 periods the level is 1.

    Examples
    --------
    >>> recent_level(np.array([9.0, 11, 10, 9, 11, 10, 11, 9]), np.full(8, 10.0))
    1.0
    """
    some = expected > 0
    miss = observed[some] / expected[some] - 1
    if len(miss) < PERIODS:
        return 1.0
    lasting = float((miss[1:] * miss[:-1]).mean())
    if lasting <= 0:
        return 1.0
    passing = max(float((miss**2).mean()) - lasting, 0.0)
    return float(1 + lasting / (lasting + passing / RECENT) * miss[-RECENT:].mean())


def rep_multiples(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return how many times the expected each rep wins, pooled by how much reps truly differ.

    ``(O + K) / (E + K)``, ``K = 1 / tau^2``, ``tau^2 = max(sum((O - E)^2 - O) / sum E^2, 0)``;
    source: design notes on methods, 1.2. Everybody gets 1 where the differences may be chance.

    Examples
    --------
    >>> rep_multiples(np.array([10.0, 11.0]), np.array([10.5, 10.5])).tolist()
    [1.0, 1.0]
    """
    spread = ((observed - expected) ** 2 - observed).sum() / max((expected**2).sum(), 1e-9)
    if spread <= 0:
        return np.ones(len(observed))
    return (observed + 1 / spread) / (expected + 1 / spread)


def _paid(history: History) -> float:
    """Return realised / quoted value of won deals, quoted on the day before the close."""
    lives, spans = history.lives, history.lives.stretches
    closed = lives.closed[spans.deal]
    last = lives.won[spans.deal] & (spans.since < closed) & (spans.until >= closed)
    last &= (spans.amount > 0) & (closed > history.origin - LOOK_BACK)
    quoted = spans.amount[last].sum()
    return float(lives.won_amount[spans.deal[last]].sum() / quoted) if quoted > 0 else 1.0


@dataclass(frozen=True, eq=False)
class OpenToday:
    """Deals open at the origin: their codes, and chances to be won in each window.

    ``deal`` is the deal's code; ``chance`` is (deals, windows).
    """

    deal: np.ndarray
    codes: dict[str, np.ndarray]
    chance: np.ndarray


def chances_today(history: History, horizon: Horizon, rates: Rates) -> OpenToday:
    """Return P(won in each window) of the deals open at the origin.

    With cumulative rates w and l of a window: ``P = S x w / (w + l) x (1 - exp(-(w + l)))``, S the
    chance to be open still (competing risks, constant ratio within a window).
    """
    lives, pace = history.lives, winning_pace(history)
    rows, day = lives.open_on(np.array([history.origin]))
    codes = dict(rates.binning.features(lives, rows, day).codes)
    design = design_of(codes, rates.sizes)
    deal = lives.stretches.deal[rows]
    level = rates.multiple[np.maximum(lives.rep[deal], 0)] * rates.level
    open_still = np.ones(len(rows))
    columns = []
    for (start, end), won, lost in zip(horizon.windows, rates.winning, rates.losing, strict=True):
        win = np.exp(design @ won) * level * pace.between(start, end)
        both = win + np.exp(design @ lost) * (end - start)
        leaves = -np.expm1(-both)
        columns.append(open_still * win / np.maximum(both, 1e-12) * leaves)
        open_still = open_still * (1 - leaves)
    chance = np.stack(columns, axis=1)
    whole = chance.sum(axis=1)
    factor = rates.curve.corrected(whole) / np.maximum(whole, 1e-12)
    return OpenToday(deal, codes, chance * factor[:, None])
