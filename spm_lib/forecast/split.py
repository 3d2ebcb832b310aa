"""The split: won already, from open deals, from deals not yet created."""

from __future__ import annotations

import numpy as np

from spm_lib.forecast.horizon import Horizon
from spm_lib.forecast.methods.method import Parts
from spm_lib.forecast.past.history import NEVER, History

LOOK_BACK = 365
STEP = 30


def share_from_open(history: History, horizon: Horizon) -> np.ndarray | None:
    """Return, per window, the share of won value that came from deals open at the origin.

    Counted over past origins of the last year whose windows have closed; None where creation
    dates are unknown or no such window exists.
    """
    last = history.origin - horizon.days
    origins = np.arange(last, max(history.since - 1, last - LOOK_BACK), -STEP)
    won = history.won
    known = won.created > -NEVER
    if not history.has_created or not origins.size or not known.any():
        return None
    offsets = np.array(horizon.edges) - horizon.edges[0] + 1
    parts = [_one(won.day - s, won.created <= s, won.amount * known, offsets) for s in origins]
    open_, all_ = np.sum(parts, axis=0)
    overall = open_.sum() / all_.sum() if all_.sum() > 0 else None
    if overall is None:
        return None
    return np.divide(open_, all_, out=np.full(len(open_), overall), where=all_ > 0)


def _one(
    age: np.ndarray, was_there: np.ndarray, amount: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Return (value won by deals there at the origin, value won) per window of one origin."""
    window = np.searchsorted(offsets, age, side="right") - 1
    inside = (age >= offsets[0]) & (age < offsets[-1])
    size = len(offsets) - 1
    weight = amount.astype(float)
    from_open = inside & was_there
    return np.stack(
        [
            np.bincount(window[from_open], weight[from_open], size),
            np.bincount(window[inside], weight[inside], size),
        ]
    )


def split_parts(parts: Parts, *, share: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the parts as "open" and "new"; what cannot be split stays "later".

    ``share`` (windows) splits bookings that the method does not split itself; whole minor units
    are kept exactly.
    """
    if "all" not in parts:
        return dict(parts)
    total = parts["all"]
    if share is None:
        return {"later": total}
    open_ = np.rint(total * share[None, :, None]).astype(np.int64)
    return {"open": open_, "new": total - open_}
