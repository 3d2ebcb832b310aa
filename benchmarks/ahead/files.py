"""The files all contenders read: the raw events, and the stints that this library makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from benchmarks.scale import write_company
from benchmarks.span import STAGES

EVENTS = "events.parquet"
FILES = "stints.json"
WARM = 2_000  # deals of the company that every process is warmed up on
VIEWED = ("opportunities", "stints")


def write_files(folder: Path, *, opportunities: int) -> None:
    """Write the company and its events; and a small one, for processes to warm up on."""
    write_company(folder, opportunities=opportunities)
    write_events(folder)
    write_warm(folder)


def write_warm(folder: Path) -> None:
    """Write the small company that processes warm up on, with its stints."""
    write_company(folder / "warm", opportunities=WARM)
    write_events(folder / "warm")
    build_stints(folder / "warm")


def write_events(folder: Path) -> None:
    """Write the raw events: opportunity_id, seq (of the deal), stage, day, amount, in time order.

    They are the visits and, of closed deals, the close; as a CRM keeps them, not by deal.
    """
    deals = pl.scan_parquet(folder / "opportunities.parquet")
    visits = pl.scan_parquet(folder / "stints.parquet").select(
        "opportunity_id", "stage", "amount", seq="stage_rank", day="entered_day"
    )
    closed = deals.filter(pl.col("closed_day").is_not_null()).select(
        "opportunity_id",
        "amount",
        stage=pl.col("outcome").str.to_titlecase(),
        seq=pl.lit(len(STAGES), pl.Int64),
        day="closed_day",
    )
    columns = ("opportunity_id", "seq", "stage", "day", "amount")
    events = pl.concat([visits.select(columns), closed.select(columns)])
    events.sort("day", "seq").sink_parquet(folder / EVENTS)


def build_stints(folder: Path) -> None:
    """Build the store of the company and its view at the last day, and note where the rows lie."""
    from benchmarks.contender_ours import scale_frames, scale_settings
    from spm_lib.model import build_store

    build_store(folder / "store", scale_frames(folder), scale_settings(folder))
    note_stints(folder)


def note_stints(folder: Path) -> None:
    """Note where the rows of the view of a store lie, once each question has been asked of it.

    The first to ask makes the files of the view: that belongs to the build.
    """
    import spm_lib
    from benchmarks.ahead.by_us import ANSWERS
    from benchmarks.contender_ours import LAST_DAY

    company = spm_lib.open(folder / "store", as_of=LAST_DAY)
    for answer in ANSWERS.values():
        answer(company)
    found = {name: [str(f) for f in company.book.parts(company, name) or ()] for name in VIEWED}
    (folder / FILES).write_text(json.dumps(found), encoding="utf-8")


def stint_files(folder: Path) -> dict[str, list[str]]:
    """Return the files of the view's opportunities and stints."""
    return json.loads((folder / FILES).read_text(encoding="utf-8"))
