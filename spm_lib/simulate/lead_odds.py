"""Leads whose chance of becoming a deal is known: by source, size and how soon they are answered.

Deals come first in a simulated company, so leads are drawn backwards, by Bayes' rule: what a lead
was like given that it became a deal, and how many of its kind did not. Together they are leads
that become deals with exactly the planted odds. They come in and are answered on any day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.clocks import day_number
from spm_lib.simulate.deals import Origins, make_deals
from spm_lib.simulate.history import named
from spm_lib.simulate.lead_kinds import ANSWER, FORM, SIZE, LeadKinds, lead_kinds
from spm_lib.simulate.presets import LeadOdds
from spm_lib.simulate.world import World

SLOTS = 64  # leads of one deal number: its own, one lost between, those that came to nought
OWN, LOST, NOUGHT = 0, 1, 2
ANSWERS = ("soon", "later", "never")
AGES = (2.5, 20.0)  # days from coming in to the deal, however soon the answer
SOON, LATER, LATEST = 0.98, 2.0, 8.0  # days until the first answer: soon within, later from, until
LEAD_COLUMNS = ("Size", "Form")  # only leads with planted odds have them; known on arrival


@dataclass(frozen=True, eq=False)
class OddLeads:
    """Leads as they really were: moments are epoch days, infinite for what never came.

    ``became`` is when the deal of the lead begins, known by the export or not; ``owner`` is a
    position in the staff, ``cell`` one in ``LeadKinds``, ``slot`` 0 for a lead with a deal.
    """

    number: Ints
    slot: Ints
    source: Ints
    cell: Ints
    born: Floats
    answered: Floats
    became: Floats
    owner: Ints

    def where(self, kept: np.ndarray) -> OddLeads:
        """Return some of the leads."""
        return OddLeads(**{name: values[kept] for name, values in vars(self).items()})

    def followed_by(self, other: OddLeads) -> OddLeads:
        """Return these leads and others after them."""
        pairs = {name: (values, vars(other)[name]) for name, values in vars(self).items()}
        return OddLeads(**{name: np.concatenate(pair) for name, pair in pairs.items()})

    @property
    def ids(self) -> pl.Series:
        """The names of the leads."""
        return "L-" + pl.Series(self.number * SLOTS + self.slot).cast(pl.String).str.zfill(8)


def leads_of_deals(world: World, odds: LeadOdds, origin: Origins) -> OddLeads:
    """Return the leads behind a block of deals that came in after the company's first day."""
    kinds = lead_kinds(odds)
    row = np.flatnonzero(kinds.rows(origin.source) >= 0)
    number, slot = origin.number[row], np.full(len(row), OWN)
    became, owner = origin.deals.created[row], origin.deals.owner[row]
    return _leads(world, odds, (number, slot, origin.source[row], became), owner)


def leads_without_deal(world: World, odds: LeadOdds, deals: Ints) -> OddLeads:
    """Return the leads that came in when these deals did and have none to show.

    They came to nought or were lost at the hand-over; after the last deal of the export also
    those whose deal begins after it.
    """
    later = np.arange(0)
    if deals[-1] + 1 == world.preset.opportunities:
        ahead = world.clocks.arrival.reading(np.array([world.until + AGES[1]]))[0] / world.arrivals
        later = np.arange(deals[-1] + 1, int(ahead * world.preset.opportunities) + 1)
        later = later[np.isfinite(world.arrived(later + 1.0))]  # with few deals far ahead
    origin = make_deals(world, np.concatenate([deals, later]))
    number, slot, source = _others(world, odds, origin)
    position = world.chance("lead_odds").uniform(number * SLOTS + slot, draw=2)
    became = world.arrived(number + position)
    made = _leads(world, odds, (number, slot, source, became), None)
    if not len(later):
        return made
    return made.followed_by(leads_of_deals(world, odds, make_deals(world, later)))


def _others(world: World, odds: LeadOdds, origin: Origins) -> tuple[Ints, Ints, Ints]:
    """Return number, slot and source of the leads that go with deals beside their own."""
    kinds, chance = lead_kinds(odds), world.chance("lead_odds")
    row = np.flatnonzero(kinds.rows(origin.source) >= 0)
    number, source = origin.number[row], origin.source[row]
    kept = 1 - odds.lost_between
    lost = np.flatnonzero(chance.uniform(number * SLOTS, draw=0) < odds.lost_between / kept)
    share = kinds.converting[kinds.rows(source)]
    count = chance.count(number * SLOTS, draw=1, mean=(1 - share) / share / kept)
    nought = np.repeat(np.arange(len(number)), np.minimum(count, SLOTS - NOUGHT))
    at = np.concatenate([lost, nought])
    first = np.searchsorted(nought, nought)
    slot = np.concatenate([np.full(len(lost), LOST), NOUGHT + np.arange(len(nought)) - first])
    return number[at], slot, source[at]


def _leads(
    world: World,
    odds: LeadOdds,
    who: tuple[Ints, Ints, Ints, Floats],
    owner: Ints | None,
) -> OddLeads:
    """Return leads by number, slot, source and when their deal begins (or would have begun)."""
    number, slot, source, became = who
    chance, entity = world.chance("lead_odds"), number * SLOTS + slot
    cell = _cells(lead_kinds(odds), source, slot < NOUGHT, chance.uniform(entity, draw=3))
    age = AGES[0] + (AGES[1] - AGES[0]) * chance.uniform(entity, draw=4)
    born = became - age
    answered = born + _waited(odds, cell, age, chance.uniform(entity, draw=5))
    there = (born >= day_number(world.preset.start)) & (born < world.until)
    leads = OddLeads(
        number,
        slot,
        source,
        cell,
        born,
        answered,
        np.where(slot < NOUGHT, became, np.inf),
        np.zeros_like(number) if owner is None else owner,
    ).where(there)
    if owner is not None:
        return leads
    entity = leads.number * SLOTS + leads.slot
    return replace(leads, owner=world.creator(entity, leads.born, stream="lead_odds/rep"))


def _waited(odds: LeadOdds, cell: Ints, age: Floats, level: Floats) -> Floats:
    """Return days until the first answer, always before the deal; infinite where none comes."""
    later = LATER + (np.minimum(LATEST, age) - LATER) * level
    waited = np.stack([SOON * level, later, np.full(len(age), np.inf)])
    place = np.array([ANSWERS.index(name) for name, *_ in odds.answers])
    return waited[place[_part(odds, ANSWER, cell)], np.arange(len(age))]


def _cells(kinds: LeadKinds, source: Ints, converts: np.ndarray, level: Floats) -> Ints:
    """Draw what leads are like, given that they become a deal or do not."""
    chance = kinds.chances[kinds.rows(source)]
    share = kinds.weights * np.where(converts[:, None], chance, 1 - chance)
    edges = np.cumsum(share, axis=1)
    above = level[:, None] * edges[:, -1:] >= edges
    return np.minimum(above.sum(axis=1), edges.shape[1] - 1)


def _part(odds: LeadOdds, part: int, cell: Ints) -> Ints:
    return lead_kinds(odds).cells[cell, part]


def lead_columns(odds: LeadOdds, leads: OddLeads) -> dict[str, pl.Series]:
    """Return the columns of leads that only planted odds have: Size and Form."""
    levels = ((SIZE, odds.sizes), (FORM, odds.forms))
    return {
        column: named(_part(odds, part, leads.cell), [name for name, *_ in level])
        for column, (part, level) in zip(LEAD_COLUMNS, levels, strict=True)
    }


def lead_truth(world: World, odds: LeadOdds, origin: Origins) -> pl.DataFrame:
    """Return every lead as it really was.

    Returns
    -------
    pl.DataFrame
        ``lead_id, source, Size, Form, answer`` (soon, later, never), ``chance`` (of becoming a
        deal, as it is answered), ``chance_at_arrival`` (before that is known), ``becomes`` (it
        does, by the export or after it), ``lost_between`` (its deal was lost at the hand-over).
    """
    parts = (
        leads_of_deals(world, odds, origin),
        leads_without_deal(world, odds, origin.number),
    )
    return pl.concat(_truth(odds, leads) for leads in parts)


def _truth(odds: LeadOdds, leads: OddLeads) -> pl.DataFrame:
    kinds = lead_kinds(odds)
    at = kinds.rows(leads.source), leads.cell
    return pl.DataFrame(
        {
            "lead_id": leads.ids,
            "source": named(leads.source, h.SOURCES),
            **lead_columns(odds, leads),
            "answer": named(_part(odds, ANSWER, leads.cell), [name for name, *_ in odds.answers]),
            "chance": kinds.chances[at].round(8),
            "chance_at_arrival": kinds.at_arrival()[at].round(8),
            "becomes": leads.slot < NOUGHT,
            "lost_between": leads.slot == LOST,
        }
    )
