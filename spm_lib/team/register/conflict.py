"""What happens when two write about the same at once: the second is told, and nothing is lost."""

from __future__ import annotations

from spm_lib.core.errors import TeamError
from spm_lib.team.register.event import Event, Key


class ConflictError(TeamError):
    """Somebody wrote in between; ``current`` is what is there now, null where there is nothing."""

    def __init__(self, key: Key, seen: int, current: Event | None) -> None:
        self.current = current
        there = (
            f"version {current.version} by {current.author.name} at {current.at:%Y-%m-%d %H:%M} UTC"
            if current
            else "nothing yet"
        )
        super().__init__(
            f"The {key.kind} '{key.subject}' of {key.rep_id} is not as it was seen.",
            found=f"version {seen} was seen, there is {there}",
            do="Read it again, and write what shall stand now",
        )
