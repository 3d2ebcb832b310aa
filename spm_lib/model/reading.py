"""A workspace file and its data read together: all that is wrong with both in one message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spm_lib.core.errors import SourceError, SpmError
from spm_lib.model.columns import TABLES, Table
from spm_lib.model.creation import DECLARABLE
from spm_lib.model.export_day import NO_ID
from spm_lib.model.intake import Intake, read_tables
from spm_lib.model.stage_faults import stage_faults
from spm_lib.sources import RawFrame, read_raw, run_query, sources_refused
from spm_lib.workspace import Examined, Fault, Settings, TableSettings, examine, nearest
from spm_lib.workspace.load import named_raws


@dataclass(frozen=True, eq=False)
class ReadWorkspace:
    """A workspace file without faults, its sources, and its canonical tables."""

    settings: Settings
    raws: Mapping[str, RawFrame]
    intake: Intake


def read_workspace(path: str | Path) -> ReadWorkspace:
    """Return a workspace file, its sources and its tables, all rows counted.

    Raises
    ------
    WorkspaceError
        If the file says what cannot be, names tables or columns that are not, or asks for what
        the data does not have: every fault, with its place, in one message.
    SourceError
        If nothing else is wrong but that files cannot be read.
    """
    found = examine(path)
    raws, unread = _sources(found.settings)
    faults = [*_name_faults(found.settings), *_column_faults(found.settings, raws)]
    if unread and not (faults or found.faults):
        raise sources_refused(list(unread.values()))
    faults += [_source_fault(found, name, error) for name, error in unread.items()]
    if told := [*found.faults, *faults]:
        faults += stage_faults(found.settings, raws, told=told)
    settings = found.settled(tuple(faults))
    return ReadWorkspace(settings, raws, read_tables(settings, raws))


def _sources(settings: Settings) -> tuple[dict[str, RawFrame], dict[str, SourceError]]:
    """Return the raw frames that can be read, and why the others cannot."""
    raws: dict[str, RawFrame] = {}
    unread: dict[str, SourceError] = {}
    for name, raw in settings.raw.items():
        if not raw.path and raw.connection not in settings.connections:
            continue  # the settings' own fault, told there
        try:
            raws[name] = read_raw(settings, name)
        except SourceError as error:
            unread[name] = error
    return raws, unread


def _source_fault(found: Examined, name: str, error: SpmError) -> Fault:
    section = "raw" if name in found.content.get("raw", {}) else "tables"
    place, what = f"[{section}.{name}]", error.what.rstrip(".")
    for written in (f"[raw.{name}] ", f"[tables.{name}] "):
        if what.startswith(written):
            key, _, what = what.removeprefix(written).partition(": ")
            place = f"{place} {key}"
    told = f"{what} ({error.found.rstrip('.')})" if error.found else what
    return Fault(place, told, error.do or "Correct it")


def _name_faults(settings: Settings) -> Iterator[Fault]:
    """Tell tables and canonical columns that are not."""
    for name, mapped in settings.tables.items():
        if name in TABLES:
            yield from _unknown_columns(TABLES[name], mapped)
            if name == "opportunities":
                yield from _no_deal_id(mapped)
        else:
            yield Fault(f"[tables.{name}]", "there is no such table", nearest(name, TABLES))


def _unknown_columns(table: Table, mapped: TableSettings) -> Iterator[Fault]:
    names = {
        **{f"columns.{name}": name for name in mapped.columns},
        **{f"values.{name}": name for name in mapped.values},
        **{f"fixed.{name}": name for name in mapped.fixed},
    }
    for key, name in names.items():
        if table.column(name) is None:
            yield _no_column(table, key, name=name)
    for name in mapped.zero_is_missing:
        if table.column(name) is None:
            yield _no_column(table, "zero_is_missing", name=name)
    yield from _not_steady(table, mapped)


def _no_deal_id(mapped: TableSettings) -> Iterator[Fault]:
    """Tell that deals are mapped without what tells one from another."""
    if "opportunity_id" not in {*mapped.columns, *mapped.fixed}:
        place = "[tables.opportunities] columns.opportunity_id"
        yield Fault(place, "the key of a deal is missing", NO_ID)


def _not_steady(table: Table, mapped: TableSettings) -> Iterator[Fault]:
    """Tell columns that cannot be known when a row comes to be, or are not there at all."""
    place = f"[tables.{table.name}] known_at_creation"
    if mapped.known_at_creation and table.name not in DECLARABLE:
        found = f"rows of {table.name} stand as they are on any day"
        yield Fault(place, found, "Leave it out")
        return
    known = [*DECLARABLE.get(table.name, ()), *mapped.keep]
    for name in mapped.known_at_creation:
        if name not in known:
            changes = table.column(name) is not None
            found = f"'{name}' changes in the life of a row" if changes else f"no column '{name}'"
            yield Fault(place, found, f"Name some of: {', '.join(known)}")


def _no_column(table: Table, key: str, *, name: str) -> Fault:
    found = f"there is no such column of {table.name}"
    told = found if key.endswith(name) else f"{found}: '{name}'"
    return Fault(f"[tables.{table.name}] {key}", told, nearest(name, table.names()))


def _column_faults(settings: Settings, raws: Mapping[str, RawFrame]) -> Iterator[Fault]:
    """Tell source columns that the data does not have, where the data could be read."""
    for name, mapped in settings.tables.items():
        place = f"[tables.{name}]"
        if mapped.from_ in raws:
            raw = raws[str(mapped.from_)]
            files = ", ".join(dict.fromkeys(file.file for file in raw.files))
            yield from _missing_columns(place, mapped, raw.frame.columns, where=files)
        elif mapped.query and set(named_raws(mapped.query, dict(settings.raw))) <= set(raws):
            yield from _query_faults(place, mapped, raws)


def _query_faults(
    place: str, mapped: TableSettings, raws: Mapping[str, RawFrame]
) -> Iterator[Fault]:
    frames = {raw: read.frame for raw, read in raws.items()}
    try:
        columns = run_query(str(mapped.query), frames, place=place).columns
    except SourceError as error:
        yield Fault(f"{place} query", f"it cannot be run ({error.found})", str(error.do))
        return
    yield from _missing_columns(place, mapped, columns, where="the result of the query")


def _missing_columns(
    place: str, mapped: TableSettings, columns: list[str], *, where: str
) -> Iterator[Fault]:
    there = [name for name in columns if not name.startswith("_")]
    asked = [(f"columns.{name}", source) for name, source in mapped.columns.items()]
    asked += [("keep", source) for source in mapped.keep]
    for key, source in asked:
        if source not in columns:
            found = f"there is no column '{source}' in {where}"
            yield Fault(f"{place} {key}", found, nearest(source, there))
