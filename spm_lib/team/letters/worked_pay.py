"""What one person would earn at 50, 80, 100 and 120 % of the target, worked out by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from spm_lib.incentives import PayData, Plan, cost_by_attainment, pay_data
from spm_lib.incentives.chain.periods import pay_periods
from spm_lib.incentives.plan.pays import BonusPay, TablePay
from spm_lib.incentives.plan.plan import Component
from spm_lib.team.letters.letter import MonthTarget, WorkedPay

STEPS = (Decimal("0.5"), Decimal("0.8"), Decimal(1), Decimal("1.2"))
_FUNCTIONS = ("rate", "table", "curve", "goal", "bonus")
_OWNER = {"id": "owner", "to": "owner"}


@dataclass(frozen=True)
class Paid:
    """One person as the engine pays it: id, role, and day of hiring (null: not known)."""

    rep_id: str
    role: str | None = None
    hired_on: date | None = None


def worked_pay(
    plan: Plan, person: Paid, targets: Sequence[MonthTarget], *, metric: str
) -> tuple[tuple[WorkedPay, ...], tuple[str, ...]]:
    """Return what a person would earn at each of ``STEPS``, and the components left out.

    As if every target was attained to the same share by one deal on its first day. What is
    earned counts, whenever it is paid: no release, draw, clawback or other person comes into it.
    Components are left out that are no function of the sales held against this target: scores,
    pools, contests, single deals, other measures, gates and multipliers. Without a component left
    or a target in the plan's time there is nothing to tell.

    Parameters
    ----------
    plan
        The pay plan.
    person
        Whom it pays.
    targets
        In minor units; those outside the plan's time do not count.
    metric
        What the targets are called as quotas.

    Raises
    ------
    PayError, PlanError
        If the engine cannot work it out.
    """
    head = plan.plan
    roles = [c for c in plan.components if plan.pays_role(c, person.role)]
    usable = [c for c in roles if _usable(c, plan, metric)]
    left_out = tuple(c.name for c in roles if c not in usable)
    mine = [t for t in targets if head.valid_from <= t.start and t.end <= head.valid_to and t.value]
    if not usable or not mine:
        return (), left_out
    part = _cut(plan, usable)
    last = next(p for p in pay_periods(part) if p.start <= mine[-1].start < p.end)
    found = cost_by_attainment(
        part,
        _data(person, mine, metric),
        measure=str(usable[0].measure),
        through=last.label,
        steps=STEPS,
        whole=False,
    )
    told = found.select("attainment", "sales", "pay").iter_rows()
    return tuple(WorkedPay(attainment=a.normalize(), sales=s, pay=p) for a, s, p in told), left_out


def _usable(component: Component, plan: Plan, metric: str) -> bool:
    pays = component.pays
    if component.measure is None or pays.kind not in _FUNCTIONS:
        return False
    measure = plan.measure(component.measure)
    plain = not (measure.where or measure.event) and measure.base == "amount"
    by_deal = (component.grouping or plan.decisions.grouping) == "transaction"
    if isinstance(pays, TablePay) and pays.attained_by:
        return False
    if isinstance(pays, BonusPay) and pays.per != "period":
        return False
    bent = bool(component.gates or component.multipliers)
    return plain and not by_deal and not bent and (measure.quota or measure.id) == metric


def _cut(plan: Plan, components: Sequence[Component]) -> Plan:
    """Return the plan with these components only, and nothing that delays or takes back pay."""
    content = plan.model_dump()
    names = {c.measure for c in components}
    kept = {c.id for c in components}
    rows = [c | {"release": None} for c in content["components"] if c["id"] in kept]
    measures = [m | {"credits": ()} for m in content["measures"] if m["id"] in names]
    cut = {"components": rows, "measures": measures, "credits": [_OWNER], "draws": ()}
    more = {"clawback": None, "source": plan.source}
    return Plan.model_validate({**content, **cut, **more})


def _data(person: Paid, targets: Sequence[MonthTarget], metric: str) -> PayData:
    deals = pl.DataFrame(
        {
            "transaction_id": [f"T{n}" for n, _ in enumerate(targets)],
            "rep_id": [person.rep_id] * len(targets),
            "date": [t.start for t in targets],
            "amount": [t.value for t in targets],
        }
    )
    quotas = pl.DataFrame(
        {
            "rep_id": [person.rep_id] * len(targets),
            "quota": [metric] * len(targets),
            "period_start": [t.start for t in targets],
            "period_end": [t.end for t in targets],
            "value": [t.value for t in targets],
        }
    )
    people = pl.DataFrame(
        {"rep_id": [person.rep_id], "name": [person.rep_id], "role": [person.role],
         "hired_on": [person.hired_on], "valid_from": [targets[0].start],
         "valid_to": [targets[-1].end]},
        schema_overrides={"role": pl.String, "hired_on": pl.Date},
    )  # fmt: skip
    return pay_data(transactions=deals, people=people, quotas=quotas)
