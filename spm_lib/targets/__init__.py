"""Targets: a company's base rates and a setting of levers come in, odds of the target go out.

``baseline`` takes the rates from a Company; ``WhatIf`` draws once and then answers any setting
of the levers in milliseconds. ``Odds`` (chamber ``odds``) plays people's own pooled rates and the
deals open today, and tells the chance of every person's, team's and the company's target. May
import every room above ``plans``; charts and dashboards show what it answers.
"""

from spm_lib.targets.bars import Bars, bars_over
from spm_lib.targets.baseline import Baseline, baseline
from spm_lib.targets.definitions import declare_what_if_ids
from spm_lib.targets.levers import Levers
from spm_lib.targets.odds.answer import OddsAnswer
from spm_lib.targets.odds.levers import Hire, OddsLevers, PersonLevers
from spm_lib.targets.odds.odds import Odds
from spm_lib.targets.what_if import Answer, WhatIf

__all__ = [
    "Answer",
    "Bars",
    "Baseline",
    "Hire",
    "Levers",
    "Odds",
    "OddsAnswer",
    "OddsLevers",
    "PersonLevers",
    "WhatIf",
    "bars_over",
    "baseline",
]

declare_what_if_ids()
