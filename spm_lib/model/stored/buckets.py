"""Buckets: rows that decide on each other lie together, wherever and whenever they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

OF_A_DEAL = ("opportunities", "stage_events", "splits")
ACTIVITIES = ("activities",)
KEYS = {**dict.fromkeys(OF_A_DEAL, "opportunity_id"), "activities": "activity_id"}
DEALS_OF_A_BUCKET = 150_000
_WORDS, _WORD = 4, 8
_SPREAD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)


def bucket_of(key: str, *, buckets: int) -> pl.Expr:
    """Return the bucket of each row, 0 to ``buckets`` - 1, told by the bytes of its key alone.

    It is the same on every machine and in every version, as files are added to for years. Rows
    without a key are in one bucket.

    Examples
    --------
    >>> keys = pl.DataFrame({"id": ["O1", "O2", None, "O1"]})
    >>> keys.select(bucket_of("id", buckets=8)).to_series().to_list()
    [7, 6, 1, 7]
    """
    text = pl.concat_str(pl.lit(" " * _WORDS * _WORD), pl.col(key).fill_null(""))
    last = text.cast(pl.Binary).bin.tail(_WORDS * _WORD)
    mixed = pl.lit(0, dtype=pl.UInt64)
    for place, factor in enumerate(_SPREAD):
        word = last.bin.slice(place * _WORD, _WORD).bin.reinterpret(dtype=pl.UInt64)
        mixed = mixed + word * pl.lit(factor, dtype=pl.UInt64)
    half, factor = pl.lit(1 << 32, dtype=pl.UInt64), pl.lit(_SPREAD[0], dtype=pl.UInt64)
    high = (mixed // half + mixed) * factor // half  # the last letters count in every bit
    return (high % pl.lit(buckets, dtype=pl.UInt64)).cast(pl.Int64).alias("_bucket")


def split_up(frame: pl.DataFrame, *, key: str, buckets: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the rows of each bucket that has any, in their order."""
    if buckets == 1:
        yield 0, frame
        return
    placed = frame.with_columns(bucket_of(key, buckets=buckets))
    parts: Mapping[tuple[object, ...], pl.DataFrame] = placed.partition_by(
        "_bucket", as_dict=True, include_key=False, maintain_order=True
    )
    for (bucket,), part in sorted(parts.items(), key=lambda found: str(found[0])):
        assert isinstance(bucket, int)
        yield bucket, part


def group_of(name: str) -> tuple[str, ...]:
    """Return the tables whose rows are looked at together with those of a table."""
    return ACTIVITIES if name == "activities" else OF_A_DEAL


def key_of(group: tuple[str, ...]) -> str:
    """Return the column by which the rows of a group of tables are in buckets."""
    return KEYS[group[0]]


def has_key(key: str, keys: pl.Series) -> pl.Expr:
    """Say which rows have one of some keys; rows without any are of one kind."""
    return pl.col(key).fill_null("").is_in(keys.fill_null("").implode())
