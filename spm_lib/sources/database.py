"""Queries to a client's database, in a transaction that can only read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.errors import MissingExtraError, SourceError
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.parquet import numbered
from spm_lib.sources.raw_frame import Dialect
from spm_lib.workspace import ConnectionSettings

_PLACE = re.compile(r"\$\{(\w+)\}")


def read_database(
    query: str, *, connection: ConnectionSettings, name: str, folder: Path
) -> FileRows:
    """Return the rows of a query in their types, and ``_row``: the 1-based row of the result.

    The database can change nothing: PostgreSQL and others in a read-only transaction, SQLite and
    DuckDB with their files opened for reading. Nothing of the address is printed, in errors either.

    Raises
    ------
    SourceError
        If a ``${NAME}`` of the address is not in the environment, or the database refuses.
    MissingExtraError
        If the part that speaks to this kind of database is not installed.
    """
    url, secrets = _filled(connection.url, name)
    try:
        frame = (
            _duckdb(query, url, folder) if url.startswith("duckdb:") else _sql(query, url, folder)
        )
    except MissingExtraError:
        raise
    except Exception as error:
        raise SourceError(
            f"The database of [connections.{name}] refuses.",
            found=_without(str(getattr(error, "orig", error)), [url, *secrets]),
            do="Check the query, and the address in the environment",
        ) from None
    return numbered(frame, Dialect(file=name, kind="sql", columns=tuple(frame.columns)))


def _filled(url: str, name: str) -> tuple[str, list[str]]:
    """Return the address with its places filled from the environment, and what was filled in."""
    places = _PLACE.findall(url)
    missing = [place for place in places if not os.environ.get(place)]
    if missing:
        raise SourceError(
            f"[connections.{name}] url needs what is not in the environment.",
            found=f"not set: {', '.join(missing)}",
            do=f"Set {' and '.join(missing)} before running",
        )
    return _PLACE.sub(lambda m: os.environ[m[1]], url), [os.environ[p] for p in places]


def _without(text: str, secrets: list[str]) -> str:
    """Return the first line of a message with secrets, and anything like an address, struck out."""
    line = text.strip().splitlines()[0] if text.strip() else "no message"
    passwords = [p for s in secrets for p in re.findall(r"://[^:/@]*:([^@]*)@", s)]
    for secret in sorted({*secrets, *passwords}, key=len, reverse=True):
        if len(secret) > 2:
            line = line.replace(secret, "***")
    return re.sub(r"\w+://\S+", "***", line)


def _sql(query: str, url: str, folder: Path) -> pl.DataFrame:
    try:
        import sqlalchemy
    except ModuleNotFoundError:
        raise MissingExtraError.of("databases", "Reading a database") from None
    engine = _engine(sqlalchemy, url, folder)
    try:
        with engine.connect() as connection, _reading(sqlalchemy, connection):
            return _frame(connection.execute(sqlalchemy.text(_escaped(query))))
    finally:
        engine.dispose()


def _escaped(query: str) -> str:
    """Return the query with colons that are no parameters kept as they are."""
    return re.sub(r"(?<!:):(?=\w)", r"\\:", query)


def _engine(sqlalchemy: Any, url: str, folder: Path) -> Any:
    address = sqlalchemy.make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+pg8000")
    if address.drivername == "postgresql+pg8000":
        address, arguments = _as_pg8000(address)
        pool = sqlalchemy.pool.NullPool
        return sqlalchemy.create_engine(address, connect_args=arguments, poolclass=pool)
    if address.get_backend_name() == "sqlite":
        file = (folder / str(address.database)).resolve().as_posix()
        address = address.set(database=f"file:{file}", query={"mode": "ro", "uri": "true"})
    return sqlalchemy.create_engine(address, poolclass=sqlalchemy.pool.NullPool)


def _as_pg8000(address: Any) -> tuple[Any, dict[str, Any]]:
    """Return a PostgreSQL address with what psql understands (``host``, ``sslmode``) said anew."""
    query = dict(address.query)
    host, mode = str(query.pop("host", "")), query.pop("sslmode", "")
    if host.startswith("/"):
        query["unix_sock"] = f"{host}/.s.PGSQL.{address.port or 5432}"
    elif host:
        address = address.set(host=host)
    if mode in ("require", "verify-ca", "verify-full"):
        import ssl

        return address.set(query=query), {"ssl_context": ssl.create_default_context()}
    return address.set(query=query), {}


@contextmanager
def _reading(sqlalchemy: Any, connection: Any) -> Iterator[None]:
    """Hold a transaction that can only read, and take back whatever happened in it."""
    backend = connection.dialect.name
    if backend == "postgresql":
        always = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        connection.execute(sqlalchemy.text(always))
    if backend in ("postgresql", "mysql", "mariadb", "oracle"):
        connection.execute(sqlalchemy.text("SET TRANSACTION READ ONLY"))
    elif backend == "sqlite":
        connection.execute(sqlalchemy.text("PRAGMA query_only = ON"))
    try:
        yield
    finally:
        connection.rollback()


def _frame(result: Any) -> pl.DataFrame:
    names = list(result.keys())
    columns = list(zip(*result.all(), strict=True)) or [() for _ in names]
    return pl.DataFrame([_column(n, list(v)) for n, v in zip(names, columns, strict=True)])


def _column(name: str, values: list[Any]) -> pl.Series:
    """Return a column in its type; values of several kinds as texts."""
    try:
        series = pl.Series(name, values, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        return pl.Series(name, [_text(v) for v in values], dtype=pl.String)
    if series.dtype in (pl.Object, pl.Null) or series.dtype.is_nested():
        return pl.Series(name, [_text(v) for v in values], dtype=pl.String)
    return series


def _text(value: object) -> str | None:
    """Return a value as text; 7.0 is the 7 that stands beside it as a whole number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _duckdb(query: str, url: str, folder: Path) -> pl.DataFrame:
    try:
        import duckdb
    except ModuleNotFoundError:
        raise MissingExtraError.of("duckdb", "Reading a DuckDB file") from None
    file = folder / re.sub(r"^duckdb:/{0,3}", "", url)
    if url.startswith("duckdb:////"):
        file = Path("/" + url.removeprefix("duckdb:////"))
    shut: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": "false"}
    with duckdb.connect(str(file), read_only=True, config=shut) as connection:
        result = connection.sql(query)
        if result is None:
            raise ValueError("the query gives no rows")
        return pl.DataFrame(pl.from_arrow(result.to_arrow_table()))
