"""Stages that nobody listed, looked for while other faults of a workspace file are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from spm_lib.core.errors import SourceError, SpmError
from spm_lib.model.canonical import TableMapping, canonical
from spm_lib.model.columns import TABLES
from spm_lib.model.intake import reading_of
from spm_lib.model.outcomes import with_outcome
from spm_lib.sources import RawFrame, run_query
from spm_lib.workspace import Fault, Settings, TableSettings
from spm_lib.workspace.load import named_raws

TOLD_BY = ("stage", "outcome", "pipeline")


def stage_faults(
    settings: Settings, raws: Mapping[str, RawFrame], *, told: Sequence[Fault]
) -> Iterator[Fault]:
    """Yield a fault per table whose stages or outcomes the workspace file does not list.

    Without other faults they stop the reading later, with every row's own state known. ``told``
    are the faults found so far: where the stages themselves are among them, nothing is added.
    """
    places = [fault.place for fault in told]
    if not settings.pipelines or any(p.startswith(("[stages]", "[pipelines")) for p in places):
        return
    for name in ("opportunities", "stage_events"):
        mapped = settings.tables.get(name)
        spoken = any(p.startswith(f"[tables.{name}] values.") for p in places)
        several = name == "stage_events" and len(settings.pipelines) > 1  # deals tell theirs
        if mapped is not None and not spoken and not several:
            yield from _of_table(name, mapped, settings=settings, raws=raws)


def _of_table(
    name: str, mapped: TableSettings, *, settings: Settings, raws: Mapping[str, RawFrame]
) -> Iterator[Fault]:
    source = _source(mapped, settings=settings, raws=raws)
    if source is None or mapped.columns.get("stage") not in source.columns:
        return
    columns = {c: of for c, of in mapped.columns.items() if c in TOLD_BY and of in source.columns}
    mapping = TableMapping(
        columns=columns,
        values={c: values for c, values in mapped.values.items() if c in TOLD_BY},
        fixed={c: value for c, value in mapped.fixed.items() if c in TOLD_BY},
    )
    try:
        frame = canonical(
            source,
            table=TABLES[name],
            mapping=mapping,
            reading=reading_of(mapped.reading, settings),
            currency=settings.workspace.currency,
        )
        with_outcome(frame, pipelines=settings.pipelines, table=name)
    except SpmError as error:
        found = f"{error.what.rstrip('.')} ({(error.found or '').rstrip('.')})"
        place = f"[tables.{name}] columns.stage"
        yield Fault(place, found[0].lower() + found[1:], error.do or "List them")


def _source(
    mapped: TableSettings, *, settings: Settings, raws: Mapping[str, RawFrame]
) -> pl.DataFrame | None:
    """Return the rows of a table as its source has them; None where they cannot be read."""
    if mapped.from_:
        return raws[mapped.from_].frame if mapped.from_ in raws else None
    if not mapped.query or not set(named_raws(mapped.query, dict(settings.raw))) <= set(raws):
        return None
    try:
        return run_query(mapped.query, {name: raw.frame for name, raw in raws.items()})
    except SourceError:
        return None
