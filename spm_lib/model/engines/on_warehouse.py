"""A SQL warehouse, through Ibis: rows go into temporary tables there, and are counted there.

The address is that of ``[connections.warehouse]``, whose ``${NAME}`` places are filled from the
environment; nothing of it is printed.
"""

from __future__ import annotations

import itertools
import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import narwhals.stable.v2 as nw
import polars as pl

from spm_lib.core.errors import MissingExtraError, SourceError, WorkspaceError
from spm_lib.model.engines.engine import too_large_a_sum, without_zones
from spm_lib.sources.address import filled_address, without_secrets
from spm_lib.workspace import Settings

CONNECTION = "warehouse"
_PLACE = f"[connections.{CONNECTION}] url"

T = TypeVar("T")
Rows = Callable[[], pl.DataFrame]


class _OnWarehouse:
    """Counts on the one connection to an address, whose temporary tables can be joined.

    A connection that was lost between two questions is opened again, once: the tables are put
    there again, under their names, and the question is asked again. Where one of them cannot be
    put there, the next question tries it again; one whose file is gone is in nobody's way.
    """

    def __init__(self, address: str, secrets: tuple[str, ...]) -> None:
        self._address = address
        self._secrets = [address, *secrets, *_parts(address)]
        self._lock = threading.Lock()
        self._connection: Any = None
        self._numbers = itertools.count(1)
        self._tables: dict[str, Rows] = {}  # that are asked, and how their rows are had again
        self._forgotten: list[str] = []
        self._away: set[str] = set()  # tables that were lost with a connection

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        return self._asked(lambda: self._new_table(lambda: frame))

    def lazy_files(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        return self._asked(
            lambda: self._new_table(lambda: pl.read_parquet(list(files), glob=False))
        )

    def brought_in(self, rows: nw.LazyFrame[Any], *, few: bool) -> pl.DataFrame:  # noqa: ARG002
        return self._asked(lambda: rows.collect(backend="polars").to_native())

    def _asked(self, ask: Callable[[], T]) -> T:
        with self._lock, self._told():
            try:
                self._put_again()
                return ask()
            except Exception:
                if self._connection is None or self._answers():
                    raise
            self._connection.reconnect()
            self._away.update(list(self._tables))
            self._put_again()
            return ask()

    def _answers(self) -> bool:
        """Say whether the connection is there, after a fault that may be the question's own."""
        try:
            with self._connection.begin() as cursor:
                cursor.execute("SELECT 1")
        except Exception:
            return False
        return True

    def _put_again(self) -> None:
        for name in sorted(self._away):
            rows = self._tables.get(name)
            with suppress(FileNotFoundError):
                if rows is not None:
                    self._put(name, rows)
                self._away.discard(name)

    def _new_table(self, rows: Rows) -> nw.LazyFrame[Any]:
        connection = self._connected()
        while self._forgotten:
            with connection.begin() as cursor:  # drop_table of Ibis 12 leaves out the name
                cursor.execute(f"DROP TABLE IF EXISTS {self._forgotten[-1]}")
            self._forgotten.pop()
        name = f"spm_{next(self._numbers)}"
        table = self._put(name, rows)
        self._tables[name] = rows
        weakref.finalize(table.op(), self._forget, name)
        return nw.from_native(table)

    def _put(self, name: str, rows: Rows) -> Any:
        made = without_zones(rows()).to_arrow(compat_level=pl.CompatLevel.oldest())
        return self._connection.create_table(name, made, temp=True)

    def _forget(self, name: str) -> None:
        self._tables.pop(name, None)
        self._forgotten.append(name)

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = _ibis().connect(self._address)
        return self._connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what the warehouse refuses without anything of its address.

        A file of rows that is gone is no matter of the warehouse's.
        """
        _ibis()
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:
            if "tried to convert to int64" in str(error):  # of a sum, which is a numeric there
                raise too_large_a_sum() from None
            raise SourceError(
                "The warehouse refuses.",
                found=without_secrets(str(error), self._secrets),
                do=f"Check {_PLACE} and its environment, and that temporary tables may be made",
            ) from None


def on_warehouse(settings: Settings) -> _OnWarehouse:
    """Return the engine of the client's warehouse; nothing is connected yet.

    Raises
    ------
    WorkspaceError
        If the settings name no warehouse.
    SourceError
        If a place of its address is not in the environment.
    MissingExtraError
        If the extra ``warehouse`` is not installed.
    """
    named = settings.connections.get(CONNECTION)
    if named is None:
        raise WorkspaceError(
            "The engine 'warehouse' does not know where the warehouse is.",
            found="no [connections.warehouse]",
            do='Write url = "postgresql://${WAREHOUSE_USER}:${WAREHOUSE_PASSWORD}@HOST/NAME" there',
        )
    _ibis()
    address, secrets = filled_address(named.url, place=_PLACE)
    return _of_process(address, tuple(secrets), os.getpid())


@cache
def _of_process(address: str, secrets: tuple[str, ...], _process: int) -> _OnWarehouse:
    """Return one engine per address; a connection is not shared with a forked process."""
    return _OnWarehouse(address, secrets)


def _parts(address: str) -> list[str]:
    """Return what an error may name of an address: host, folder of a socket, user, database.

    Examples
    --------
    >>> _parts("postgresql://ann%40corp:x@DB.test/crm")
    ['db.test', 'DB.test', 'ann%40corp', 'ann@corp', 'x', 'crm']
    >>> _parts("postgresql://ann:p[w@db.test/crm")
    []
    """
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all, as the connecting will say
        return []
    asked = [value for values in parse_qs(parts.query).values() for value in values]
    host = parts.netloc.rpartition("@")[2].partition(":")[0]  # as it is written
    named = (parts.hostname, host, parts.username, parts.password, parts.path.strip("/"), *asked)
    known = [form for name in named if name for form in (name, unquote(name))]
    return list(dict.fromkeys(known))


def _ibis() -> Any:
    try:
        return import_module("ibis")
    except ImportError as missing:
        raise MissingExtraError.of("warehouse", "The engine 'warehouse'") from missing
