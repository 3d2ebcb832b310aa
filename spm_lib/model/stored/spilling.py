"""Rows read batch by batch, in canonical columns, and spilled into their buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from spm_lib.model.columns import canonical_table
from spm_lib.model.framed import framed
from spm_lib.model.stored.buckets import KEYS, split_up
from spm_lib.model.stored.types import Types
from spm_lib.workspace import Settings

BATCH_ROWS = 500_000
_LENT = ("opportunity_id", "currency")


@dataclass
class Spill:
    """Rows that wait in files of their bucket until all of them are there.

    ``types`` are the columns and types of each batch, per table; ``whole`` the rows of tables that
    are kept in one; ``places`` counts the rows read so far, per table. ``lent`` are the currencies
    of deals that are known already, ``named`` those that these rows name (opportunity_id,
    currency).
    """

    folder: Path
    buckets: int
    places: dict[str, int]
    lent: pl.DataFrame | None = None
    named: list[pl.DataFrame] = field(default_factory=list)
    types: dict[str, list[Types]] = field(default_factory=dict)
    whole: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def take(self, name: str, frame: pl.DataFrame) -> None:
        """Take in canonical rows, which come after those that were taken in before."""
        place = self.places.get(name, 0)
        self.places[name] = place + frame.height
        frame = frame.with_columns(_place=numbers(frame.height, place))
        if name == "opportunities":
            self.named.append(frame.select(_LENT).drop_nulls())
        met = self.types.setdefault(name, [])
        met.append(dict(frame.schema))
        if name not in KEYS:
            self.whole.setdefault(name, []).append(frame)
            return
        for bucket, part in split_up(frame, key=KEYS[name], buckets=self.buckets):
            file = self.folder / f"{name}-{bucket}-{len(met):06d}.arrow"
            part.write_ipc(file, compression="lz4")

    def read(self, name: str, bucket: int) -> list[pl.DataFrame]:
        """Return the rows of a bucket, batch by batch."""
        files = sorted(self.folder.glob(f"{name}-{bucket}-*.arrow"))
        return [pl.scan_ipc(file, glob=False).collect() for file in files]


def spill(
    frames: Mapping[str, pl.DataFrame | pl.LazyFrame],
    into: Spill,
    *,
    settings: Settings,
    file: str,
) -> None:
    """Read frames in canonical columns (see ``company_from_frames``) and spill their rows.

    ``file`` is what rows are told to come from where their frame does not say it.
    """
    for name in sorted(frames, key=lambda name: name != "opportunities"):
        canonical_table(name)
        known = [*([] if into.lent is None else [into.lent]), *into.named]
        deals = pl.concat(known) if known and name == "stage_events" else None
        for batch in batches(frames[name]):
            rows = _placed(batch, place=into.places.get(name, 0), file=file)
            frame = framed(rows, name=name, settings=settings, deals=deals)
            into.take(name, frame)


def batches(source: pl.DataFrame | pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Yield a frame's rows, some at a time; of a lazy one no more are in memory.

    Where polars cannot stream a step of it (``replace_strict``, say), it reads that whole first.
    """
    if isinstance(source, pl.LazyFrame):
        yielded = False
        for batch in source.collect_batches(
            chunk_size=BATCH_ROWS, maintain_order=True, engine="streaming"
        ):
            yielded = True
            yield batch
        if not yielded:
            yield pl.DataFrame(schema=source.collect_schema())
        return
    yield from source.iter_slices(BATCH_ROWS) if source.height else (source,)


def _placed(batch: pl.DataFrame, *, place: int, file: str) -> pl.DataFrame:
    """Say where each row comes from, where it does not say so itself."""
    told = {"_row": numbers(batch.height, place), "_file": pl.lit(file)}
    return batch.with_columns(**{c: v for c, v in told.items() if c not in batch.columns})


def numbers(height: int, place: int) -> pl.Series:
    """Return the places of rows that come after ``place`` others."""
    return pl.int_range(place + 1, place + height + 1, dtype=pl.Int64, eager=True)
