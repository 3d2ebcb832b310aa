"""Landmarks: open deals on past days, what was known of each then, and what became of it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from spm_lib.forecast.past.lives import NEVER, Lives

TIME = (7, 21, 45, 90, 180, 365)
DUE = (-30, 0, 31, 92)
PUSHES = (1, 2, 4)
SIZES = 4


@dataclass(frozen=True, eq=False)
class Features:
    """Small codes per row and feature; ``sizes`` counts the codes of each."""

    codes: Mapping[str, np.ndarray]
    sizes: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Binning:
    """How raw values become codes: fixed edges, and quantiles of the amounts known in the past."""

    amounts: np.ndarray

    @classmethod
    def of(cls, lives: Lives) -> Binning:
        """Take the quantiles from every amount ever told of an open deal."""
        told = lives.stretches.amount[lives.stretches.amount > 0]
        shares = np.arange(1, SIZES) / SIZES
        return cls(np.unique(np.quantile(told, shares)) if told.size else np.array([]))

    def features(self, lives: Lives, rows: np.ndarray, days: np.ndarray) -> Features:
        """Return the features of open deals: stretch ``rows`` seen at the end of ``days``."""
        spans = lives.stretches.take(rows)
        codes = {"age": _bin(days - lives.created[spans.deal], TIME)}
        sizes = {"age": len(TIME) + 1}
        if lives.staged:
            planned = spans.expected < NEVER
            codes |= {
                "stage": spans.stage,
                "time": _bin(days - spans.entered, TIME),
                "silence": _bin(days - spans.since, TIME[:5]),
                "due": np.where(planned, 1 + _bin(spans.expected - days, DUE), 0),
                "pushes": _bin(spans.pushes, PUSHES),
                "amount": self._amount(spans.amount),
            }
            sizes |= {
                "stage": int(lives.stretches.stage.max(initial=0)) + 1,
                "time": len(TIME) + 1,
                "silence": 6,
                "due": len(DUE) + 2,
                "pushes": len(PUSHES) + 1,
                "amount": len(self.amounts) + 2,
            }
        for name, trait in lives.traits.items():
            codes[f"trait {name}"] = trait[spans.deal] + 1
            sizes[f"trait {name}"] = int(trait.max(initial=-1)) + 2
        return Features(codes, sizes)

    def _amount(self, amount: np.ndarray) -> np.ndarray:
        told = amount > 0
        return np.where(told, 1 + np.searchsorted(self.amounts, np.where(told, amount, 0)), 0)


def _bin(values: np.ndarray, edges: tuple[int, ...]) -> np.ndarray:
    return np.searchsorted(edges, values, side="right")


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows with the same codes together: ``cell`` per row, and the codes of each cell."""

    cell: np.ndarray
    codes: Mapping[str, np.ndarray]
    count: int


def cells_of(features: Features) -> Cells:
    """Group rows by all their codes."""
    key = np.zeros(len(next(iter(features.codes.values()))), dtype=np.int64)
    for name, codes in features.codes.items():
        key = key * features.sizes[name] + codes
    _, first, cell = np.unique(key, return_index=True, return_inverse=True)
    codes = {name: values[first] for name, values in features.codes.items()}
    return Cells(cell, codes, len(first))


def design_of(codes: Mapping[str, np.ndarray], sizes: Mapping[str, int]) -> csr_array:
    """Return one column for all, one per code of each feature, and stage x time in stage."""
    count = len(next(iter(codes.values())))
    blocks = blocks_of(codes, sizes)
    places = [np.zeros(count, dtype=np.int64)]
    places += [columns.start + code for columns, code in blocks.values()]
    edges = np.arange(count + 1) * len(places)
    ones = np.ones(count * len(places))
    return csr_array(
        (ones, np.stack(places, axis=1).ravel(), edges), shape=(count, width_of(sizes))
    )


def width_of(sizes: Mapping[str, int]) -> int:
    """Return how many columns the design has."""
    both = sizes["stage"] * sizes["time"] if "stage" in sizes else 0
    return 1 + sum(sizes.values()) + both


def blocks_of(
    codes: Mapping[str, np.ndarray], sizes: Mapping[str, int]
) -> dict[str, tuple[slice, np.ndarray]]:
    """Return, per block of the design, its columns and the code of each row within it."""
    found, start = {}, 1
    told = {name: (codes[name], sizes[name]) for name in sorted(codes)}
    if "stage" in codes:
        both = codes["stage"] * sizes["time"] + codes["time"]
        told["stage x time"] = (both, sizes["stage"] * sizes["time"])
    for name, (code, size) in told.items():
        found[name] = (slice(start, start + size), code)
        start += size
    return found
