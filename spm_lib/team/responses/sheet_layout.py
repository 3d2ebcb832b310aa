"""Where each field of a response stands on its sheet."""

from __future__ import annotations

from spm_lib.team.responses.response_faults import Place
from spm_lib.team.responses.response_of import MOST

MARK, MARK_CELL = "spm response 1", "E1"
HEAD = {"letter": 4, "version": 5, "rep_id": 6}
SINGLE = {"read_on": 10, "decision": 11, "confidence": 12, "remarks": 13}
WORRIES, IDEAS, GOALS = 16, 25, 33
GOAL_COLUMNS = {"metric": "B", "measure": "C", "due": "D", "help_wanted": "E"}


def cells() -> dict[Place, str]:
    """Return the cell of each field.

    Examples
    --------
    >>> cells()["goals", 1, "due"], cells()["decision",]
    ('D34', 'B11')
    """
    found: dict[Place, str] = {(key,): f"B{row}" for key, row in {**HEAD, **SINGLE}.items()}
    found["remarks",] = f"C{SINGLE['remarks']}"
    for at in range(MOST["worries"]):
        found["worries", at, "category"] = f"B{WORRIES + at}"
        found["worries", at, "text"] = f"C{WORRIES + at}"
    for at in range(MOST["ideas"]):
        found["ideas", at] = f"C{IDEAS + at}"
    for at in range(MOST["goals"]):
        for key, column in GOAL_COLUMNS.items():
            found["goals", at, key] = f"{column}{GOALS + at}"
    return found
