"""Queries to a client's database, in a transaction that can only read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from spm_lib.core.errors import MissingExtraError, SourceError
from spm_lib.sources.address import driver_address, filled_address, without_secrets
from spm_lib.sources.file_rows import FileRows
from spm_lib.sources.parquet import numbered
from spm_lib.sources.raw_frame import Dialect
from spm_lib.workspace import ConnectionSettings


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
    url, secrets = filled_address(connection.url, place=f"[connections.{name}] url")
    try:
        frame = (
            _duckdb(query, url, folder) if url.startswith("duckdb:") else _sql(query, url, folder)
        )
    except MissingExtraError:
        raise
    except Exception as error:
        raise SourceError(
            f"The database of [connections.{name}] refuses.",
            found=without_secrets(str(getattr(error, "orig", error)), [url, *secrets]),
            do="Check the query, and the address in the environment",
        ) from None
    return numbered(frame, Dialect(file=name, kind="sql", columns=tuple(frame.columns)))


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
    address, arguments = driver_address(sqlalchemy.make_url(url))
    if address.get_backend_name() == "sqlite":
        file = (folder / str(address.database)).resolve().as_posix()
        address = address.set(database=f"file:{file}", query={"mode": "ro", "uri": "true"})
    pool = sqlalchemy.pool.NullPool
    return sqlalchemy.create_engine(address, connect_args=arguments, poolclass=pool)


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
