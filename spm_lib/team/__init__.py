"""The team: plans are shared and letters issued, responses, promises and reviews come back.

Letters, records and rules come in; what was said and promised is kept in a register of its own
(SQLite in the client's folder, or PostgreSQL), where every write is a new event and nothing is
changed in place. Out go the state of the team on a day and who owes what. May import every room
above ``reports`` but ``charts``.
"""

from spm_lib.team.letters.choosing import letter_maker
from spm_lib.team.letters.letter import Letter
from spm_lib.team.letters.letter_files import Issued, LetterFiles
from spm_lib.team.letters.making import LetterMaker
from spm_lib.team.responses.response import (
    CATEGORIES,
    DECISIONS,
    Goal,
    Response,
    Worry,
)
from spm_lib.team.responses.response_faults import ResponseError, ResponseFault
from spm_lib.team.responses.response_of import goal_metrics, response_content, response_of

__all__ = [
    "CATEGORIES",
    "DECISIONS",
    "Goal",
    "Issued",
    "Letter",
    "LetterFiles",
    "LetterMaker",
    "Response",
    "ResponseError",
    "ResponseFault",
    "Worry",
    "goal_metrics",
    "letter_maker",
    "response_content",
    "response_of",
]
