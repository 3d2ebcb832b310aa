"""Records of the company itself: a target plan is about nobody, whoever writes it."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OF_PERSON = "NEW.kind = 'target_plan' AND NEW.rep_id <> '*'"
_REFUSED = "a target plan is of the company"


def upgrade() -> None:
    """Make what guards them; no row of an older shape is of their kind."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_check_constraint(
            "team_event_company", "team_event", "kind <> 'target_plan' OR rep_id = '*'"
        )
        return
    # SQLite adds no constraint to a table that is there
    op.execute(
        f"CREATE TRIGGER team_event_company BEFORE INSERT ON team_event WHEN {_OF_PERSON} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )
