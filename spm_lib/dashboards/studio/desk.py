"""What lies on the studio's desk: the scenario as it stands, its plan, and what it began with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from spm_lib.core.errors import ParameterError
from spm_lib.core.language import Language
from spm_lib.dashboards.studio.edits import cells_of, edited
from spm_lib.dashboards.studio.levers import Levers
from spm_lib.model import Company
from spm_lib.plans import Planner, TargetPlan, TargetScenario
from spm_lib.targets.odds.odds import DRAWS, SETTLED


class Desk:
    """A scenario that levers and edits change, and the plan of its last setting that could be.

    Parameters
    ----------
    company
        The rows, as a company of their own.
    scenario
        To begin with.
    language
        Of what is told.
    whole
        Whether the target may be moved; a team's is given from above.
    kept
        As of ``Planner``.

    Raises
    ------
    SpmError
        If there is no plan of the scenario.
    """

    def __init__(
        self,
        company: Company,
        scenario: TargetScenario,
        language: Language,
        *,
        whole: bool,
        kept: Path | None = None,
    ) -> None:
        self.planner = Planner(company, kept=kept)
        self.language, self.whole = language, whole
        self.start = scenario
        self.begin(scenario)

    def begin(self, scenario: TargetScenario) -> None:
        """Take up a scenario.

        Raises
        ------
        SpmError
            If there is no plan of it; what was there stays.
        """
        self.plan = self.planner.plan(scenario, draws=DRAWS)
        self.begun = self.scenario = scenario
        self.levers = Levers(
            scenario, self.plan.year.ramp, self.language, fixed_target=not self.whole
        )
        self._values: dict[str, float] = {}
        self._begun_plan: TargetPlan | None = None
        self._beside: TargetPlan | None = None

    @property
    def against(self) -> TargetPlan | None:
        """The plan to compare with: one set beside, else the one begun with; null: it is that."""
        if self._beside is not None:
            return self._beside
        return None if self.scenario == self.begun else self._begun_plan

    def set_beside(self, scenario: TargetScenario | None) -> None:
        """Compare with another scenario from now on; null: with the one begun with.

        Raises
        ------
        SpmError
            If there is no plan of it.
        """
        plan = None if scenario is None else self.planner.plan(scenario, draws=SETTLED)
        self._beside = plan

    def turn(
        self, values: Mapping[str, float], edits: Sequence[Mapping[str, Any]], *, draws: int
    ) -> None:
        """Work out the plan of a setting; where there is none, all stays as it was.

        Parameters
        ----------
        values
            Of the levers, by name; those that are not told stay where they began.
        edits
            Of the table, in order: ``rep, field, value`` (see ``edited``).

        Raises
        ------
        SpmError
            If a lever or an edit says what cannot be, or leaves no room: what to change.
        """
        levers = self.levers
        if edits:
            levers = replace(levers, origin=self._edited(levers.origin, edits))
        scenario = levers.turned(values)
        plan = self.planner.plan(scenario, draws=draws)
        self.levers, self.scenario, self.plan = levers, scenario, plan
        self._values = dict(values)
        if draws == SETTLED and self._begun_plan is None:
            same = scenario == self.begun
            self._begun_plan = plan if same else self.planner.plan(self.begun, draws=SETTLED)

    def settle(self) -> None:
        """Work out the plan of the setting as reports print it."""
        self.turn(self._values, (), draws=SETTLED)

    def _edited(
        self, scenario: TargetScenario, edits: Sequence[Mapping[str, Any]]
    ) -> TargetScenario:
        targets = dict.fromkeys(self.plan.left_out["rep_id"], 0)
        targets |= self.plan.people.select("rep_id", "target").iter_rows()
        for edit in edits:
            rep = edit["rep"]
            if not isinstance(rep, str) or rep not in targets:
                raise ParameterError("There is nobody of that id on this page.")
            scenario = edited(scenario, rep, edit["field"], edit["value"], target=targets[rep])
        return scenario

    def told(self) -> dict[str, str]:
        """Return the levers' values as the reader reads them."""
        return {
            lever.name: lever.told(self._values.get(lever.name, lever.value))
            for lever in self.levers.all()
        }

    def cells(self) -> dict[str, dict[str, Any]]:
        """Return what the inputs of everybody's line say."""
        told = (*self.plan.people["rep_id"], *self.plan.left_out["rep_id"])
        return {rep: cells_of(self.scenario, rep) for rep in told}
