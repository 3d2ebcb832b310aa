"""A company comes in; what may fairly be said of its people goes out.

Win rates with intervals and partial pooling, a test whether there is any difference before anything
is ordered, groups that cannot be told apart, volume, deal size and cycle, and the mix of each
person's deals. Never a rank that is noise. May import core, stats, model and metrics.
"""

from spm_lib.reps.alerts import Alerts, changed_rates
from spm_lib.reps.alerts_definitions import declare_alert_ids
from spm_lib.reps.closers import ClosingHabits, closing_habits
from spm_lib.reps.closers_definitions import declare_closers_ids
from spm_lib.reps.coaching import Coaching, plan_coaching
from spm_lib.reps.coaching_definitions import declare_coaching_ids
from spm_lib.reps.coaching_effect import CoachingEffect, coached_counts, coaching_effect
from spm_lib.reps.comparison import RepComparison, compare_reps
from spm_lib.reps.definitions import declare_rep_ids
from spm_lib.reps.differences import Difference
from spm_lib.reps.gap import Gaps, explain_gaps
from spm_lib.reps.mix import MixColumn
from spm_lib.reps.peers import Peers, PeerTable, PeerValue, peers_of, read_peers
from spm_lib.reps.peers_definitions import declare_peers_ids
from spm_lib.reps.reliability import Reliability, reliability
from spm_lib.reps.skill import Skill
from spm_lib.reps.skill_definitions import declare_skill_ids
from spm_lib.reps.skills import RepSkills, rep_skills
from spm_lib.reps.win_rates import WinRates, compare_win_rates

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
    "peers_of",
    "plan_coaching",
    "read_peers",
    "reliability",
    "rep_skills",
]
