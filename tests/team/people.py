"""A small team, its letters and responses, as the tests of the register's rooms use them."""

from __future__ import annotations

from datetime import date
from typing import Any

from spm_lib.team.desk.viewer import Viewer
from spm_lib.team.letters.wording import line
from spm_lib.team.records.issued_letter import IssuedLetter
from spm_lib.team.records.promise import Promise
from spm_lib.team.responses.response import Response, Worry
from spm_lib.workspace import Scope

REP = Viewer("noam", Scope.rep("R1"), "R1")
OTHER_REP = Viewer("lior", Scope.rep("R2"), "R2")
MANAGER = Viewer("dana", Scope.reps({"M1", "R1", "R2"}, label="manager-M1"), "M1")
OTHER_MANAGER = Viewer("omer", Scope.reps({"M2", "R3"}, label="manager-M2"), "M2")
ANALYST = Viewer("ann", Scope.company())
TOO_HIGH = Worry("target_too_high", "The target doubles")
DATA = Worry("data", "Deals are missing")


def content(rep_id: str, version: int) -> str:
    """The content hash of a letter."""
    return f"{version:032x}{rep_id.encode().hex():0>32}"


def letter(rep_id: str, version: int = 1, **more: Any) -> IssuedLetter:
    told: dict[str, Any] = {
        "issued_on": date(2026, 10, version),
        "start": date(2027, 1, 1),
        "end": date(2028, 1, 1),
        "target": 1_200_000,
        "last_result": 1_000_000,
        "currency": "ILS",
        "changes": (line("Version {v}.", v=str(version)),) if version > 1 else (),
    }
    return IssuedLetter(rep_id, version, content(rep_id, version), **(told | more))


def response(rep_id: str, version: int = 1, **more: Any) -> Response:
    told: dict[str, Any] = {
        "read_on": date(2026, 10, 5),
        "decision": "accept",
        "confidence": 4,
    }
    return Response(content(rep_id, version), version, rep_id, **(told | more))


def promise(rep_id: str, number: int, **more: Any) -> Promise:
    told: dict[str, Any] = {
        "who": rep_id,
        "what": f"deed {number}",
        "due": date(2026, 10, 20),
        "agreed_on": date(2026, 10, 1),
    }
    return Promise(rep_id, number, **(told | more))
