"""The company: a client's checked tables as known at one day, holding only what one may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.calendar import Window, WorkCalendar
from spm_lib.model.asof import stints_at, table_at
from spm_lib.model.book import Book
from spm_lib.model.canonical import TableMapping, canonical
from spm_lib.model.changes import DealChanges, changes_of
from spm_lib.model.columns import TABLES, canonical_table
from spm_lib.model.engines import Engine, engine_of
from spm_lib.model.history import STINT_COLUMNS
from spm_lib.model.kinds import Reading
from spm_lib.model.notices import Notice
from spm_lib.model.noticing import notices_of
from spm_lib.model.parts import part_of
from spm_lib.model.receipts import Receipt, SetAside
from spm_lib.model.visibility import narrowed, of_people, visible
from spm_lib.workspace.settings import EngineName

if TYPE_CHECKING:
    from spm_lib.workspace import Scope, Settings


PLACE = "_place"  # of a row among all rows of its table, where they are kept in parts
FEW_ROWS = 100_000  # of all tables of a client


@dataclass(frozen=True, eq=False)
class Company:
    """A client's data as known at the end of ``as_of``, cut to ``scope``.

    It is made by ``spm_lib.open`` or ``company_from_frames``. ``at`` and ``within`` give other
    views of the same data; tables are made when first asked for and kept.
    """

    as_of: date
    scope: Scope
    engine: EngineName = "polars"
    border: Literal["polars", "pandas"] = "polars"
    book: Book = field(repr=False, kw_only=True)
    _whole: Company | None = field(default=None, repr=False, kw_only=True)
    _made: dict[str, Any] = field(default_factory=dict, repr=False, init=False)

    @property
    def settings(self) -> Settings:
        """The workspace file's settings."""
        return self.book.settings

    @property
    def calendar(self) -> WorkCalendar:
        """The workspace's calendar: zone, work week, fiscal year."""
        return self.settings.calendar

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.settings.workspace.currency

    @property
    def exported_on(self) -> date:
        """The day of the export: the rows describe its end (see ``export_day``)."""
        return self.book.exported_on

    @property
    def scoped(self) -> bool:
        """Whether a scope narrower than the company removed rows."""
        return self.scope.narrow

    def at(self, day: date) -> Company:
        """Return the company as known at the end of ``day``."""
        if day == self.as_of:
            return self
        whole = self._whole.at(day) if self._whole else None
        return replace(self, as_of=day, _whole=whole)

    def within(self, scope: Scope) -> Company:
        """Return the company as that scope may see it; a narrower scope is never widened."""
        return replace(self, scope=narrowed(self.scope, scope), _whole=self._whole or self)

    def has(self, name: str, column: str | None = None) -> bool:
        """Say whether the client's data has this table (and fills this column)."""
        if name == "stints":
            name = "stage_events"
        if name == "opportunities" and self.book.from_log:
            filled = self.book.given["stage_events"] | {"created_at", "closed_at", "outcome"}
        elif name in self.book.tables:
            filled = self.book.given.get(name, frozenset(TABLES[name].names()))
        else:
            return False
        return column is None or column in filled or column in self.columns(name)[1]

    def columns(self, name: str) -> tuple[list[str], list[str]]:
        """Return the names of the table's canonical columns, and of the columns kept along."""
        source = "stage_events" if name == "opportunities" and self.book.from_log else name
        return TABLES[name].names(), list(self.book.kept.get(source, ()))

    def table(self, name: str) -> pl.DataFrame:
        """Return the good rows of a table, as known at ``as_of``, in scope.

        Columns out: all canonical columns of the table (null where the data has none), its kept
        columns, and per dated column its workspace-local Date (``_on``) and Int64 epoch day
        (``_day``). A table the client does not have is empty.
        """
        return self.once(f"table {name}", lambda: self._good(name))

    def some(self, name: str, *columns: str) -> pl.DataFrame:
        """Return columns of the good rows of a table; of rows on disk nothing else is read.

        Rows are in the order of ``table``; on disk only those of each deal are, of a history.
        """
        files = self.book.parts(self, name)
        if files is None:
            return self.table(name).select(columns)
        rows = pl.scan_parquet(files, glob=False).filter(pl.col("set_aside").is_null())
        if PLACE in rows.collect_schema():
            rows = rows.sort(PLACE, maintain_order=True)
        return rows.select(columns).collect(engine="in-memory")

    def passing(self) -> Company:
        """Return this view, or where it has read nothing so far, one that is let go when read."""
        return self if self._made else replace(self)

    def rows(self, name: str) -> nw.LazyFrame[Any]:
        """Return good and set-aside rows, lazily on the engine.

        Columns out: those of ``table`` and ``set_aside`` (String; null: a good row).
        """
        return self.once(f"rows {name}", lambda: self._lazily(name))

    @property
    def _on(self) -> Engine:
        return self.once("engine", lambda: engine_of(self.engine, self.settings))

    def _lazily(self, name: str) -> nw.LazyFrame[Any]:
        files = self.book.parts(self, name)
        if files is None:
            return self._on.lazy(self.told(name))
        return self._on.lazy_files(files).drop(PLACE, strict=False)

    def of_deals(
        self, name: str, make: Callable[[Company], nw.LazyFrame[Any]]
    ) -> nw.LazyFrame[Any]:
        """Return what is made of deals and their history, lazily on the engine.

        What ``make`` returns of a deal depends on nothing but that deal: where rows lie on disk it
        is handed some deals at a time, and what it makes is kept beside them under ``name``. It
        reads ``rows`` of opportunities, stage_events, splits and stints, and keeps the deal's id.
        """
        return self.once(f"of deals {name}", lambda: self._of_deals(name, make))

    def _of_deals(
        self, name: str, make: Callable[[Company], nw.LazyFrame[Any]]
    ) -> nw.LazyFrame[Any]:
        files = self.book.made(self, name, make)
        return make(self) if files is None else self._on.lazy_files(files)

    def values(self, name: str, column: str, *, aside: bool = False) -> pl.Series:
        """Return the distinct values of a column in good rows (or in all), sorted."""
        key = f"values {name} {column} {aside}"
        return self.once(key, lambda: self._values(name, column, aside=aside))

    def _values(self, name: str, column: str, *, aside: bool) -> pl.Series:
        good = pl.col("set_aside").is_null()
        if self.book.parts(self, name):
            rows = self._of(name, column)
            told = (rows if aside else rows.filter(good)).select(
                pl.col(column).drop_nulls().unique()
            )
            return self._brought(told, name)[column].sort()
        frame = self._in_memory(name)
        if not aside and frame["set_aside"].count():
            frame = frame.select(pl.col(column).filter(good))
        return frame[column].drop_nulls().unique().sort()

    def one(self, name: str, value: pl.Expr) -> Any:
        """Return one value made of the good rows of a table, such as their first day.

        Rows that are kept on disk are read no more than it needs, and not into memory.

        Examples
        --------
        >>> from spm_lib.metrics import example_company
        >>> example_company().one("opportunities", pl.col("created_on").min())
        datetime.date(2026, 1, 5)
        """
        good = self._of(name).filter(pl.col("set_aside").is_null())
        return self._brought(good.select(value.alias("one")), name)["one"].item()

    def _of(self, name: str, *columns: str) -> pl.LazyFrame:
        """Return columns of a table (all if none are named), and set_aside, wherever it lies."""
        files = self.book.parts(self, name)
        rows = pl.scan_parquet(files, glob=False) if files else self._in_memory(name).lazy()
        return rows.select("set_aside", *columns) if columns else rows

    def _in_memory(self, name: str) -> pl.DataFrame:
        return self.told(name) if name == "stints" else self.full(name)

    def _brought(self, rows: pl.LazyFrame, name: str) -> pl.DataFrame:
        on_disk = self.book.parts(self, name) is not None
        return rows.collect(engine="streaming" if on_disk else "in-memory")

    def told(self, name: str) -> pl.DataFrame:
        """Return the rows of a table with ``set_aside``, in memory. For the room ``model`` only."""
        if name == "stints":
            return self.stints.with_columns(set_aside=pl.lit(None, dtype=pl.String))
        return public(self.full(name))

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Return any small frame on the company's engine, to be joined with ``rows``."""
        return self._on.lazy(frame)

    @property
    def few(self) -> bool:
        """Whether there are so few rows that work of a fixed size is what an answer costs."""
        return self.book.size <= FEW_ROWS

    def counted(self, rows: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Return what was counted lazily on the engine, as a frame."""
        return self._on.brought_in(rows, few=self.few)

    def few_rows(self, rows: nw.LazyFrame[Any]) -> pl.LazyFrame:
        """Return few rows as a plan of polars, brought in first from any other engine."""
        native = rows.to_native()
        return native if isinstance(native, pl.LazyFrame) else self.counted(rows).lazy()

    @property
    def stints(self) -> pl.DataFrame:
        """The stage visits known at ``as_of``, in scope (see ``build_stints`` for the columns)."""
        return self.once("stints", self._stints)

    @property
    def changes(self) -> DealChanges:
        """Every change of every deal known at ``as_of``, in scope, in order of deal and time."""
        return self.once("changes", lambda: changes_of(self))

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The traps found in the rows of this view."""
        return self.once("notices", lambda: notices_of(self))

    def receipt(self, name: str) -> Receipt:
        """Return how many rows of a table are used, and how many are set aside and why."""
        return self.once(f"receipt {name}", lambda: self._receipt(name))

    def _receipt(self, name: str) -> Receipt:
        """Count rows and the money of a table that has an amount (a kept column is not it)."""
        if not self.book.parts(self, name):
            rows = self._in_memory(name)
            if not rows["set_aside"].count():
                return Receipt(used=rows.height, scoped=self.scoped)
        money = ["amount"] if TABLES[name].column("amount") is not None else []
        counted = self._brought(counts_of(self._of(name, *money)), name)
        return receipt_of(counted, self.scoped)

    def default_window(self) -> Window:
        """Return the twelve whole months that end at or before ``as_of``."""
        end = self.as_of.fromordinal(self.as_of.toordinal() + 1).replace(day=1)
        return Window(end.replace(year=end.year - 1), end)

    def _good(self, name: str) -> pl.DataFrame:
        read = self._in_place(name)
        if read is not None:
            return read.drop("set_aside")
        frame = self.full(name)
        if frame["set_aside"].count():
            frame = frame.filter(pl.col("set_aside").is_null())
        told = public(frame)
        return told[[column for column in told.columns if column != "set_aside"]]

    def _in_place(self, name: str) -> pl.DataFrame | None:
        """Return the good rows that files tell, in their order; None where they do not tell it."""
        files = self.book.parts(self, name)
        if not files:
            return None
        rows = pl.scan_parquet(files, glob=False)
        if PLACE not in rows.collect_schema():
            return None
        good = rows.filter(pl.col("set_aside").is_null())
        return good.sort(PLACE, maintain_order=True).drop(PLACE).collect()

    def full(self, name: str) -> pl.DataFrame:
        """Return all rows of this view with the columns that only this room reads (``_...``)."""
        return self.once(f"all {name}", lambda: self._view(name))

    def _view(self, name: str) -> pl.DataFrame:
        canonical_table(name)
        if name not in self.book.tables and not (name == "opportunities" and self.book.from_log):
            return self._whole.full(name) if self._whole else _empty(name)
        if self._whole is not None:
            return part_of(self, name, visible(self, name, self._whole.full(name)))
        return table_at(self.book, name, day=self.as_of)

    def _stints(self) -> pl.DataFrame:
        if "stage_events" not in self.book.tables:
            return _no_stints()
        read = self._in_place("stints")
        if read is not None:
            return read.drop("set_aside")
        if self._whole is None:
            return stints_at(self.book, day=self.as_of, deals=self.full("opportunities"))
        stints = self._whole.stints
        if self.scope.part is not None:
            deals = self.table("opportunities")["opportunity_id"].unique().implode()
            return stints.filter(pl.col("opportunity_id").is_in(deals))
        if self.scope.rep_ids is None:
            return stints
        return stints.filter(of_people(pl.col("rep_id"), self.scope.rep_ids))

    def everyone(self, name: str) -> pl.DataFrame:
        """Return a table of this day before scope; for joins only, never to be shown or counted."""
        return self._whole.full(name) if self._whole else self.full(name)

    @property
    def whole(self) -> Company | None:
        """The company before scope; None where this is it. For the room ``model`` only."""
        return self._whole

    def remember(self, key: str, value: Any) -> None:
        """Keep what is known already, in place of making it when first asked for."""
        self._made[key] = value

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what is made of this view when first asked for, and kept."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def counts_of(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return ``set_aside, rows, amount, told`` (how many have an amount), a row per reason."""
    priced = "amount" in rows.collect_schema().names()  # summed in 128 bits
    money = pl.col("amount") if priced else pl.lit(None, dtype=pl.Int64)
    counts = (
        pl.len().alias("rows"),
        pl.col("amount").cast(pl.Int128).sum(),
        pl.col("amount").count().alias("told"),
    )
    return rows.select("set_aside", amount=money).group_by("set_aside").agg(counts)


def receipt_of(counted: pl.DataFrame, scoped: bool) -> Receipt:  # noqa: FBT001
    """Return the receipt of counted rows, with their money where there is any."""
    counted = counted.select(
        "set_aside", "rows", pl.when(pl.col("told") > 0).then("amount").alias("amount")
    )
    parts = {reason: (rows, money) for reason, rows, money in counted.iter_rows()}
    used = parts.pop(None, (0, None))[0]
    aside: Mapping[str, SetAside] = {
        reason: SetAside(rows, money) for reason, (rows, money) in sorted(parts.items())
    }
    return Receipt(used=used, set_aside=aside, scoped=scoped)


def public(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that are told outside this room."""
    return frame[[c for c in frame.columns if not c.startswith("_")]]


def _empty(name: str) -> pl.DataFrame:
    table = TABLES[name]
    frame = canonical(
        pl.DataFrame(),
        table=table,
        mapping=TableMapping(),
        reading=Reading("UTC", 2),
        currency="",
    )
    ranked = table.column("stage") is not None
    return frame.with_columns(stage_rank=pl.lit(None, pl.Int64)) if ranked else frame


def _no_stints() -> pl.DataFrame:
    types: dict[str, pl.DataType] = dict.fromkeys(STINT_COLUMNS, pl.String())
    whole = ("stage_rank", "entered_day", "left_day", "visit", "seq", "amount", "next_rank")
    types |= dict.fromkeys(whole, pl.Int64())
    types |= {"entered_on": pl.Date(), "left_on": pl.Date(), "is_last": pl.Boolean()}
    return pl.DataFrame(schema=types)
