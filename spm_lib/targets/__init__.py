"""Targets: a company's base rates and a setting of levers come in, odds of the target go out.

``baseline`` takes the rates from a Company; ``WhatIf`` draws once and then answers any setting
of the levers in milliseconds. ``Odds`` (chamber ``odds``) plays people's own pooled rates and the
deals open today, and tells the chance of every person's, team's and the company's target.
``hand_down`` shares a target out (chamber ``sharing``), ``plan_time`` splits it over the year
(``over_time``), ``plan_capacity`` adds up from below what people can bring (``capacity``), and
``check_fairness`` says whom it stretches (``fairness``). May import every room above ``plans``;
charts and dashboards show what it answers.
"""

from spm_lib.targets.bars import Bars, bars_over
from spm_lib.targets.baseline import Baseline, baseline
from spm_lib.targets.capacity import (
    bookings_capacity,
    close_gap,
    known_capacity,
    plan_capacity,
)
from spm_lib.targets.definitions import declare_what_if_ids
from spm_lib.targets.fairness import check_fairness, own_odds
from spm_lib.targets.levers import Levers
from spm_lib.targets.odds.answer import OddsAnswer
from spm_lib.targets.odds.levers import Hire, OddsLevers, PersonLevers
from spm_lib.targets.odds.odds import Odds
from spm_lib.targets.over_time import (
    DayWeights,
    Season,
    change_target,
    due_by,
    in_force,
    learn_ramp,
    learn_season,
    plan_time,
    target_book,
)
from spm_lib.targets.plan_definitions import declare_plan_ids
from spm_lib.targets.sharing import (
    InfeasibleError,
    bases,
    growth_limits,
    hand_down,
    multiplied,
    needed_attainment,
    pool_of,
    share_out,
)
from spm_lib.targets.what_if import Answer, WhatIf

__all__ = [
    "Answer",
    "Bars",
    "Baseline",
    "DayWeights",
    "Hire",
    "InfeasibleError",
    "Levers",
    "Odds",
    "OddsAnswer",
    "OddsLevers",
    "PersonLevers",
    "Season",
    "WhatIf",
    "bars_over",
    "baseline",
    "bases",
    "bookings_capacity",
    "change_target",
    "check_fairness",
    "close_gap",
    "due_by",
    "growth_limits",
    "hand_down",
    "in_force",
    "known_capacity",
    "learn_ramp",
    "learn_season",
    "multiplied",
    "needed_attainment",
    "own_odds",
    "plan_capacity",
    "plan_time",
    "pool_of",
    "share_out",
    "target_book",
]

declare_what_if_ids()
declare_plan_ids()
