"""Where Alembic runs the steps: on the connection that the register gives it."""

from __future__ import annotations

from alembic import context

from spm_lib.team.register.migrating import VERSION_TABLE


def run() -> None:
    """Run the steps that are wanted, inside the transaction of the given connection."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, version_table=VERSION_TABLE)
    context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic runs this file
    run()
