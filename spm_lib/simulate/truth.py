"""The truth of a company: parameters, effects, and every deal as it really was."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, fields
from datetime import date, timedelta

import numpy as np
import polars as pl
import polars.selectors as cs

from spm_lib.simulate import hazards as h
from spm_lib.simulate.calls import call_truth
from spm_lib.simulate.clocks import shocks
from spm_lib.simulate.deals import Origins
from spm_lib.simulate.dirt import Planted
from spm_lib.simulate.history import dates, named, opportunity_ids
from spm_lib.simulate.lead_odds import lead_truth
from spm_lib.simulate.oracle import consult_oracle, expected_bookings
from spm_lib.simulate.records import Records, closing_moments
from spm_lib.simulate.world import World

ORACLE_DRAWS = 1000


def parameters(world: World) -> dict[str, object]:
    """Return everything that rules the company, ready for JSON: rates per plain working day."""
    preset = {name: _plain(value) for name, value in asdict(world.preset).items()}
    del preset["leads"]  # in a file of their own
    return {
        "preset": preset,
        "seed": world.seed,
        "stages": list(h.STAGES),
        "causes": list(h.CAUSES),
        "base_rates": h.BASE_RATES.tolist(),
        "bucket_edges_days": h.BUCKET_EDGES[:-1].tolist(),
        "forward_by_time": h.FORWARD_BY_TIME.tolist(),
        "lose_by_time": h.LOSE_BY_TIME.tolist(),
        "dormant_pace": h.DORMANT,
        "reopen": {"lost": h.REOPEN_LOST, "won": h.REOPEN_WON},
        "entry_shares": h.ENTRY_SHARES.tolist(),
        "segments": dict(zip(h.SEGMENTS, h.SEGMENT_FORWARD.tolist(), strict=True)),
        "segments_lose": dict(zip(h.SEGMENTS, h.SEGMENT_LOSE.tolist(), strict=True)),
        "sources": dict(zip(h.SOURCES, h.SOURCE_FORWARD.tolist(), strict=True)),
        "behaviours": h.BEHAVIOURS,
        "month_shocks": month_shocks(world),
        "landmark_days": h.LANDMARK_DAYS,
        "mediator": "A rep's diligence raises the odds of fast_follow_up and acts in no other way.",
        "causes_by_clock": {"work": ["advance", "skip", "back", "lose"], "closing": ["win"]},
    }


def month_shocks(world: World) -> dict[str, float]:
    """Return the factor on winning of every month of the export."""
    start, end = world.preset.start, world.preset.as_of
    months = np.arange(start.year * 12 + start.month, end.year * 12 + end.month + 1)
    names = [f"{(month - 1) // 12}-{(month - 1) % 12 + 1:02d}" for month in months]
    found = shocks(world.preset, world.seed, months).round(6).tolist()
    return dict(zip(names, found, strict=True))


def parameters_text(world: World) -> str:
    """Return the parameters as JSON text."""
    return json.dumps(parameters(world), ensure_ascii=False, indent=1) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def rep_truth(world: World) -> pl.DataFrame:
    """Return the reps' true effects on log hazards (forward, lose), log size and log volume."""
    staff = world.staff
    return pl.DataFrame(
        {
            "rep_id": staff.rep_ids,
            "forward_effect": staff.forward_effect,
            "lose_effect": staff.lose_effect,
            "size_effect": staff.size_effect,
            "log_volume": np.log(staff.volume),
            "diligence": staff.diligence,
        }
    )


def deal_truth(world: World, records: Records) -> pl.DataFrame:
    """Return every deal as it really was: effects, behaviours, sleep, true owner and dates."""
    origin, changes = records.origin, records.changes
    closed = closing_moments(changes)
    frame = pl.DataFrame(
        {
            "opportunity_id": opportunity_ids(origin.number),
            "created": origin.deals.created,
            "closed": closed,
            "first_owner": named(origin.deals.owner, world.staff.rep_ids),
            "entry_stage": named(origin.deals.entry_stage, h.STAGES),
            "forward": origin.deals.forward,
            "lose": origin.deals.lose,
            "behaviour": origin.deals.behaviour,
            **origin.behaviours,
            "sleeps": origin.deals.sleeps,
            "first_amount": origin.amount,
        }
    )
    known = pl.when(pl.Series(np.isfinite(closed))).then("closed").alias("closed")
    # rounded, so that another processor's last bit does not change the file
    return frame.with_columns(known).with_columns(cs.float().round(8))


def clock_truth(world: World) -> pl.DataFrame:
    """Return the clocks by day: date, working, pace of work, pace of closing with shocks."""
    clocks = world.clocks
    days = clocks.origin + np.arange(len(clocks.working))
    return pl.DataFrame(
        {
            "date": dates(days),
            "working": clocks.working,
            "work": clocks.work.pace.round(6),
            "closing": clocks.closing.pace.round(6),
        }
    )


def next_quarter(day: date) -> date:
    """Return the end of the calendar quarter that the next day lies in.

    Examples
    --------
    >>> next_quarter(date(2026, 9, 30)), next_quarter(date(2026, 11, 5))
    (datetime.date(2027, 1, 1), datetime.date(2027, 1, 1))
    """
    ahead = day + timedelta(days=1)
    quarter = ahead.year * 4 + (ahead.month - 1) // 3 + 1
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)


def lead_truth_files(world: World, origin: Origins) -> dict[str, bytes]:
    """Return the odds of leads and every lead with its chance; nothing where none are planted."""
    odds = world.preset.leads
    if odds is None:
        return {}
    out = io.BytesIO()
    lead_truth(world, odds, origin).write_parquet(out, compression="zstd", compression_level=15)
    text = json.dumps(asdict(odds), ensure_ascii=False, indent=1) + "\n"
    return {"leads.json": text.encode(), "leads.parquet": out.getvalue()}


def planted_text(planted: list[Planted]) -> str:
    """Return the planted faults as CSV text."""
    out = io.StringIO()
    names = [part.name for part in fields(Planted)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(fault, name) for name in names] for fault in planted)
    return out.getvalue()


def truth_files(world: World, records: Records, planted: list[Planted]) -> dict[str, bytes]:
    """Return the files of the folder truth."""
    out = io.BytesIO()
    deal_truth(world, records).write_parquet(out, compression="zstd", compression_level=15)
    day = world.preset.as_of
    oracle = consult_oracle(world, day=day, until=next_quarter(day), draws=ORACLE_DRAWS)
    return {
        "parameters.json": parameters_text(world).encode(),
        "p_win.csv": oracle.deals.write_csv().encode(),
        "expected_bookings.csv": expected_bookings(world).write_csv().encode(),
        "oracle_next_quarter.csv": oracle.expected()
        .with_columns(pl.col("amount").round().cast(pl.Int64))
        .write_csv()
        .encode(),
        "clocks.csv": clock_truth(world).write_csv().encode(),
        "reps.csv": rep_truth(world).write_csv(float_precision=6).encode(),
        "calls.csv": call_truth(world).write_csv(float_precision=6).encode(),
        "deals.parquet": out.getvalue(),
        "planted.csv": planted_text(planted).encode(),
        **lead_truth_files(world, records.origin),
    }
