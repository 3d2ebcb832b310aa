"""Monthly targets per rep and per team, and what selling cost."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from spm_lib.simulate import hazards as h
from spm_lib.simulate.clocks import day_number
from spm_lib.simulate.staff import memberships_table
from spm_lib.simulate.world import World

MONTH_WEIGHTS = np.array([0.85, 0.9, 1.25, 0.75, 1.0, 1.25, 0.8, 0.75, 1.15, 0.85, 1.05, 1.4])
WIN_SHARE = 0.25  # what the planners believe of a new deal
STRETCH = 1.05  # reps' targets sum to more than was expected
TEAM_SHARE = 0.95  # a team's target against the sum of its reps'
SALARY, TRAVEL, TOOLS, MARKETING = 24_000, 1_800, 650, 55_000


def months(world: World) -> list[date]:
    """Return the months with targets: from a quarter after the start to the year's end."""
    first, last = world.preset.start, date(world.preset.as_of.year, 12, 1)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    every = [
        date(first.year + (first.month - 1 + k) // 12, (first.month - 1 + k) % 12 + 1, 1)
        for k in range(count)
    ]
    return every[3:]


def next_month(month: date) -> date:
    """Return the first day of the following month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _rep_targets(world: World) -> pl.DataFrame:
    """Return a target per rep and month in whole thousands, in minor units."""
    preset, staff = world.preset, world.staff
    price = float(h.PRODUCT_PRICES @ h.PRODUCT_SHARES) * 1.1
    years = (preset.as_of - preset.start).days / 365.25
    deals = preset.opportunities / preset.seats / (12 * years) * WIN_SHARE
    base = staff.segment_shares @ h.SEGMENT_SIZE * price * deals * STRETCH
    rows = []
    for month in months(world):
        day = day_number(month)
        growth = (1 + preset.growth) ** ((day - day_number(preset.start)) / 365.25)
        for rep in np.flatnonzero((staff.hired < day + 15) & (staff.left > day + 15)):
            ramp = staff.ramp(np.array([rep]), np.array([float(day)]))[0]
            value = base[rep] * ramp * growth * MONTH_WEIGHTS[month.month - 1]
            rows.append(
                (staff.rep_ids[rep], month, next_month(month), round(value / 1000) * 100_000)
            )
    return pl.DataFrame(
        rows,
        orient="row",
        schema={
            "rep_id": pl.String,
            "period_start": pl.Date,
            "period_end": pl.Date,
            "value": pl.Int64,
        },
    )


def make_targets(world: World) -> pl.DataFrame:
    """Return the canonical table targets: one row per rep or team and month, `won.amount`."""
    reps = _rep_targets(world)
    spells = memberships_table(world.staff, world.preset)
    teams = (
        reps.join(spells, on="rep_id")
        .filter(
            pl.col("valid_from") <= pl.col("period_start").dt.offset_by("14d"),
            pl.col("valid_to").is_null()
            | (pl.col("valid_to") > pl.col("period_start").dt.offset_by("14d")),
        )
        .group_by("team", "period_start", "period_end")
        .agg((pl.col("value").sum() * TEAM_SHARE / 100_000).round().cast(pl.Int64) * 100_000)
        .sort("period_start", "team")
    )
    both = pl.concat(
        [
            reps.with_columns(team=pl.lit(None, pl.String)),
            teams.with_columns(rep_id=pl.lit(None, pl.String)),
        ],
        how="diagonal",
    )
    metric = pl.lit("won.amount").alias("metric")
    return both.select("rep_id", "team", "period_start", "period_end", metric, "value")


def make_costs(world: World) -> pl.DataFrame:
    """Return the canonical table costs: per month, team and kind, in minor units."""
    staff, rows = world.staff, []
    for month in months(world):
        if month > world.preset.as_of:
            break
        day, teams = day_number(month), staff.team_at(day_number(month))
        for team in range(world.preset.teams):
            here = int(((teams == team) & (staff.hired <= day) & (staff.left > day)).sum())
            name = staff.team_name(team)
            wobble = world.chance("costs").uniform(np.array([day * 1000 + team]), draw=0)[0]
            rows += [
                (month, "salaries", here * SALARY * 100, name),
                (month, "travel", int(here * TRAVEL * (0.6 + 0.8 * wobble)) * 100, name),
                (month, "tools", here * TOOLS * 100, name),
                (month, "marketing", int(MARKETING * (0.7 + 0.6 * wobble)) * 100, name),
            ]
    return pl.DataFrame(
        rows,
        orient="row",
        schema={"period_start": pl.Date, "kind": pl.String, "amount": pl.Int64, "team": pl.String},
    )
