"""Over time: a person's year is split over its periods, by season, days, hiring and leave.

People and their dates, a calendar and a season come in; rows of the table ``targets`` come out, and
add up to the year exactly.
"""

from spm_lib.targets.over_time.changes import change_target, due_by, in_force, target_book
from spm_lib.targets.over_time.day_weights import DayWeights, intermediate_days
from spm_lib.targets.over_time.presence import Presence, presences
from spm_lib.targets.over_time.ramp_learning import LearnedRamp, learn_ramp
from spm_lib.targets.over_time.season import Season
from spm_lib.targets.over_time.season_learning import LearnedSeason, learn_season
from spm_lib.targets.over_time.time_plan import TimePlan, plan_time

__all__ = [
    "DayWeights",
    "LearnedRamp",
    "LearnedSeason",
    "Presence",
    "Season",
    "TimePlan",
    "change_target",
    "due_by",
    "in_force",
    "intermediate_days",
    "learn_ramp",
    "learn_season",
    "plan_time",
    "presences",
    "target_book",
]
