"""A company before its first deal: clocks, people, and where the next deal comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spm_lib.simulate.chance import Chance, Floats, Ints
from spm_lib.simulate.clocks import Clock, Clocks, day_number, make_clocks
from spm_lib.simulate.hazards import SEGMENT_SHARES
from spm_lib.simulate.presets import Preset, preset_of
from spm_lib.simulate.staff import Staff, make_staff


@dataclass(frozen=True, eq=False)
class World:
    """A preset and a seed made flesh; everything else is a pure function of it."""

    preset: Preset
    seed: int
    clocks: Clocks
    staff: Staff
    rep_edges: Floats
    account_segment: Ints

    @property
    def until(self) -> float:
        """The end of what the export knows: midnight after `as_of`, as an epoch day."""
        return float(day_number(self.preset.as_of) + 1)

    def chance(self, stream: str) -> Chance:
        """Return a stream of chance of this company."""
        return Chance(self.seed, stream)

    def created(self, number: Ints) -> Floats:
        """Return when deals are created: in the order of their numbers, past the export too."""
        return self.arrived(number + self.chance("created").uniform(number, draw=0))

    def arrived(self, deals: Floats) -> Floats:
        """Return when so many deals (and parts of one) have come in."""
        arrival: Clock = self.clocks.arrival
        return arrival.moment(deals / self.preset.opportunities * self.arrivals * (1 - 1e-12))

    @property
    def arrivals(self) -> float:
        """What the arrival clock shows when the export is made."""
        return float(self.clocks.arrival.reading(np.array([self.until]))[0])

    def creator(self, number: Ints, created: Floats, *, stream: str = "creator") -> Ints:
        """Return the rep who creates each deal: who is there, ramped up and busy that day."""
        day = np.floor(created).astype(np.int64) - self.clocks.origin
        level = day + self.chance(stream).uniform(number, draw=0)
        flat = np.searchsorted(self.rep_edges, level, side="right")
        return (flat - day * len(self.staff.rep_ids)).astype(np.int64)


def _rep_edges(staff: Staff, clocks: Clocks) -> Floats:
    """Return cumulative shares of reps per day, day k in (k, k+1], all days in one sorted array."""
    days = clocks.origin + np.arange(len(clocks.working), dtype=np.float64)
    busy = np.zeros((len(days), len(staff.rep_ids)))
    for rep in range(len(staff.rep_ids)):
        there = (days >= staff.hired[rep]) & (days < staff.left[rep] - 14)
        busy[:, rep] = there * staff.volume[rep] * staff.ramp(np.full(len(days), rep), days)
    total = busy.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, busy / np.where(total > 0, total, 1.0), 1.0 / busy.shape[1])
    edges = np.minimum(np.cumsum(shares, axis=1), 1.0)
    edges[:, -1] = 1.0
    return (edges + np.arange(len(days), dtype=np.float64)[:, None]).ravel()


def make_world(preset: str | Preset, seed: int) -> World:
    """Make a company before its first deal.

    Examples
    --------
    >>> world = make_world("tiny", 1)
    >>> len(world.staff.rep_ids) >= world.preset.seats
    True
    """
    chosen = preset_of(preset)
    clocks = make_clocks(chosen, seed)
    staff = make_staff(chosen, seed, clocks=clocks)
    who = np.arange(chosen.accounts)
    segments = Chance(seed, "account").choice(who, draw=0, shares=SEGMENT_SHARES)
    return World(chosen, seed, clocks, staff, _rep_edges(staff, clocks), segments)
