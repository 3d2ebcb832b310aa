"""Bringing a database to the shape that this version of the register needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spm_lib.core.errors import TeamError

VERSION_TABLE = "team_version"
HEAD = "0002"
_FOLDER = Path(__file__).parent / "migrations"


def is_current(connection: Any) -> bool:
    """Say whether a database has the newest shape.

    Raises
    ------
    TeamError
        If it was made by a newer version than this one.
    """
    import sqlalchemy

    if not sqlalchemy.inspect(connection).has_table(VERSION_TABLE):
        return False
    query = sqlalchemy.text(f"SELECT version_num FROM {VERSION_TABLE}")
    found = connection.execute(query).scalar()
    if found is not None and found > HEAD:
        raise TeamError(
            "The register was made by a newer version.",
            found=f"its shape is {found}, known here is {HEAD}",
            do="Update spm-lib",
        )
    return found == HEAD


def bring_up(connection: Any) -> None:
    """Run the steps that the database lacks, in the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
