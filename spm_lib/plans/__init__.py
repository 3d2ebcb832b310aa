"""Plans: settings of the levers come in, scenario files go out and come back.

A scenario is one small TOML file in the client's folder, behind the dashboard and any report.
May import every room above ``reports`` but ``charts``.
"""

from spm_lib.plans.scenario import (
    Scenario,
    load_scenario,
    read_scenario,
    save_scenario,
    scenario_names,
)

__all__ = ["Scenario", "load_scenario", "read_scenario", "save_scenario", "scenario_names"]
