"""People's numbers by one method, the company's by another, and both add up in every scenario."""

from __future__ import annotations

import numpy as np

from spm_lib.forecast.methods.method import Parts


def shared_out(whole: Parts, people: Parts) -> dict[str, np.ndarray]:
    """Return the totals of one set of draws, shared out among reps as another set shares its own.

    Scenarios are paired by the rank of their totals, so that a good year of the one meets a good
    year of the other. In each scenario, window and part the total of ``whole`` is kept to the last
    minor unit; where ``people`` expects nothing of it, it stays with those of ``whole``. Where the
    two are split into different parts, only the sums over parts can be shared out ("all").

    Examples
    --------
    >>> whole = {"all": np.array([[[10, 40]], [[10, 40]]])}
    >>> people = {"all": np.array([[[9, 3]], [[1, 1]]])}
    >>> shared_out(whole, people)["all"].tolist()
    [[[15, 72]], [[5, 8]]]
    """
    if set(whole) != set(people):
        whole, people = ({"all": np.sum(list(parts.values()), axis=0)} for parts in (whole, people))
    order = _paired(whole, people)
    return {name: _shared(part, people[name][:, :, order]) for name, part in whole.items()}


def _paired(whole: Parts, people: Parts) -> np.ndarray:
    """Return which scenario of ``people`` goes with each one of ``whole``."""
    mine, other = (
        np.argsort(
            np.sum([part.sum(axis=(0, 1)) for part in parts.values()], axis=0), kind="stable"
        )
        for parts in (whole, people)
    )
    order = np.empty_like(mine)
    order[mine] = other
    return order


def _shared(whole: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Share out the totals over reps: (reps, windows, draws), whole minor units."""
    total, others = whole.sum(axis=0), people.sum(axis=0)
    share = np.cumsum(people, axis=0) / np.maximum(others, 1)
    upto = np.rint(share * total).astype(np.int64)
    upto[-1] = total
    made = np.diff(upto, axis=0, prepend=0)
    return np.where(others > 0, made, whole)
