"""Currencies that a history borrows from its deals, where the two are read at different times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.model.notices import shown
from spm_lib.model.stored.contents import ROWS, Contents


def _told_files(folder: Path, old: Contents, name: str) -> list[Path]:
    """Return the files of all rows of a table in buckets, as read."""
    layers = (layer for bucket in old.buckets for layer in bucket.layers)
    return [folder / ROWS / layer[name] for layer in layers if name in layer]


def lent_currencies(folder: Path, old: Contents) -> pl.DataFrame | None:
    """Return the currencies of the deals that the store knows."""
    files = _told_files(folder, old, "opportunities")
    if not files:
        return None
    known = pl.scan_parquet(files, glob=False)
    return known.select("opportunity_id", "currency").drop_nulls().collect()


def refuse_late_currencies(
    folder: Path, old: Contents, named: Sequence[pl.DataFrame], lent: pl.DataFrame | None
) -> None:
    """Refuse a foreign currency of a deal whose history was read without one.

    Refused as well is the first currency that any deal names, where amounts of the history were
    not read: signs beside them tell something only where currencies are named.

    Raises
    ------
    DataError
        If there is such a deal: its history was taken to be in the reporting currency.
    """
    own, files = old.settings.workspace.currency, _told_files(folder, old, "stage_events")
    if not named or not files:
        return
    told = pl.concat(named)
    late = told.filter(pl.col("currency").str.to_uppercase() != own)
    if lent is not None:
        late = late.join(lent, on="opportunity_id", how="anti")
    first = told.height > 0 and (lent is None or not lent.height)
    if not late.height and not first:
        return
    bare = pl.scan_parquet(files, glob=False).filter(
        pl.col("opportunity_id").is_in(late["opportunity_id"].unique().implode())
        & pl.col("currency").is_null()
        | (pl.col("set_aside").eq_missing("unreadable amount") & first)
    )
    ids = bare.select(pl.col("opportunity_id").unique().sort()).collect()["opportunity_id"]
    if ids.len():
        raise DataError(
            "Deals name their currency after their history was read in the reporting one.",
            found=shown(ids.to_list()),
            do="Build the store anew",
        )
