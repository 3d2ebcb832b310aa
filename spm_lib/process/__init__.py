"""A company comes in; where its deals are handled badly, and what that is worth, goes out.

``mistakes`` judges open deals by named rules with limits learned from the company's own won deals,
and prices each by what went with it in deals that have ended. ``process_map`` tells how deals walk
through the stages, ``playbook`` what goes with winning at each of them, ``leads`` how leads become
deals. Associations, never causes.
May import core, stats, store, workspace, model and metrics.
"""

from spm_lib.process.leads.definitions import declare_lead_ids
from spm_lib.process.leads.lead_flow import LeadFlow, lead_flow
from spm_lib.process.leads.lead_score import LeadScore, lead_score
from spm_lib.process.mistakes.definitions import declare_mistake_ids
from spm_lib.process.mistakes.find import find_mistakes
from spm_lib.process.mistakes.result import Mistakes, Verdict
from spm_lib.process.mistakes.rule import Limit, Rule
from spm_lib.process.mistakes.rules import RULES
from spm_lib.process.playbook.checklist import checklist_text
from spm_lib.process.playbook.definitions import declare_playbook_ids
from spm_lib.process.playbook.playbook import Playbook, make_playbook
from spm_lib.process.process_map.definitions import declare_process_map_ids
from spm_lib.process.process_map.walks import ProcessMap, process_map

declare_lead_ids()
declare_mistake_ids()
declare_playbook_ids()
declare_process_map_ids()

__all__ = [
    "RULES",
    "LeadFlow",
    "LeadScore",
    "Limit",
    "Mistakes",
    "Playbook",
    "ProcessMap",
    "Rule",
    "Verdict",
    "checklist_text",
    "declare_lead_ids",
    "declare_mistake_ids",
    "declare_playbook_ids",
    "declare_process_map_ids",
    "find_mistakes",
    "lead_flow",
    "lead_score",
    "make_playbook",
    "process_map",
]
