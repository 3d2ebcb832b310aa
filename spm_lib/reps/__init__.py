"""A company comes in; what may fairly be said of its people goes out.

``comparison`` tests whether there is any difference before anything is ordered, and tells win
rates, volume, size, cycle and mix; ``skills`` pools what each can do towards the peers, with one
set of draws; ``gap`` takes a gap apart to the cent; ``peers`` is what a person may read of others.
``closers`` asks what goes with winning, ``coaching`` whom to coach, ``alerts`` who has really
changed. Never a rank that is noise. May import core, stats, model and metrics.
"""

from spm_lib.metrics.mix import MixColumn
from spm_lib.reps.alerts.changed_rates import Alerts, changed_rates
from spm_lib.reps.alerts.definitions import declare_alert_ids
from spm_lib.reps.closers.definitions import declare_closers_ids
from spm_lib.reps.closers.habits import ClosingHabits, closing_habits
from spm_lib.reps.coaching.coached_numbers import coached_counts, coached_numbers
from spm_lib.reps.coaching.definitions import declare_coaching_ids
from spm_lib.reps.coaching.effect import CoachingEffect, coaching_effect, number_effect
from spm_lib.reps.coaching.plan import Coaching, plan_coaching
from spm_lib.reps.comparison.compare import RepComparison, compare_reps
from spm_lib.reps.comparison.definitions import declare_rep_ids
from spm_lib.reps.comparison.differences import Difference
from spm_lib.reps.comparison.win_rates import WinRates, compare_win_rates
from spm_lib.reps.gap import Gaps, explain_gaps
from spm_lib.reps.peers import Peers, PeerTable, PeerValue, peers_of, read_peers
from spm_lib.reps.peers_definitions import declare_peers_ids
from spm_lib.reps.skills.definitions import declare_skill_ids
from spm_lib.reps.skills.reliability import Reliability, reliability
from spm_lib.reps.skills.rep_skills import RepSkills, rep_skills
from spm_lib.reps.skills.skill import Skill

declare_rep_ids()
declare_closers_ids()
declare_alert_ids()
declare_coaching_ids()
declare_peers_ids()
declare_skill_ids()

__all__ = [
    "Alerts",
    "ClosingHabits",
    "Coaching",
    "CoachingEffect",
    "Difference",
    "Gaps",
    "MixColumn",
    "PeerTable",
    "PeerValue",
    "Peers",
    "Reliability",
    "RepComparison",
    "RepSkills",
    "Skill",
    "WinRates",
    "changed_rates",
    "closing_habits",
    "coached_counts",
    "coached_numbers",
    "coaching_effect",
    "compare_reps",
    "compare_win_rates",
    "declare_alert_ids",
    "declare_closers_ids",
    "declare_coaching_ids",
    "declare_peers_ids",
    "declare_rep_ids",
    "declare_skill_ids",
    "explain_gaps",
    "number_effect",
    "peers_of",
    "plan_coaching",
    "read_peers",
    "reliability",
    "rep_skills",
]
