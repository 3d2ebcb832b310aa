"""What a store holds: its manifest, from which alone all of its files are found."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from spm_lib.core.errors import DataError
from spm_lib.model.notices import Notice
from spm_lib.store import MANIFEST, code_hash, sha256_json, told_in
from spm_lib.workspace import Settings

FORMAT = 3
ROWS, VIEWS = "rows", "views"


@dataclass(frozen=True)
class Bucket:
    """The files of one bucket.

    ``layers`` are its rows as read, per table: those it was built of, and what was added since,
    each in files of its own. ``book`` are the same rows checked, of tables to which nothing was
    added since. ``days`` is the file of its day counts. ``given`` are the columns that have a
    value, per table. ``last`` is the last day in the rows of deals, and of activities (None: no
    dated row); ``foreign`` says whether some amount is in another currency.
    """

    layers: tuple[Mapping[str, str], ...]
    book: Mapping[str, str]
    given: Mapping[str, tuple[str, ...]]
    days: str
    rows: int
    last: Mapping[str, date | None]
    foreign: bool

    def layers_of(self, group: Collection[str]) -> list[dict[str, str]]:
        """Return the layers of some tables only, without those that say nothing of them."""
        cut = ({n: f for n, f in layer.items() if n in group} for layer in self.layers)
        return [layer for layer in cut if layer]

    def files(self) -> Iterator[str]:
        """Yield the names of all files."""
        yield from (name for layer in self.layers for name in layer.values())
        yield from (*self.book.values(), self.days)


@dataclass(frozen=True)
class Contents:
    """The manifest of a store.

    ``tables`` are the names of the tables in order, ``kept`` the columns carried along as the
    source calls them, ``known`` those declared known at creation. ``places`` counts the rows read
    so far, per table; ``batches`` how often rows were added. ``whole`` are the files of tables that
    are kept in one. ``read`` counts the rows read of a workspace's files, per table and file (an
    empty name: rows that no file tells). ``before`` are the files of the last state, which stay
    for those who read it.
    ``code`` is the fingerprint of the code that checked the rows.
    """

    settings: Settings
    tables: tuple[str, ...]
    kept: Mapping[str, tuple[str, ...]]
    known: Mapping[str, tuple[str, ...]] | None
    notes: tuple[Notice, ...]
    told: tuple[Notice, ...] = ()
    exported_on: date = date.min
    first_day: date | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    batches: int = 0
    whole: Mapping[str, str] = field(default_factory=dict)
    buckets: tuple[Bucket, ...] = ()
    read: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    code: str = ""

    def files(self) -> set[str]:
        """Return the names of all files of rows that this state needs."""
        return {*self.whole.values(), *(name for b in self.buckets for name in b.files())}

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as it is written."""
        return {
            "format": FORMAT,
            "settings": self.settings.model_dump(mode="json", exclude={"access"}),
            "tables": list(self.tables),
            "kept": {name: list(columns) for name, columns in self.kept.items()},
            "known": self.known and {name: list(columns) for name, columns in self.known.items()},
            "notes": [asdict(note) for note in self.notes],
            "told": [asdict(note) for note in self.told],
            "exported_on": self.exported_on.isoformat(),
            "first_day": self.first_day and self.first_day.isoformat(),
            "places": dict(self.places),
            "batches": self.batches,
            "whole": dict(self.whole),
            "buckets": [_bucket_told(bucket) for bucket in self.buckets],
            "read": self.read,
            "before": sorted(self.before),
            "code": self.code,
        }


def _bucket_told(bucket: Bucket) -> dict[str, Any]:
    last = {name: day and day.isoformat() for name, day in bucket.last.items()}
    return {**asdict(bucket), "last": last}


def mark_of_layers(layers: Sequence[Mapping[str, str]]) -> str:
    """Return a short text that is another one where the rows are."""
    return sha256_json([dict(sorted(layer.items())) for layer in layers])[:8]


def view_file(name: str, number: int, layers: Sequence[Mapping[str, str]], key: str) -> str:
    """Return the name of the file of a table of a bucket in a view, which tells of what rows."""
    return f"{name}-{number:03d}-{mark_of_layers(layers)}-{key}.parquet"


def said(settings: Settings) -> dict[str, Any]:
    """Return what a workspace file says, wherever it lies and whoever may ask."""
    return settings.model_dump(mode="json", exclude={"access", "path"})


def read_contents(folder: Path) -> Contents:
    """Return what the store in a folder holds.

    Raises
    ------
    DataError
        If there is no store, or one of a format that this version does not know.
    """
    try:
        told = told_in(folder)
    except OSError:
        raise DataError(
            "There is no store here.", found=str(folder / MANIFEST), do="Run `spm store build`"
        ) from None
    except ValueError:
        told = None
    if isinstance(told, dict) and told.get("format") == FORMAT:
        with suppress(KeyError, TypeError, ValueError):  # settings that are others by now, say
            return _contents(told)
    raise DataError(
        "The store was written by another version.",
        found=f"{folder / MANIFEST}, known is format {FORMAT}",
        do="Build it anew: run `spm store build`",
    )


def _contents(told: Mapping[str, Any]) -> Contents:
    return Contents(
        settings=Settings.model_validate(told["settings"]),
        tables=tuple(told["tables"]),
        kept=_tuples(told["kept"]),
        known=told["known"] and _tuples(told["known"]),
        notes=_notices(told["notes"]),
        told=_notices(told["told"]),
        exported_on=date.fromisoformat(told["exported_on"]),
        first_day=_day(told["first_day"]),
        places=told["places"],
        batches=told["batches"],
        whole=told["whole"],
        buckets=tuple(_bucket(one) for one in told["buckets"]),
        read=told["read"],
        before=tuple(told["before"]),
        code=told["code"],
    )


def _bucket(told: dict[str, Any]) -> Bucket:
    last = {name: _day(day) for name, day in told["last"].items()}
    layers = tuple(told["layers"])
    return Bucket(**{**told, "layers": layers, "last": last, "given": _tuples(told["given"])})


def _tuples(told: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in told.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _notices(listed: list[dict[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(**{**one, "values": tuple(one["values"])}) for one in listed)


@cache
def rules_hash() -> str:
    """Return the fingerprint of the code that checks rows and makes views of them."""
    return code_hash(Path(__file__).parents[1])[:16]
