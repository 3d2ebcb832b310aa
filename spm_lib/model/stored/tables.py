"""The tables of a store, and its views as files: what is asked of a day and a scope, made once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from threading import get_ident

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.model.asof import table_at
from spm_lib.model.book import Book, OfDeals, TablesOnDisk, checked_tables
from spm_lib.model.company import PLACE, Company, public
from spm_lib.model.overtaken import told_when_overtaken
from spm_lib.model.parts import part_of
from spm_lib.model.stored.bucket_books import (
    COMPRESSION,
    keys_in,
    read_book,
    read_told,
    read_whole_table,
)
from spm_lib.model.stored.buckets import (
    ACTIVITIES,
    KEYS,
    OF_A_DEAL,
    group_of,
    has_key,
    key_of,
)
from spm_lib.model.stored.contents import ROWS, VIEWS, Contents, rules_hash, said, view_file
from spm_lib.model.visibility import visible
from spm_lib.store import code_hash, put_in_place, sha256_json, used
from spm_lib.workspace import Scope

SHORT = 16


Make = Callable[[int, pl.Series | None], dict[str, pl.DataFrame]]  # of a bucket, of some keys


@dataclass(frozen=True)
class _Asked:
    """Rows of a bucket of which something is made: tables, layers, and the code that makes it."""

    group: tuple[str, ...]
    layers: list[dict[str, str]]
    code: str


class StoredTables(TablesOnDisk):
    """The checked tables of a store.

    Tables kept in one are in memory; those in buckets are put together, in memory, only where they
    are asked for by name. ``parts`` gives the rows of a view as files instead.
    """

    def __init__(self, folder: Path, contents: Contents) -> None:
        self.folder, self.contents = folder, contents
        whole = {n: read_whole_table(folder, file) for n, file in contents.whole.items()}
        self.small, self.small_given = checked_tables(whole, settings=contents.settings)
        self.rows = sum(bucket.rows for bucket in contents.buckets)
        self.rows += sum(frame.height for frame in self.small.values())
        self.first_day: date | None = contents.first_day
        self.names = list(dict.fromkeys([*contents.tables, *self.small]))

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Return a whole table, in memory."""
        return self.small[name] if name in self.small else self.whole[name]

    def __contains__(self, name: object) -> bool:
        """Say whether there is such a table, without reading it."""
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the tables, in order."""
        return iter(self.names)

    def __len__(self) -> int:
        """Return how many tables there are."""
        return len(self.names)

    @cached_property
    def whole(self) -> dict[str, pl.DataFrame]:
        """The tables in buckets, put together and checked as one, in memory."""
        found: dict[str, list[pl.DataFrame]] = {n: [] for n in self.contents.tables if n in KEYS}
        for bucket in self.contents.buckets:
            for name, rows in read_told(self.folder, bucket, list(found)).items():
                found[name].append(rows)
        told = {n: pl.concat(rows).sort(PLACE).drop(PLACE) for n, rows in found.items()}
        return checked_tables(told, settings=self.contents.settings)[0]

    @cached_property
    def said(self) -> str:
        """The fingerprint of what the workspace file says, such as which stages are won."""
        return sha256_json(said(self.contents.settings))[:SHORT]

    def parts(self, company: Company, name: str) -> list[Path] | None:
        """Return the files of a table's rows in a view; those that are not there are made.

        None for tables that are in memory anyway, and for those that the client does not have.
        """
        known = [*self.names, "stints"] if "stage_events" in self.names else self.names
        deals = company.book.from_log and name == "opportunities"
        if (name not in known and not deals) or (name not in KEYS and name != "stints"):
            return None
        return company.once(f"parts {name}", lambda: self._parts(company, name))

    def _parts(self, company: Company, name: str) -> list[Path]:
        group = group_of(name)
        made = _activities if group == ACTIVITIES else self._deals

        def make(number: int, keys: pl.Series | None) -> dict[str, pl.DataFrame]:
            return made(company, self._book(company.book, number, group, keys=keys))

        return self._files(company, name, group, make)

    def by_deals(self, book: Book) -> Iterator[Book]:
        """Yield the book of one bucket after another."""
        with told_when_overtaken(self.folder):
            for number in range(len(self.contents.buckets)):
                yield self._book(book, number, OF_A_DEAL)

    def made(self, company: Company, name: str, make: OfDeals) -> list[Path]:
        """Return the files of what ``make`` makes of a view; those that are not there are made."""
        names = [n for n in (*OF_A_DEAL, "stints") if self.parts(company, n)]
        parts = {n: self.parts(company, n) or [] for n in names}

        def made_of(number: int, keys: pl.Series | None) -> dict[str, pl.DataFrame]:
            view = Company(company.as_of, company.scope, book=company.book)
            for told, files in parts.items():
                rows = pl.scan_parquet(files[number], glob=False).drop(PLACE, strict=False)
                some = rows if keys is None else rows.filter(has_key(KEYS[OF_A_DEAL[0]], keys))
                view.remember(f"rows {told}", nw.from_native(some))
            return {name: make(view).collect(backend="polars").to_native()}

        return self._files(company, name, OF_A_DEAL, made_of, code=_code_of(make))

    def _files(
        self, company: Company, name: str, group: tuple[str, ...], make: Make, code: str = ""
    ) -> list[Path]:
        (self.folder / VIEWS).mkdir(exist_ok=True)
        found = []
        for number, bucket in enumerate(self.contents.buckets):
            asked = _Asked(group, bucket.layers_of(group), code)
            file = self._file(company, name, number, asked)
            if not file.is_file():
                with told_when_overtaken(self.folder):
                    made = self._frames(company, name, number, asked, make)
                for told, frame in made.items():
                    _write(self._file(company, told, number, asked), frame)
            used(file)
            found.append(file)
        return found

    def _frames(
        self, company: Company, name: str, number: int, asked: _Asked, make: Make
    ) -> dict[str, pl.DataFrame]:
        """Return what is made of a bucket: of keys to which nothing was added, as it was before."""
        for end in range(len(asked.layers) - 1, 0, -1):
            earlier = replace(asked, layers=asked.layers[:end])
            if not self._file(company, name, number, earlier).is_file():
                continue
            keys = self._keys(asked.layers[end:])
            made = make(number, keys)
            files = {told: self._file(company, told, number, earlier) for told in made}
            if all(file.is_file() for file in files.values()):
                others = ~has_key(key_of(asked.group), keys)
                return {
                    told: pl.concat([pl.read_parquet(file, glob=False).filter(others), made[told]])
                    for told, file in files.items()
                }
        return make(number, None)

    def _keys(self, layers: Sequence[Mapping[str, str]]) -> pl.Series:
        files = [(KEYS[name], file) for layer in layers for name, file in layer.items()]
        place = self.folder / ROWS
        return keys_in(pl.read_parquet(place / f, columns=[k], glob=False) for k, f in files)

    def _file(self, company: Company, name: str, number: int, asked: _Asked) -> Path:
        depends = self._depends(company, number, asked)
        file = view_file(name, number, asked.layers, sha256_json(depends)[:SHORT])
        return self.folder / VIEWS / file

    def _depends(self, company: Company, number: int, asked: _Asked) -> dict[str, object]:
        """Return all that the rows of a bucket in a view depend on.

        A day after everything that a bucket knows shows what its last day does, so that rows that
        are not touched need not be looked at again when time goes on.
        """
        bucket, scope, day = self.contents.buckets[number], company.scope, company.as_of
        activities = asked.group == ACTIVITIES
        last = bucket.last["activities" if activities else "deals"]
        fresh = day >= company.book.exported_on
        all_known = fresh and not bucket.foreign and (last is None or last <= day)
        others = [b.layers for b in self.contents.buckets] if scope.part and activities else []
        return {
            "rules": rules_hash(),
            "settings": self.said,
            "code": asked.code,
            "rows": asked.layers,
            "day": None if all_known else [day.isoformat(), fresh],
            "known": None if fresh else {n: sorted(c) for n, c in company.book.known.items()},
            "kept": company.book.kept,
            "whole": {
                name: self.contents.whole.get(name)
                for name, needed in (("fx_rates", bucket.foreign), ("orders", not fresh))
                if needed
            },
            "people": None if scope.rep_ids is None else sorted(scope.rep_ids),
            "part": scope.part,
            "others": others,
        }

    def _book(
        self, book: Book, number: int, group: tuple[str, ...], *, keys: pl.Series | None = None
    ) -> Book:
        """Return the book of one bucket, or of some keys, and all tables that are kept in one."""
        bucket = self.contents.buckets[number]
        rows = read_book(self.folder, bucket, self.contents, group, keys=keys)
        return replace(book, tables={**self.small, **rows})

    def _deals(self, company: Company, book: Book) -> dict[str, pl.DataFrame]:
        view = _view_of(company, book)
        names = [name for name in OF_A_DEAL if name in self.names]
        more = ["opportunities", "stints"] if "stage_events" in self.names else []
        return {name: _placed(view, name) for name in dict.fromkeys([*names, *more])}


def _write(goal: Path, frame: pl.DataFrame) -> None:
    fresh = goal.with_name(f".{os.getpid()}-{get_ident()}-{goal.name}")
    frame.write_parquet(fresh, compression=COMPRESSION)
    put_in_place(fresh, goal)


def _view_of(company: Company, book: Book) -> Company:
    """Return the same view of a bucket as of the company."""
    whole = Company(company.as_of, Scope.company(), book=book)
    return whole.within(company.scope) if company.scope.narrow else whole


@cache
def _code_of(make: OfDeals) -> str:
    """Return the fingerprint of the code of the room in which something is made."""
    room = ".".join(make.__module__.split(".")[:2])
    file = sys.modules[room].__file__
    return code_hash(Path(file).parent)[:SHORT] if file else ""


def _placed(view: Company, name: str) -> pl.DataFrame:
    """Return the rows of a bucket's view with their place among all rows, where it is known."""
    deals = view.full("opportunities")
    if PLACE not in deals.columns or name == "stage_events":
        return view.told(name)
    if name != "stints":
        return _with_place(view.full(name))
    places = deals.filter(pl.col("set_aside").is_null()).select("opportunity_id", PLACE)
    return view.told(name).join(places, on="opportunity_id", how="left", maintain_order="left")


def _with_place(frame: pl.DataFrame) -> pl.DataFrame:
    return public(frame).with_columns(frame[PLACE])


def _activities(company: Company, book: Book) -> dict[str, pl.DataFrame]:
    """Return the activities of a bucket; which deals are in scope is known of all buckets only."""
    rows = table_at(book, "activities", day=company.as_of)
    if company.scope.narrow:
        rows = part_of(company, "activities", visible(company, "activities", rows))
    return {"activities": _with_place(rows)}
