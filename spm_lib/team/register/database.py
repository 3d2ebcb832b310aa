"""The register's database: SQLite in the client's folder, or what the workspace file says.

Writers take turns: a transaction that writes holds the only lock from its first statement on, so
that every event has one place in the history. Readers never wait.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spm_lib.core.errors import MissingExtraError, TeamError
from spm_lib.sources.address import driver_address, filled_address, without_secrets
from spm_lib.team.register.migrating import bring_up, is_current

_PATIENCE = 60  # seconds that a writer waits for its turn
_TURN = 7_736_509_182  # the advisory lock of PostgreSQL that writers of a register take


class Database:
    """A database that is a register, of the newest shape.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` (relative to ``folder``) or ``postgresql://...``, with ``${NAME}`` places
        for secrets, which come from the environment.
    folder
        The client's folder.

    Raises
    ------
    MissingExtraError
        If the extra ``team`` is not installed.
    SourceError
        If a place of the address is not in the environment.
    TeamError
        If the database does not answer, or is of another kind.
    """

    def __init__(self, url: str, *, folder: Path) -> None:
        filled, secrets = filled_address(url, place="[team] url")
        self._secrets = [filled, *secrets]
        with self._told():
            self._engine = _engine(filled, folder)
        with self.reading() as connection:
            current = is_current(connection)
        if not current:
            self._bring_up()

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Give a connection that only reads."""
        with self._told(), self._engine.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Give a connection whose turn to write it is; what it wrote is kept if nothing fails."""
        with self._told(), self._engine.connect() as bare:
            connection = bare.execution_options(spm_writes=True)
            with connection.begin():
                yield connection

    def _bring_up(self) -> None:
        """Make the newest shape; of several that try it together one does."""
        with self.writing() as connection:
            if not is_current(connection):
                bring_up(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what the database refuses without anything of its address."""
        try:
            yield
        except (MissingExtraError, TeamError):
            raise
        except Exception as error:
            if not _of_database(error):
                raise
            raise TeamError(
                "The database of the team's register refuses.",
                found=without_secrets(_message(error), self._secrets),
                do="Check [team] url and its environment, or try again if others write",
            ) from None


def _of_database(error: Exception) -> bool:
    """Say whether an error came from SQLAlchemy, its driver, or the road to the database."""
    module = type(error).__module__
    return isinstance(error, OSError) or module.startswith(("sqlalchemy.", "pg8000.", "sqlite3"))


def _message(error: Exception) -> str:
    """Return what the database says; of PostgreSQL the sentence among its fields."""
    original = getattr(error, "orig", None) or error
    first = original.args[0] if original.args else original
    return str(first.get("M", first)) if isinstance(first, dict) else str(original)


def _engine(url: str, folder: Path) -> Any:
    try:
        import alembic  # noqa: F401
        import sqlalchemy
        import sqlalchemy.event
    except ModuleNotFoundError:
        raise MissingExtraError.of("team", "The team's register") from None
    address, arguments = driver_address(sqlalchemy.make_url(url))
    backend, pool = address.get_backend_name(), sqlalchemy.pool.NullPool
    if backend == "sqlite":
        file = (folder / str(address.database or "team.db")).absolute()
        _private_file(file)
        address = address.set(database=str(file))
        engine = sqlalchemy.create_engine(
            address, connect_args={"timeout": _PATIENCE, "isolation_level": None}, poolclass=pool
        )
        sqlalchemy.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend != "postgresql":
        raise TeamError(
            "The team's register is kept in SQLite or PostgreSQL.",
            found=backend,
            do='Write [team] url = "postgresql://...", or leave it out',
        )
    engine = sqlalchemy.create_engine(address, connect_args=arguments, poolclass=pool)
    sqlalchemy.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _private_file(file: Path) -> None:
    """Make a database that is not there yet, whole: only its owner reads it, a log lies beside it.

    Of several that make it together the first one's stays.
    """
    import sqlite3
    from contextlib import closing, suppress

    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".tmp", dir=file.parent)
    os.close(handle)
    try:
        with closing(sqlite3.connect(made)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with suppress(FileExistsError):
            os.link(made, file)
    finally:
        Path(made).unlink()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("spm_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Any) -> None:
    if connection.get_execution_options().get("spm_writes"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
