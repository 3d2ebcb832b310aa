"""A block of deals as canonical frames, with their truth: the unit that is streamed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate import names
from spm_lib.simulate.activities import deal_activities
from spm_lib.simulate.chance import Floats, Ints
from spm_lib.simulate.deals import TYPES, Origins, make_deals
from spm_lib.simulate.history import (
    Changes,
    dates,
    last_rows,
    make_changes,
    named,
    opportunity_ids,
    stage_events,
)
from spm_lib.simulate.journeys import Engine, Events, at_creation, run
from spm_lib.simulate.world import World

REASON_SHARES = np.array([0.27, 0.22, 0.14, 0.20, 0.10, 0.07])
CATEGORIES = ("Pipeline", "Pipeline", "Best Case", "Commit", "Closed", "Omitted")


@dataclass(frozen=True, eq=False)
class Records:
    """A block of deals: what they were, what happened, and the frames that say so."""

    origin: Origins
    events: Events
    changes: Changes
    opportunities: pl.DataFrame
    stage_events: pl.DataFrame
    activities: pl.DataFrame


def account_ids(position: Ints) -> pl.Series:
    """Name accounts by their positions."""
    return "AC-" + pl.Series(position + 1001).cast(pl.String)


def _opportunities(world: World, origin: Origins, changes: Changes) -> pl.DataFrame:
    """Return the canonical opportunities as they stand at the end."""
    last = last_rows(changes)
    stage, moment = changes.stage[last], changes.moment[last]
    chance, number = world.chance("notes"), origin.number
    reason = np.where(stage == h.LOST, chance.choice(number, draw=0, shares=REASON_SHARES), -1)
    step = np.where(
        stage < h.WON, chance.choice(number, draw=1, shares=np.ones(len(names.NEXT_STEPS))), 0
    )
    closed = pl.Series(stage >= h.WON)
    campaign = world.preset.campaign.name if world.preset.campaign else None
    frame = pl.DataFrame(
        {
            "opportunity_id": opportunity_ids(number),
            "rep_id": named(changes.owner[last], world.staff.rep_ids),
            "account_id": account_ids(origin.account),
            "amount": changes.amount[last],
            "stage": named(stage, h.STAGES),
            "created_at": dates(origin.deals.created),
            "closed_at": dates(moment),
            "expected_close": dates(changes.expected[last]),
            "source": named(origin.source, h.SOURCES),
            "campaign": pl.Series(origin.source == 5),
            "product_id": named(origin.product, h.PRODUCTS),
            "discount": np.where(stage == h.WON, origin.discount, np.nan),
            "next_step": named(step, names.NEXT_STEPS),
            "forecast_category": named(stage, CATEGORIES),
            "lost_reason": named(np.maximum(reason, 0), names.LOST_REASONS),
            "type": named(origin.kind, TYPES),
            "Segment": named(origin.segment, h.SEGMENTS),
            "Region": region_names(world, origin.region),
        }
    )
    return frame.with_columns(
        pl.when(closed).then("closed_at").alias("closed_at"),
        pl.when(pl.Series(reason >= 0)).then("lost_reason").alias("lost_reason"),
        pl.when(pl.col("campaign")).then(pl.lit(campaign, dtype=pl.String)).alias("campaign"),
        pl.col("discount").fill_nan(None),
        pl.when(pl.col("next_step") != "").then("next_step").alias("next_step"),
    )


def region_names(world: World, region: Ints) -> pl.Series:
    """Return the names of regions, numbered where each rep owns one."""
    if world.preset.rep_is_region:
        return "Region " + pl.Series(region + 1).cast(pl.String).str.zfill(2)
    return named(region % len(names.REGIONS), names.REGIONS)


def make_records(world: World, number: Ints) -> Records:
    """Make a block of deals from their numbers; blocks of any size give the same deals."""
    origin = make_deals(world, number)
    engine = Engine(world.staff, world.clocks, world.chance("journey"), world.until)
    events = run(engine, origin.deals, at_creation(origin.deals))
    changes = make_changes(world, origin, events)
    return Records(
        origin,
        events,
        changes,
        _opportunities(world, origin, changes),
        stage_events(world, origin, changes),
        deal_activities(world, origin, changes),
    )


def closing_moments(changes: Changes) -> Floats:
    """Return when each deal was last closed, infinite while it is open."""
    last = last_rows(changes)
    return np.where(changes.stage[last] >= h.WON, changes.moment[last], np.inf)
