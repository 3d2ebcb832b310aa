"""DuckDB over a PostgreSQL that it attaches: rows lie in tables there, DuckDB counts them.

The extension that reads PostgreSQL comes from a registry for the versions of DuckDB before ours
only: `make validate` runs this file with one of these in front (requirements-attached.txt).
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from spm_lib.model.engines.engine import without_zones
from spm_lib.model.engines.on_duckdb import ON_DUCKDB
from tests.metrics.conformance import Conformance, seeded

EXTENSION = "duckdb_extension_postgres_scanner"
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(
        importlib.util.find_spec(EXTENSION) is None,
        reason="DuckDB's extension for PostgreSQL is not here: `make validate` runs these tests",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def attached(new_postgres) -> Iterator[None]:
    """Let rows of the engine ``duckdb`` lie in tables of an attached PostgreSQL."""
    connection, numbers = attach(new_postgres()), itertools.count(1)

    def lazy(frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        name = f"pg.rows_{next(numbers)}"
        connection.register("rows", without_zones(frame).to_arrow())
        connection.execute(f"CREATE TABLE {name} AS FROM rows")
        connection.unregister("rows")
        return nw.from_native(connection.sql(f"FROM {name}"))

    seeded.cache_clear()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ON_DUCKDB, "_connection", connection)
        patched.setattr(ON_DUCKDB, "lazy", lazy)
        yield
    seeded.cache_clear()


def attach(address: str) -> Any:
    """Return a DuckDB that has attached a database as ``pg``."""
    import duckdb

    connection = duckdb.connect()
    extensions = importlib.import_module("duckdb_extensions")
    extensions.import_extension("postgres_scanner", con=connection)
    connection.execute("LOAD postgres_scanner")
    parts = urlsplit(address)
    (host,) = parse_qs(parts.query)["host"]
    connection.execute(
        f"ATTACH 'host={host} dbname={parts.path.strip('/')} user=postgres' AS pg (TYPE postgres)"
    )
    return connection


class TestAttached(Conformance):
    engine = "duckdb"


def test_rows_lie_in_postgresql_and_duckdb_reads_them_there() -> None:
    rows = ON_DUCKDB.lazy(pl.DataFrame({"a": [1, None, 3]}))
    plan = nw.to_native(rows.select(nw.col("a").sum())).explain()
    assert "POSTGRES_SCAN" in plan.upper()
