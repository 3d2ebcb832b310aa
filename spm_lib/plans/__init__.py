"""Plans: scenarios come in, target plans go out, built the same way for every page and command.

A scenario is one small TOML file in the client's folder: the levers of the what-if (``Scenario``),
or a whole target plan (``TargetScenario``), which ``build`` makes into a ``TargetPlan``. May import
every room above ``reports`` but ``charts``.
"""

from spm_lib.plans.comparing.compare import NO_PAY_PLAN, Comparison, compare
from spm_lib.plans.comparing.solve import Solution, solve
from spm_lib.plans.paying.scenario_pay import FUTURES, ScenarioPay
from spm_lib.plans.planning.approved import ApprovedTargets, asked_by
from spm_lib.plans.planning.definitions import declare_plan_ids
from spm_lib.plans.planning.plan_file import plan_text, read_plan
from spm_lib.plans.planning.planner import Planner, build
from spm_lib.plans.planning.propose import asked_target, propose
from spm_lib.plans.planning.target_plan import TargetPlan
from spm_lib.plans.scenario import (
    Scenario,
    load_scenario,
    read_scenario,
    save_scenario,
    scenario_names,
)
from spm_lib.plans.scenarios.keeping import (
    load_target_scenario,
    save_target_scenario,
    target_scenario_names,
)
from spm_lib.plans.scenarios.sections import Basis, Joining, OverTime, Row, Share, Turned
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.plans.scenarios.toml_text import read_target_scenario, scenario_text

__all__ = [
    "FUTURES",
    "NO_PAY_PLAN",
    "ApprovedTargets",
    "Basis",
    "Comparison",
    "Joining",
    "OverTime",
    "Planner",
    "Row",
    "Scenario",
    "ScenarioPay",
    "Share",
    "Solution",
    "TargetPlan",
    "TargetScenario",
    "Turned",
    "asked_by",
    "asked_target",
    "build",
    "compare",
    "load_scenario",
    "load_target_scenario",
    "plan_text",
    "propose",
    "read_plan",
    "read_scenario",
    "read_target_scenario",
    "save_scenario",
    "save_target_scenario",
    "scenario_names",
    "scenario_text",
    "solve",
    "target_scenario_names",
]

declare_plan_ids()
