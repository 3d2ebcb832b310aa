"""The team: plans are shared and letters issued, responses, promises and reviews come back.

Letters, records and rules come in; what was said and promised is kept in a register of its own
(SQLite in the client's folder, or PostgreSQL), where every write is a new event and nothing is
changed in place. Out go the state of the team on a day and who owes what. May import every room
above ``reports`` but ``charts``.
"""

from spm_lib.team.desk.desk import Desk
from spm_lib.team.desk.letter_desk import LetterDesk
from spm_lib.team.desk.plans_in_force import approved_targets
from spm_lib.team.desk.status import TeamStatus, team_status
from spm_lib.team.desk.told import TeamTold, read_told, register_there, team_told, told_text
from spm_lib.team.desk.viewer import Viewer, viewer_named
from spm_lib.team.following.acceptance import Acceptance, Standing, acceptance
from spm_lib.team.following.agenda import Agenda, agenda
from spm_lib.team.following.checklist import Item, checklist_of, checklist_with
from spm_lib.team.following.decisions import with_decisions
from spm_lib.team.following.definitions import declare_team_ids
from spm_lib.team.following.due import Due, Member, due_items
from spm_lib.team.following.goals import Progress, goal_progress
from spm_lib.team.following.meeting_form import MeetingForm, meeting_form, records_of_meeting
from spm_lib.team.following.plan_approval import approval, plan_status, proposal
from spm_lib.team.following.review import Review, reviews
from spm_lib.team.following.review_form import ReviewForm, record_of_review, review_form
from spm_lib.team.following.review_sheet import read_review_sheet, review_sheet
from spm_lib.team.letters.choosing import letter_maker
from spm_lib.team.letters.letter import Letter
from spm_lib.team.letters.letter_files import Issued, LetterFiles
from spm_lib.team.letters.making import LetterMaker
from spm_lib.team.records.check import Check
from spm_lib.team.records.issued_letter import IssuedLetter, issued_record
from spm_lib.team.records.meeting import Meeting
from spm_lib.team.records.promise import Promise
from spm_lib.team.records.rating import AREAS, SCALE, Rating, Score
from spm_lib.team.records.reply import OUTCOMES, Reply, worry_id
from spm_lib.team.records.target_plan_state import TargetPlanState
from spm_lib.team.records.target_request import TargetRequest
from spm_lib.team.register.backup import back_up, restore
from spm_lib.team.register.conflict import ConflictError
from spm_lib.team.register.opening import open_register
from spm_lib.team.register.register import Register
from spm_lib.team.responses.import_folder import Imported, import_folder, tell_imported
from spm_lib.team.responses.response import (
    CATEGORIES,
    DECISIONS,
    Goal,
    Response,
    Worry,
)
from spm_lib.team.responses.response_faults import ResponseError, ResponseFault
from spm_lib.team.responses.response_of import goal_metrics, response_content, response_of
from spm_lib.team.responses.response_toml import response_toml
from spm_lib.team.responses.toml_form import read_form
from spm_lib.team.responses.write_sheet import response_sheet

__all__ = [
    "AREAS",
    "CATEGORIES",
    "DECISIONS",
    "OUTCOMES",
    "SCALE",
    "Acceptance",
    "Agenda",
    "Check",
    "ConflictError",
    "Desk",
    "Due",
    "Goal",
    "Imported",
    "Issued",
    "IssuedLetter",
    "Item",
    "Letter",
    "LetterDesk",
    "LetterFiles",
    "LetterMaker",
    "Meeting",
    "MeetingForm",
    "Member",
    "Progress",
    "Promise",
    "Rating",
    "Register",
    "Reply",
    "Response",
    "ResponseError",
    "ResponseFault",
    "Review",
    "ReviewForm",
    "Score",
    "Standing",
    "TargetPlanState",
    "TargetRequest",
    "TeamStatus",
    "TeamTold",
    "Viewer",
    "Worry",
    "acceptance",
    "agenda",
    "approval",
    "approved_targets",
    "back_up",
    "checklist_of",
    "checklist_with",
    "due_items",
    "goal_metrics",
    "goal_progress",
    "import_folder",
    "issued_record",
    "letter_maker",
    "meeting_form",
    "open_register",
    "plan_status",
    "proposal",
    "read_form",
    "read_review_sheet",
    "read_told",
    "record_of_review",
    "records_of_meeting",
    "register_there",
    "response_content",
    "response_of",
    "response_sheet",
    "response_toml",
    "restore",
    "review_form",
    "review_sheet",
    "reviews",
    "team_status",
    "team_told",
    "tell_imported",
    "told_text",
    "viewer_named",
    "with_decisions",
    "worry_id",
]

declare_team_ids()
