"""The kinds of leads there are, and the chance of each to become a deal: plain log odds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import expit

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.presets import LeadOdds

SIZE, FORM, ANSWER = range(3)


@dataclass(frozen=True, eq=False)
class LeadKinds:
    """Kinds of leads: a row per source, a cell (column) per size, form and answer.

    Attributes
    ----------
    sources
        Positions of the sources in ``hazards.SOURCES``.
    cells
        One row per cell: positions of its size, form and answer in the odds.
    weights
        The share of each cell among the leads of a source; they sum to 1.
    chances
        P(becomes a deal) of each source and cell.
    """

    sources: Ints
    cells: Ints
    weights: Floats
    chances: Floats

    @property
    def converting(self) -> Floats:
        """The share of the leads of each source that become deals."""
        return self.chances @ self.weights

    def at_arrival(self) -> Floats:
        """Return the chances before it is known how soon the lead is answered."""
        told = np.zeros_like(self.chances)
        for k, cell in enumerate(self.cells):
            like = (self.cells[:, :ANSWER] == cell[:ANSWER]).all(axis=1)
            told[:, k] = self.chances[:, like] @ self.weights[like] / self.weights[like].sum()
        return told

    def rows(self, source: Ints) -> Ints:
        """Return the rows of leads by their positions in ``hazards.SOURCES``."""
        place = np.full(len(h.SOURCES), -1)
        place[self.sources] = np.arange(len(self.sources))
        return place[source]


def lead_kinds(odds: LeadOdds) -> LeadKinds:
    """Return the kinds of leads that some odds tell.

    Examples
    --------
    >>> kinds = lead_kinds(LeadOdds())
    >>> kinds.chances.shape, [float(share) for share in kinds.converting.round(2)]
    ((4, 18), [0.34, 0.5, 0.34, 0.22])
    """
    levels = (odds.sizes, odds.forms, odds.answers)
    cells = np.array(list(product(*(range(len(level)) for level in levels))))
    shares, effects = np.ones(len(cells)), np.zeros(len(cells))
    for k, level in enumerate(levels):
        shares *= np.array([share for _, share, _ in level])[cells[:, k]]
        effects += np.array([effect for *_, effect in level])[cells[:, k]]
    by_source = np.array([effect for _, effect in odds.sources])
    return LeadKinds(
        sources=np.array([h.SOURCES.index(name) for name, _ in odds.sources]),
        cells=cells,
        weights=shares / shares.sum(),
        chances=expit(odds.base + by_source[:, None] + effects),
    )
