"""The company in memory: canonical-like frames, clean but for the messes the preset claims."""

from __future__ import annotations

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate import names
from spm_lib.simulate.activities import prospecting
from spm_lib.simulate.calls import Wins, make_calls
from spm_lib.simulate.history import named
from spm_lib.simulate.leads import converted_leads, unconverted_leads
from spm_lib.simulate.mess import Frames, apply_messes
from spm_lib.simulate.presets import Preset, in_memory
from spm_lib.simulate.records import Records, account_ids, make_records
from spm_lib.simulate.staff import memberships_table, reps_table
from spm_lib.simulate.targets import make_costs, make_targets
from spm_lib.simulate.world import World, make_world


def accounts_table(world: World) -> pl.DataFrame:
    """Return the accounts: account_id, name, Segment (kept as it is)."""
    count = world.preset.accounts
    return pl.DataFrame(
        {
            "account_id": account_ids(np.arange(count)),
            "name": [names.firm(k) for k in range(count)],
            "Segment": named(world.account_segment, h.SEGMENTS),
        }
    )


def products_table() -> pl.DataFrame:
    """Return the products: product_id, name, price in minor units."""
    return pl.DataFrame(
        {
            "product_id": list(h.PRODUCTS),
            "name": list(h.PRODUCTS),
            "price": [int(price) * 100 for price in h.PRODUCT_PRICES],
        }
    )


def deal_frames(world: World, records: Records) -> Frames:
    """Return the frames of a block of deals as recorded."""
    frames = {
        "opportunities": records.opportunities,
        "stage_events": records.stage_events,
        "activities": records.activities,
        "leads": converted_leads(world, records.origin),
    }
    return apply_messes(world, frames)


def company_frames(world: World) -> Frames:
    """Return the frames that do not grow with the deals."""
    return {
        "reps": reps_table(world.staff, teams=world.preset.teams),
        "memberships": memberships_table(world.staff, world.preset),
        "accounts": accounts_table(world),
        "products": products_table(),
        "targets": make_targets(world),
        "costs": make_costs(world),
    }


def frames(preset: str | Preset, seed: int) -> Frames:
    """Return a company as canonical-like tables in memory, without dirt.

    Columns out: those of the canonical tables of the same names (opportunities, stage_events,
    activities, leads, reps, memberships, accounts, products, targets, costs,
    forecast_calls). Money is Int64 minor
    units of ILS (`in_major_units` gives what `company_from_frames` takes), dates are Date,
    instants UTC.

    Raises
    ------
    ParameterError
        If there is no such preset, or it is too big to be made in memory.

    Examples
    --------
    >>> company = frames("tiny", 1)
    >>> company["opportunities"].height
    400
    """
    world = make_world(in_memory(preset), seed)
    return all_frames(world, make_records(world, np.arange(world.preset.opportunities)))


def all_frames(world: World, records: Records) -> Frames:
    """Return every frame of a company whose deals are all in memory."""
    found = deal_frames(world, records)
    reps = np.arange(len(world.staff.rep_ids))
    found["activities"] = pl.concat([found["activities"], prospecting(world, reps)])
    found["leads"] = pl.concat([found["leads"], unconverted_leads(world, records.origin.number)])
    calls = {"forecast_calls": make_calls(world, Wins.of(records))}
    return found | company_frames(world) | calls
