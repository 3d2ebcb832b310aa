"""What the pay plans that a scenario names would pay under its targets."""

from __future__ import annotations

from spm_lib.plans import TargetPlan
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages.page import number
from spm_lib.reports.pages.targets_kpis import TargetsKpis

PAY = "What it pays"


class TargetsPay(TargetsKpis):
    """The part of the targets report about pay."""

    def expected_pay(self) -> Section | None:
        """Return what the company and each person would pay and be paid; none: no plan is named."""
        if not isinstance(self.outcome, TargetPlan) or self.plan.pay is None:
            return None
        notes = [self.say("{note}", note=n.tell(self.language)) for n in self.plan.pay.notes]
        said = self._cost_told() if self.whole else []
        return self.section(PAY, self.paragraph(*said, *notes), self._paid())

    def _cost_told(self) -> list[Sentence]:
        expected, rate = self.told("pay.expected"), self.told("pay.cost_rate")
        ccos = self.told("pay.ccos")
        assert self.plan.pay is not None
        plans = [self.language.isolate(name) for name in self.plan.pay.plans]
        shown = Number.model_validate({"figure": expected, "part": "interval", "compact": True})
        said = [
            self.say(
                "By {plans} the company would pay {pay}, {range} in 8 of 10 simulated years.",
                plans=self.language.list(plans),
                pay=expected,
                range=shown,
            )
        ]
        if rate is not None:
            said.append(self.say("That is {rate} of what the people paid would book.", rate=rate))
        if ccos is not None:
            said.append(self.say("With base pay it is {ccos} of it.", ccos=ccos))
        return said

    def _paid(self) -> Block | None:
        """Return each person's expected pay beside the target and the odds."""
        assert self.plan.pay is not None
        targets = set(self.plan.people["rep_id"])
        rows = []
        for rep in self.plan.pay.people["rep_id"]:
            expected = self.told("pay.expected", rep_id=rep)
            target = self.told("target.value", rep_id=rep) if rep in targets else None
            parts = [number(expected, part=part, compact=True) for part in ("low", "high")]
            shown = number(target, compact=True)
            rows.append((words(self.name_of(rep)), shown, number(expected, compact=True), *parts))
        columns = [
            Column(title="Person"),
            Column(title="Target", kind="money"),
            Column(title="Expected pay", kind="money"),
            Column(title="P10", kind="money"),
            Column(title="P90", kind="money"),
        ]
        note = (
            "Expected pay adds up to the company's; one year in ten lies under P10, one over P90."
        )
        return self.table(columns, rows, title="Pay by person", note=note)
