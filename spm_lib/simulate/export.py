"""The raw files of a CRM export: its own column names, day-first dates, Hebrew code page, dirt."""

from __future__ import annotations

import csv
import io

import polars as pl
import polars.selectors as cs

from spm_lib.simulate.dirt import (
    Planted,
    Row,
    located,
    plant_in_history,
    plant_in_opportunities,
)
from spm_lib.simulate.lead_odds import LEAD_COLUMNS
from spm_lib.simulate.mess import Frames
from spm_lib.simulate.world import World

ZONE = "Asia/Jerusalem"
_DAY_FIRST = "%d/%m/%Y"


def _day(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime(_DAY_FIRST)


def _instant(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(ZONE).dt.strftime("%Y-%m-%d %H:%M")


def _major(column: str, *, decimals: int = 2) -> pl.Expr:
    """Write minor units as major ones without ever leaving whole numbers."""
    whole = (pl.col(column) // 100).cast(pl.String)
    if decimals == 0:
        return whole
    return pl.concat_str(whole, pl.lit("."), (pl.col(column) % 100).cast(pl.String).str.zfill(2))


def raw_opportunities(deals: pl.DataFrame) -> pl.DataFrame:
    """Return the opportunities as the CRM shows them."""
    return deals.select(
        pl.col("opportunity_id").alias("Opp ID"),
        pl.col("account_id").alias("Account"),
        pl.col("rep_id").alias("Owner"),
        pl.col("stage").alias("Stage"),
        _major("amount").alias("Amount"),
        _day("created_at").alias("Created"),
        _day("closed_at").alias("Close Date"),
        _day("expected_close").alias("Expected Close"),
        pl.col("source").alias("Source"),
        pl.col("campaign").alias("Campaign"),
        "Segment",
        "Region",
        pl.col("product_id").alias("Product"),
        pl.col("discount").alias("Discount"),
        pl.col("type").alias("Type"),
        pl.col("forecast_category").alias("Forecast"),
        pl.col("next_step").alias("Next Step"),
        pl.col("lost_reason").alias("Lost Reason"),
    ).with_columns(pl.col("Discount").cast(pl.String))


def raw_history(events: pl.DataFrame) -> pl.DataFrame:
    """Return the history as the CRM shows it: one row per edit, with the values after it."""
    return events.select(
        pl.col("opportunity_id").alias("Opp ID"),
        _instant("entered_at").alias("Edit Date"),
        pl.col("seq").cast(pl.String).alias("Rev"),
        pl.col("stage").alias("Stage"),
        pl.col("rep_id").alias("Owner"),
        _major("amount", decimals=0).alias("Amount"),
        pl.col("expected_close").cast(pl.String).alias("Expected Close"),
    )


def raw_activities(activities: pl.DataFrame) -> pl.DataFrame:
    """Return the activities in the order in which they happened, numbered anew."""
    names = {
        "call": "Call",
        "email": "E-mail",
        "meeting": "Meeting",
        "demo": "Demo",
        "proposal": "Proposal",
    }
    ordered = activities.sort("happened_at", "activity_id", maintain_order=True)
    return ordered.select(
        ("T" + pl.int_range(pl.len()).add(1).cast(pl.String).str.zfill(6)).alias("Activity ID"),
        pl.col("rep_id").alias("Owner"),
        pl.col("kind").replace_strict(names).alias("Type"),
        pl.col("happened_at").alias("When"),
        pl.col("opportunity_id").alias("Opp ID"),
    )


def raw_small(frames: Frames) -> dict[str, pl.DataFrame]:
    """Return the small files by name."""
    people, spells, leads = frames["reps"], frames["memberships"], frames["leads"]
    return {
        "reps.csv": people.select(
            pl.col("rep_id").alias("Employee"),
            pl.col("name").alias("Name"),
            pl.col("role").alias("Role"),
            _day("hired_on").alias("Start"),
            _day("left_on").alias("End"),
        ),
        "teams.csv": spells.select(
            pl.col("rep_id").alias("Employee"),
            pl.col("team").alias("Team"),
            pl.col("manager_id").alias("Manager"),
            _day("valid_from").alias("From"),
            _day("valid_to").alias("To"),
        ),
        "accounts.csv": frames["accounts"].select(
            pl.col("account_id").alias("מספר לקוח"),
            pl.col("name").alias("שם לקוח"),
            pl.col("Segment").alias("מגזר"),
        ),
        "products.csv": frames["products"].select(
            pl.col("product_id").alias("Product"),
            pl.col("name").alias("Name"),
            _major("price").alias("List Price"),
        ),
        "leads.csv": leads.sort("created_at", "lead_id").select(
            pl.col("lead_id").alias("Lead ID"),
            _instant("created_at").alias("Created"),
            pl.col("source").alias("Source"),
            pl.col("rep_id").alias("Owner"),
            _instant("first_response_at").alias("First Response"),
            pl.col("converted_at").cast(pl.String).alias("Converted"),
            pl.col("opportunity_id").alias("Opp ID"),
            cs.by_name(*LEAD_COLUMNS, require_all=False),
        ),
        "targets.csv": frames["targets"].select(
            pl.col("rep_id").alias("Employee"),
            pl.col("team").alias("Team"),
            pl.col("period_start").cast(pl.String).alias("From"),
            pl.col("period_end").cast(pl.String).alias("To"),
            pl.col("metric").alias("Metric"),
            _major("value", decimals=0).alias("Target"),
        ),
        "calls.csv": frames["forecast_calls"].select(
            pl.col("rep_id").alias("Employee"),
            pl.col("period_start").cast(pl.String).alias("Quarter"),
            pl.col("submitted_at").cast(pl.String).alias("Submitted"),
            pl.col("category").alias("Category"),
            _major("amount", decimals=0).alias("Call"),
        ),
        "costs.csv": frames["costs"].select(
            pl.col("period_start").cast(pl.String).alias("Month"),
            pl.col("kind").alias("Kind"),
            pl.col("team").alias("Team"),
            _major("amount").alias("Amount"),
        ),
    }


def text_of(rows: list[Row], columns: list[str], *, delimiter: str = ",") -> str:
    """Write rows as CSV text with Unix line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: "" if row[name] is None else row[name] for name in columns} for row in rows
    )
    return out.getvalue()


ENCODINGS = {"accounts.csv": ("cp1255", ";"), "opportunities.csv": ("utf-8-sig", ",")}


def encoded(name: str, frame: pl.DataFrame) -> bytes:
    """Return the bytes of a small or big CSV file of the export."""
    encoding, delimiter = ENCODINGS.get(name, ("utf-8", ","))
    return text_of(frame.to_dicts(), frame.columns, delimiter=delimiter).encode(encoding)


def raw_files(world: World, frames: Frames) -> tuple[dict[str, bytes], list[Planted]]:
    """Return the files of the export by name, and every fault that was planted into them."""
    dirt = world.preset.dirt
    deals = raw_opportunities(frames["opportunities"])
    rows: list[Row] = deals.to_dicts()
    planted = located(plant_in_opportunities(world, rows, dirt), rows, "opportunities.csv")
    files = {"opportunities.csv": text_of(rows, deals.columns).encode("utf-8-sig")}
    if "stage_events" in frames:
        history = raw_history(frames["stage_events"])
        edits: list[Row] = history.to_dicts()
        strangers = {f.opportunity_id: f.written for f in planted if f.kind == "unknown_owner"}
        notes = plant_in_history(world, edits, dirt, strangers=strangers)
        planted += located(notes, edits, "history.csv")
        files["history.csv"] = text_of(edits, history.columns).encode("utf-8")
    files |= {name: encoded(name, frame) for name, frame in raw_small(frames).items()}
    activities, orphans = _with_orphans(
        world, raw_activities(frames["activities"]), dirt.orphan_activities
    )
    files["activities.parquet"] = _parquet(activities)
    return files, planted + orphans


def _with_orphans(
    world: World, activities: pl.DataFrame, count: int
) -> tuple[pl.DataFrame, list[Planted]]:
    """Let some activities point to deals that do not exist."""
    of_deals = activities.with_row_index("row").filter(pl.col("Opp ID").is_not_null())
    levels = world.chance("dirt/activities").uniform(
        of_deals["row"].to_numpy().astype("int64"), draw=0
    )
    chosen = of_deals["row"].gather(pl.Series(levels.argsort(kind="stable")[:count])).sort()
    wrong = "OP-9" + pl.col("Opp ID").str.slice(4)
    marked = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(chosen.implode())
    after = activities.with_columns(pl.when(marked).then(wrong).otherwise("Opp ID").alias("Opp ID"))
    return after, [
        Planted(
            "orphan_activity",
            "activities.parquet",
            row + 1,
            after["Opp ID"][row],
            "Opp ID",
            after["Opp ID"][row],
        )
        for row in chosen.to_list()
    ]


def _parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd", compression_level=15)
    return out.getvalue()
