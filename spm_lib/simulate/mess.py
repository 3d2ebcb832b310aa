"""The messes of a preset that change what was recorded, not what happened."""

from __future__ import annotations

import numpy as np
import polars as pl

from spm_lib.simulate.history import FIRST_ID
from spm_lib.simulate.world import World

_CLOSED = pl.col("stage").str.starts_with("Closed")
Frames = dict[str, pl.DataFrame]


def _level(world: World, frame: pl.DataFrame, stream: str) -> pl.Series:
    """Return a number in (0, 1) per row that depends on the deal alone."""
    number = frame["opportunity_id"].str.slice(3).cast(pl.Int64).to_numpy() - FIRST_ID
    return pl.Series(world.chance(stream).uniform(np.asarray(number), draw=0))


def _retro_edited(world: World, frames: Frames) -> Frames:
    """Leave the account empty on most open deals: it is filled in when they close."""
    deals = frames["opportunities"]
    empty = ~_CLOSED & (_level(world, deals, "mess/account") < 0.7)
    account = pl.when(empty).then(None).otherwise("account_id").alias("account_id")
    return frames | {"opportunities": deals.with_columns(account)}


def _left_truncated(world: World, frames: Frames) -> Frames:
    """Forget every deal that was closed before recording began."""
    day = world.preset.left_truncation
    kept = frames["opportunities"].filter(
        pl.col("closed_at").is_null() | (pl.col("closed_at") >= day)
    )
    ids = kept.select("opportunity_id")
    others = {
        name: frames[name].join(ids, on="opportunity_id", how="semi", maintain_order="left")
        for name in ("stage_events", "activities", "leads")
    }
    return frames | {"opportunities": kept} | others


def _late_entries(world: World, frames: Frames) -> Frames:
    """Let a share of the won deals appear on the day they were won, as won."""
    deals = frames["opportunities"]
    chosen = (_level(world, deals, "mess/late") < world.preset.late_entry) & (
        deals["stage"] == "Closed Won"
    )
    created = pl.when(chosen).then("closed_at").otherwise("created_at").alias("created_at")
    late = deals.filter(chosen).select("opportunity_id")
    events, on = frames["stage_events"], "opportunity_id"
    early = events.join(late, on=on, how="anti", maintain_order="left")
    last = (
        events.join(late, on=on, how="semi", maintain_order="left")
        .group_by(on, maintain_order=True)
        .last()
    )
    both = pl.concat(
        [early, last.select(events.columns).with_columns(seq=pl.lit(1, events["seq"].dtype))]
    )
    done = frames["activities"].join(late, on=on, how="anti", maintain_order="left")
    return frames | {
        "opportunities": deals.with_columns(created),
        "stage_events": both.sort(on, "seq", maintain_order=True),
        "activities": done,
    }


def _duplicated(world: World, frames: Frames) -> Frames:
    """Repeat a share of the rows, each right after itself."""
    deals = frames["opportunities"]
    times = 1 + (_level(world, deals, "mess/twice") < world.preset.duplicates).cast(pl.Int64)
    rows = pl.Series(np.repeat(np.arange(deals.height), times.to_numpy()))
    return frames | {"opportunities": deals[rows]}


def apply_messes(world: World, frames: Frames) -> Frames:
    """Return the frames of a block as the preset's system of record kept them.

    `zero_amount_lost`, `zombies` and those that change what happened are in the engine.
    """
    preset = world.preset
    if preset.late_entry:
        frames = _late_entries(world, frames)
    if preset.left_truncation:
        frames = _left_truncated(world, frames)
    if preset.retro_edited:
        frames = _retro_edited(world, frames)
    if preset.duplicates:
        frames = _duplicated(world, frames)
    if preset.snapshot_only:
        frames = {name: frame for name, frame in frames.items() if name != "stage_events"}
    return frames
