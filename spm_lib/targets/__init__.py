"""Targets: a company's base rates and a setting of levers come in, odds of the target go out.

``baseline`` takes the rates from a Company; ``WhatIf`` draws once and then answers any setting
of the levers in milliseconds. ``Odds`` (chamber ``odds``) plays people's own pooled rates and the
deals open today, and tells the chance of every person's, team's and the company's target.
``hand_down`` shares a target out (chamber ``sharing``), ``plan_time`` splits it over the year
(``over_time``), ``plan_capacity`` adds up from below what people can bring (``capacity``),
``check_fairness`` says whom it stretches (``fairness``), and ``choose_kpis`` which few metrics go
with won amount (``kpis``). May import every room above ``plans``; charts and dashboards show what
it answers.
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
from spm_lib.targets.kpis.choosing import KpiChoice, choose_kpis
from spm_lib.targets.kpis.kpi_targets import KpiTargets, count_targets, ratio_targets, track
from spm_lib.targets.levers import Levers
from spm_lib.targets.odds.answer import OddsAnswer
from spm_lib.targets.odds.back_solve import BackSolved, back_solve
from spm_lib.targets.odds.levers import Hire, OddsLevers, PersonLevers
from spm_lib.targets.odds.odds import Odds
from spm_lib.targets.odds.record import odds_record, reliability
from spm_lib.targets.odds_definitions import declare_odds_ids
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
    "BackSolved",
    "Bars",
    "Baseline",
    "DayWeights",
    "Hire",
    "InfeasibleError",
    "KpiChoice",
    "KpiTargets",
    "Levers",
    "Odds",
    "OddsAnswer",
    "OddsLevers",
    "PersonLevers",
    "Season",
    "WhatIf",
    "back_solve",
    "bars_over",
    "baseline",
    "bases",
    "bookings_capacity",
    "change_target",
    "check_fairness",
    "choose_kpis",
    "close_gap",
    "count_targets",
    "due_by",
    "growth_limits",
    "hand_down",
    "in_force",
    "known_capacity",
    "learn_ramp",
    "learn_season",
    "multiplied",
    "needed_attainment",
    "odds_record",
    "own_odds",
    "plan_capacity",
    "plan_time",
    "pool_of",
    "ratio_targets",
    "reliability",
    "share_out",
    "target_book",
    "track",
]

declare_what_if_ids()
declare_plan_ids()
declare_odds_ids()
