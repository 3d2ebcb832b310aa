"""The table of engines: the names a workspace file may say, and what each of them makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from spm_lib.core.errors import WorkspaceError
from spm_lib.model.engines.engine import Engine
from spm_lib.model.engines.on_duckdb import on_duckdb
from spm_lib.model.engines.on_polars import on_polars
from spm_lib.model.engines.on_spark import on_spark
from spm_lib.model.engines.on_warehouse import on_warehouse
from spm_lib.workspace import Settings
from spm_lib.workspace.settings import EngineName

ENGINES: Mapping[EngineName, Callable[[Settings], Engine]] = {
    "polars": on_polars,
    "duckdb": on_duckdb,
    "spark": on_spark,
    "warehouse": on_warehouse,
}


def engine_of(name: EngineName, settings: Settings) -> Engine:
    """Return the engine of a name, for the client of these settings."""
    return ENGINES[name](settings)


def check_engine(name: str, settings: Settings) -> EngineName:
    """Return the engine's name if it can run for the client of these settings.

    Raises
    ------
    WorkspaceError
        If there is no such engine, or the settings do not say where it is.
    MissingExtraError
        If it is not installed, or what it runs on is not.
    """
    for known in get_args(EngineName):
        if name == known:
            engine_of(known, settings)
            return known
    raise WorkspaceError(
        f"There is no engine '{name}'.", found=f"'{name}'", do=f"Write one of {', '.join(ENGINES)}"
    )
