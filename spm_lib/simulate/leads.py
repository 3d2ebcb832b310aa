"""Leads: those that became deals, and those that did not; who is answered late converts less.

Where the preset has odds of leads, they are drawn from those (see ``lead_odds``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.clocks import day_number
from spm_lib.simulate.deals import Origins
from spm_lib.simulate.history import dates, instants, named, opportunity_ids
from spm_lib.simulate.lead_odds import (
    OWN,
    OddLeads,
    lead_columns,
    leads_of_deals,
    leads_without_deal,
)
from spm_lib.simulate.presets import LeadOdds
from spm_lib.simulate.world import World

INBOUND = (0, 2, 5)  # Website, Event, Campaign: their deals began as leads
UNCONVERTED = 0.35  # leads that never became a deal, as a share of the deals
NEVER_ANSWERED = 0.18  # share of those that nobody ever answered
RESPONSE_DAYS = {"converted": 0.5, "unconverted": 1.4}  # mean working days to the first answer


def converted_leads(world: World, origin: Origins) -> pl.DataFrame:
    """Return the leads behind a block of deals, as the canonical table."""
    if odds := world.preset.leads:
        return _odd(world, odds, leads_of_deals(world, odds, origin))
    rows = np.flatnonzero(np.isin(origin.source, INBOUND))
    number, clock = origin.number[rows], world.clocks.work
    chance, created = world.chance("lead"), origin.deals.created[rows]
    age = chance.exponential(number, draw=0) * 4.0
    reading = clock.reading(created)
    born = clock.moment(
        np.maximum(
            reading - age, clock.reading(np.full(len(rows), float(day_number(world.preset.start))))
        )
    )
    born = np.minimum(born, created)
    answered = np.minimum(clock.reading(born) + _response(world, number, "converted"), reading)
    return _table(
        world,
        "L-" + pl.Series(number).cast(pl.String).str.zfill(6),
        born,
        clock.moment(answered),
        origin.source[rows],
        origin.deals.owner[rows],
        dates(created),
        opportunity_ids(number),
    )


def unconverted_leads(world: World, deals: Ints) -> pl.DataFrame:
    """Return the leads that have no deal and came in when these deals did."""
    if odds := world.preset.leads:
        return _odd(world, odds, leads_without_deal(world, odds, deals))
    chance = world.chance("lost_lead")
    number = deals[chance.uniform(deals, draw=4) < UNCONVERTED]
    born = world.arrived(number + chance.uniform(number, draw=0))
    source = np.array(INBOUND[:2])[chance.choice(number, draw=2, shares=np.array([0.75, 0.25]))]
    work = world.clocks.work
    answered = work.moment(work.reading(born) + _response(world, number, "unconverted"))
    answered = np.where(chance.uniform(number, draw=3) < NEVER_ANSWERED, np.inf, answered)
    none = pl.Series([None] * len(number), dtype=pl.Date)
    ids = "U-" + pl.Series(number).cast(pl.String).str.zfill(6)
    rep = world.creator(number, born, stream="lost_lead/rep")
    return _table(world, ids, born, answered, source, rep, none, none.cast(pl.String))


def _odd(world: World, odds: LeadOdds, leads: OddLeads) -> pl.DataFrame:
    """Return leads with planted odds; a deal that begins after the export is not known yet."""
    made, own = leads.became < world.until, leads.slot == OWN
    became = dates(np.where(made, leads.became, 0.0)).zip_with(
        pl.Series(made), pl.Series([None] * len(made), dtype=pl.Date)
    )
    deal = opportunity_ids(leads.number).zip_with(
        pl.Series(made & own), pl.Series([None] * len(made), dtype=pl.String)
    )
    table = _table(
        world, leads.ids, leads.born, leads.answered, leads.source, leads.owner, became, deal
    )
    return table.with_columns(**lead_columns(odds, leads))


def _response(world: World, number: Ints, kind: str) -> Floats:
    """Return working days to the first answer."""
    return world.chance(f"response/{kind}").exponential(number, draw=0) * RESPONSE_DAYS[kind]


def _table(
    world: World,
    ids: pl.Series,
    born: Floats,
    answered: Floats,
    source: Ints,
    rep: Ints,
    converted: pl.Series,
    opportunity: pl.Series,
) -> pl.DataFrame:
    """Return leads as a frame; an answer after the export never came."""
    known = np.isfinite(answered) & (answered < world.until)
    return pl.DataFrame(
        {
            "lead_id": ids,
            "created_at": instants(born),
            "source": named(source, h.SOURCES),
            "rep_id": named(rep, world.staff.rep_ids),
            "first_response_at": instants(np.where(known, answered, born)),
            "converted_at": converted,
            "opportunity_id": opportunity,
        }
    ).with_columns(pl.when(pl.Series(known)).then("first_response_at").alias("first_response_at"))
