"""Days of a plan on which a rule that others lean on is not in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from spm_lib.core.statement import Statement
from spm_lib.incentives.lint.findings import Finding
from spm_lib.incentives.lint.trial import Trial
from spm_lib.incentives.plan.plan import Plan
from spm_lib.incentives.plan.rules import relative
from spm_lib.incentives.plan.section import Dated


def uncovered(plan: Plan, sections: Iterable[Dated]) -> list[tuple[date, date]]:
    """Return the stretches of a plan's days on which none of the sections is in force."""
    reached, found = plan.plan.valid_from, []
    for section in sorted(sections, key=lambda s: s.valid_from or date.min):
        begins = min(section.valid_from or plan.plan.valid_from, plan.plan.valid_to)
        if begins > reached:
            found.append((reached, begins))
        reached = max(reached, section.valid_to or plan.plan.valid_to)
    return [*found, (reached, plan.plan.valid_to)] if reached < plan.plan.valid_to else found


def version_gaps(plan: Plan, _: Trial) -> Iterator[Finding]:
    """Versions of one rule follow each other without days between them."""
    for name in dict.fromkeys(c.id for c in plan.components):
        versions = [c for c in plan.components if c.id == name]
        ordered = sorted(versions, key=lambda c: c.valid_from or date.min)
        for one, other in pairwise(ordered):
            if one.valid_to and other.valid_from and one.valid_to < other.valid_from:
                text = Statement(
                    "From {start} to {end} no version is in force: deals would pay nothing.",
                    {"start": one.valid_to, "end": other.valid_from},
                )
                mend = Statement("Let the later version begin on {day}.", {"day": one.valid_to})
                days = _days((one.valid_to, other.valid_from))
                yield Finding("error", "gap", name, days, text, mend)


def target_gaps(plan: Plan, _: Trial) -> Iterator[Finding]:
    """Target pay is stated on every day of the plan: of everybody, or of each role that is paid."""
    of_all = [t for t in plan.target_pay if not t.rep and not t.role]
    paid = [c for c in plan.components if relative(c)]
    roles = sorted({role for c in paid for role in (c.roles or plan.plan.roles)})
    person_by_person = any(t.rep for t in plan.target_pay)
    for role in roles or [None]:
        rows = [*of_all, *(t for t in plan.target_pay if role and t.role == role)]
        if not rows and (person_by_person or role is None):
            continue
        for gap in uncovered(plan, rows):
            yield Finding(
                "error",
                "target-gap",
                f"target_pay ({role})" if role else "target_pay",
                _days(gap),
                Statement(
                    "From {start} to {end} there is no target pay.",
                    {"start": gap[0], "end": gap[1]},
                ),
                Statement("Let it begin on {day}.", {"day": gap[0]}),
            )


def credit_gaps(plan: Plan, _: Trial) -> Iterator[Finding]:
    """Find days on which no rule credits deals, or none whose credit a measure counts."""
    direct = [rule for rule in plan.credits if rule.kind == "direct"]
    for gap in uncovered(plan, direct):
        yield Finding(
            "error",
            "credit-gap",
            "credits",
            _days(gap),
            Statement(
                "From {start} to {end} no rule credits deals: they would be refused.",
                {"start": gap[0], "end": gap[1]},
            ),
            Statement("Let a rule of credit begin on {day}.", {"day": gap[0]}),
        )
    for measure in plan.measures:
        counted = [rule for rule in plan.credits if rule.id in measure.credits]
        for gap in uncovered(plan, counted) if counted else ():
            yield Finding(
                "warning",
                "credit-gap",
                measure.id,
                _days(gap),
                Statement(
                    "From {start} to {end} no credit counts for the measure.",
                    {"start": gap[0], "end": gap[1]},
                ),
                Statement(
                    "Let one of its rules of credit begin on {day}, or add the rule that follows.",
                    {"day": gap[0]},
                ),
            )


def role_gaps(plan: Plan, _: Trial) -> Iterator[Finding]:
    """Find days on which no rule pays a role of the plan."""
    for role in plan.plan.roles:
        for gap in uncovered(plan, [c for c in plan.components if plan.pays_role(c, role)]):
            yield Finding(
                "warning",
                "role-gap",
                role,
                _days(gap),
                Statement(
                    "From {start} to {end} no rule pays the role.",
                    {"start": gap[0], "end": gap[1]},
                ),
                Statement("Add a rule for it, or take it out of the plan's roles."),
            )


def _days(gap: tuple[date, date]) -> str:
    return f"{(gap[1] - gap[0]).days} days"
