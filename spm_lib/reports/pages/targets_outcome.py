"""The target plan behind the targets report: built once, cut to the scope before anything else."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from spm_lib.core.errors import SpmError
from spm_lib.model import Figure, open_company
from spm_lib.plans import TargetPlan, TargetScenario
from spm_lib.reports.blocks import Cover, Section, Sentence
from spm_lib.reports.pages.page import Page
from spm_lib.reports.pages.targets_plan import plan_for, read_outcome

STRETCHED, SLACK = 1 / 3, 2 / 3  # odds under and over which a target is looked at again


class TargetsOutcome(Page):
    """What the parts of the targets report have in common.

    Parameters
    ----------
    scenario
        The scenario's name under ``scenarios/`` or the path of its file; empty: the proposal for
        the next year.
    plan
        File of the plan cut to the scope, which a run gives; empty: worked out here.
    """

    def __init__(
        self,
        workspace: str,
        *,
        scenario: str = "",
        as_of: str = "",
        language: str = "",
        scope: str = "",
        plan: str = "",
    ) -> None:
        super().__init__(workspace, as_of=as_of, language=language, scope=scope)
        self.proposed = not scenario
        if plan:
            self.outcome = read_outcome(Path(plan).read_text(encoding="utf-8"))
            return
        whole = self.company
        if self.company.scoped:
            whole = open_company(workspace, as_of=self.company.as_of)
        self.outcome = plan_for(whole, self.company.scope, scenario)

    @property
    def plan(self) -> TargetPlan:
        """The plan; parts ask ``outcome`` first whether there is one."""
        assert isinstance(self.outcome, TargetPlan)
        return self.outcome

    @property
    def scenario(self) -> TargetScenario:
        """The plan's scenario, without what the scope may not see."""
        return self.plan.scenario

    @property
    def whole(self) -> bool:
        """Whether the report is of the whole company."""
        return self.plan.company_target is not None

    @property
    def subtitle(self) -> str:
        """The scenario and the period of its targets, in words."""
        if not isinstance(self.outcome, TargetPlan):
            return self.span
        period = self.months_of(self.plan.window)
        name = self.text("Proposal") if self.proposed else self.scenario.name
        return self.text("{scenario}: {period}", scenario=name, period=period)

    def cover(self) -> Cover:
        """Return who the report is for, and which period the targets are of."""
        made = super().cover()
        if not isinstance(self.outcome, TargetPlan):
            return made
        window = (self.plan.window.start, self.plan.window.end)
        return made.model_copy(update={"window": window})

    @cached_property
    def _figures(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], Figure]:
        return {(f.metric, tuple(sorted(f.by.items()))): f for f in self.plan.figures}

    def told(self, metric: str, **by: str) -> Figure | None:
        """Return a figure of the plan; none where it has no value. Odds are those that it has."""
        metric = self.plan.odds_metric if metric == "target.odds" else metric
        found = self._figures.get((metric, tuple(sorted(by.items()))))
        return None if found is None or found.value is None else found

    @cached_property
    def people(self) -> list[dict]:
        """The rows of the plan's people, in the order of their names."""
        rows = self.plan.people.to_dicts()
        return sorted(rows, key=lambda row: (self.name_of(row["rep_id"]), row["rep_id"]))

    def name_of(self, rep_id: str | None) -> str:
        """Return the name to print for a person; an open post's in the page's language."""
        number = None if rep_id is None else self._posts.get(rep_id)
        if number is None:
            return super().name_of(rep_id)
        return self.text("New hire {number}", number=number)

    @cached_property
    def _posts(self) -> dict[str, str]:
        """The number of each open post by its id."""
        if not isinstance(self.outcome, TargetPlan):
            return {}
        posts = self.plan.people.filter("post")["rep_id"]
        return {rep: rep.rpartition(" ")[2] for rep in posts}

    def impossible(self, error: SpmError) -> Sentence:
        """Return why there is no plan."""
        reasons = [self.text(part) for part in (error.what, error.do) if part]
        return self.say("There is no target plan: {reason}", reason=" ".join(reasons))

    def without(self, title: str) -> Section:
        """Return a section that says why it is empty."""
        if not self.known("opportunities") and not self.known("orders"):
            return self.lacking(title, "opportunities")
        assert isinstance(self.outcome, SpmError)
        return self.section(title, self.paragraph(self.impossible(self.outcome), tone="missing"))
