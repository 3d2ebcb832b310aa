"""The table of events, which takes new rows only, each the next of all and the next of its key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NEXT_NUMBER = "NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM team_event)"
_NEXT_VERSION = (
    "NEW.version <> (SELECT coalesce(max(version), 0) + 1 FROM team_event WHERE kind = NEW.kind"
    " AND rep_id = NEW.rep_id AND subject = NEW.subject)"
)
_CHAIN = (
    "NEW.previous <> coalesce((SELECT fingerprint FROM team_event ORDER BY number DESC LIMIT 1),"
    f" '{'0' * 64}')"
)
_NOT_NEXT = f"{_NEXT_NUMBER} OR {_NEXT_VERSION} OR {_CHAIN}"


def upgrade() -> None:
    """Make the table and what guards it."""
    op.create_table(
        "team_event",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "rep_id", "subject")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text()),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="team_event_number"),
        sa.UniqueConstraint("kind", "rep_id", "subject", "version", name="team_event_version"),
        sa.CheckConstraint("number > 0 AND version > 0", name="team_event_counts"),
    )
    op.create_index("team_event_person", "team_event", ["rep_id", "kind"])
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in _on_postgresql() if postgres else _on_sqlite():
        op.execute(statement)


def _on_sqlite() -> list[str]:
    guard = "CREATE TRIGGER team_event_{name} BEFORE {what} ON team_event {when} BEGIN {do} END"
    refuse = "SELECT RAISE(ABORT, 'the register is append-only');"
    return [
        guard.format(name="keep", what="UPDATE", when="", do=refuse),
        guard.format(name="stay", what="DELETE", when="", do=refuse),
        # before anything else, so that INSERT OR REPLACE replaces nothing
        guard.format(
            name="next",
            what="INSERT",
            when=f"WHEN {_NOT_NEXT}",
            do="SELECT RAISE(ABORT, 'not the next event');",
        ),
    ]


def _on_postgresql() -> list[str]:
    function = "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    refuse = "RAISE EXCEPTION 'the register is append-only';"
    check = f"IF {_NOT_NEXT} THEN RAISE EXCEPTION 'not the next event'; END IF; RETURN NEW;"
    each = "FOR EACH ROW EXECUTE FUNCTION"
    return [
        function.format(name="team_event_refuse", body=refuse),
        function.format(name="team_event_check", body=check),
        "CREATE TRIGGER team_event_keep BEFORE UPDATE OR DELETE ON team_event "
        f"{each} team_event_refuse()",
        "CREATE TRIGGER team_event_stay BEFORE TRUNCATE ON team_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION team_event_refuse()",
        f"CREATE TRIGGER team_event_next BEFORE INSERT ON team_event {each} team_event_check()",
    ]
