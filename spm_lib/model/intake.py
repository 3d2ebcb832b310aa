"""Raw frames read into canonical tables, as the workspace file maps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.errors import SpmError, WorkspaceError
from spm_lib.core.money import exponent
from spm_lib.model.amount_notices import total_rows
from spm_lib.model.canonical import UNREADABLE_ROW, TableMapping, canonical
from spm_lib.model.columns import canonical_table
from spm_lib.model.kinds import Reading
from spm_lib.model.notices import Notice, shown
from spm_lib.sources import RawFrame, run_query
from spm_lib.workspace import ReadingSettings, Settings, TableSettings
from spm_lib.workspace.load import named_raws


@dataclass
class Intake:
    """Canonical tables by name, the columns kept along, and what was found while reading."""

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    kept: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[Notice] = field(default_factory=list)


def read_tables(settings: Settings, raws: Mapping[str, RawFrame]) -> Intake:
    """Return every table that the workspace file maps, all rows counted.

    Raises
    ------
    WorkspaceError
        If tables ask for what the data does not have; every fault is listed.
    """
    intake = Intake()
    faults: list[SpmError] = []
    for name in sorted(settings.tables, key=lambda name: name != "opportunities"):
        try:
            _take(intake, name, settings.tables[name], settings=settings, raws=raws)
        except SpmError as fault:
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        listed = "".join(f"\n  - {fault}" for fault in faults)
        raise WorkspaceError(f"{len(faults)} tables cannot be read:{listed}")
    intake.tables = {name: intake.tables[name] for name in settings.tables}
    intake.notes += [note for raw in raws.values() for note in _raw_notes(raw)]
    return intake


def _take(
    intake: Intake,
    name: str,
    table: TableSettings,
    *,
    settings: Settings,
    raws: Mapping[str, RawFrame],
) -> None:
    definition = canonical_table(name)
    used = [table.from_] if table.from_ else named_raws(table.query or "", dict(settings.raw))
    if table.from_:
        source = raws[table.from_].frame
    else:
        frames = {raw: read.frame for raw, read in raws.items()}
        source = run_query(table.query or "", frames, place=f"[tables.{name}]")
    frame = canonical(
        source,
        table=definition,
        mapping=_mapping(table),
        reading=reading_of(table.reading, settings),
        currency=settings.workspace.currency,
        deals=intake.tables.get("opportunities"),
    )
    lost = sum(raws[raw].quarantine.height for raw in used)
    intake.tables[name] = with_unreadable(frame, rows=lost)
    intake.kept[name] = tuple(table.keep)
    if table.query:
        rows_in = sum(raws[raw].frame.height for raw in used)
        intake.notes.append(_query_note(name, used, rows_in=rows_in, rows_out=source.height))


def _mapping(table: TableSettings) -> TableMapping:
    return TableMapping(
        columns=table.columns,
        keep=table.keep,
        values=table.values,
        fixed=table.fixed,
        zero_is_missing=table.zero_is_missing,
    )


def reading_of(reading: ReadingSettings, settings: Settings) -> Reading:
    """Return how the text of a table is to be read, with the workspace's zone and currency."""
    return Reading(
        timezone=settings.workspace.timezone,
        exponent=exponent(settings.workspace.currency),
        dates=reading.dates,
        decimal=reading.decimal,
        thousands=reading.thousands,
        scale=reading.scale,
        missing=reading.missing,
        source_timezone=reading.timezone,
    )


def with_unreadable(frame: pl.DataFrame, *, rows: int) -> pl.DataFrame:
    """Append the quarantined rows: nothing is known of them but that they are there."""
    if not rows:
        return frame
    empty = pl.DataFrame({"set_aside": [UNREADABLE_ROW] * rows}, schema={"set_aside": pl.String})
    return pl.concat([frame, empty], how="diagonal")


def _query_note(name: str, used: list[str], *, rows_in: int, rows_out: int) -> Notice:
    return Notice(
        "query",
        name,
        "",
        tuple(used),
        rows_out,
        "The query of {table} made {rows_out:,} rows of {rows_in:,} rows ({raws}).",
        details={"table": name, "rows_in": rows_in, "rows_out": rows_out, "raws": ", ".join(used)},
    )


def _told(raw: str, note: str) -> Notice:
    text = note.rstrip(".")
    return Notice("source", raw, "", (), 0, "{raw}: {note}.", details={"raw": raw, "note": text})


def _raw_notes(raw: RawFrame) -> list[Notice]:
    found = []
    own = [c for c in raw.frame.columns if not c.startswith("_")]
    empty = [c for c in own if raw.frame[c].null_count() == raw.frame.height]
    if empty and raw.frame.height:
        found.append(
            Notice(
                "empty_column",
                raw.name,
                empty[0],
                tuple(empty[:10]),
                raw.frame.height,
                "{raw}: columns without any value: {values}.",
                details={"raw": raw.name, "values": shown(empty)},
            )
        )
    found += [*total_rows(raw), *(_told(raw.name, note) for note in raw.notes)]
    if raw.quarantine.height:
        reasons = raw.quarantine["reason"].unique().sort().to_list()
        found.append(
            Notice(
                "quarantine",
                raw.name,
                "",
                tuple(reasons[:10]),
                raw.quarantine.height,
                "{n:1 row|{n:,} rows} of {raw} could not be read ({values}). `spm check` "
                "writes them to a file that can be mended.",
                details={"raw": raw.name, "n": raw.quarantine.height, "values": shown(reasons)},
            )
        )
    return found
