"""The linter: faults and risks of a plan that can be seen before anybody is paid by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from spm_lib.core.errors import PlanError
from spm_lib.core.language import language
from spm_lib.core.money import exponent
from spm_lib.core.statement import Statement
from spm_lib.incentives.chain.arithmetic import decimal_of
from spm_lib.incentives.lint.dates import credit_gaps, role_gaps, target_gaps, version_gaps
from spm_lib.incentives.lint.findings import Finding
from spm_lib.incentives.lint.lookups import bonuses, contests, ladders, matrices, pools
from spm_lib.incentives.lint.trial import Trial, trial_of
from spm_lib.incentives.plan.plan import Plan
from spm_lib.incentives.plan.rules import relative

_ONE, _PERCENT = Fraction(1), Fraction(1, 100)


def lint(plan: Plan, *, quota: Decimal | None = None) -> list[Finding]:
    """Return what is wrong or risky in a plan, errors first.

    Found are: weights of target pay that do not add up to 1; target pay at 100 % attainment that
    is not target pay; days on which no version of a rule is in force, nobody has target pay, no
    rule credits deals or none pays a role; cliffs (the largest jump in pay for the next 1 % of
    sales); pay that falls when sales rise; reasons to hold deals back or to pull them forward;
    caps that bite under target. Matrices, scores, bonuses, contests and pools are looked at too:
    jumps between cells, rungs and prizes, those that fall, and pay that hangs on nobody's sales.

    Parameters
    ----------
    quota
        The quota of a period, in major units, at which rules over attainment are tried; default
        100,000.
    """
    trial = trial_of(plan, quota)
    checks: tuple[Callable[[Plan, Trial], Iterator[Finding]], ...] = (
        _weights,
        _target_pay,
        version_gaps,
        target_gaps,
        credit_gaps,
        role_gaps,
        _cliffs,
        _falling,
        _timing,
        _caps,
        matrices,
        ladders,
        bonuses,
        contests,
        pools,
    )
    found = [finding for check in checks for finding in check(plan, trial)]
    return sorted(found, key=lambda finding: finding.level)


def check_plan(plan: Plan) -> list[Finding]:
    """Return a plan's warnings; refuse it if there are errors.

    Raises
    ------
    PlanError
        If the linter finds an error; all of them in one message.
    """
    findings = lint(plan)
    errors = [f.tell(language("en")) for f in findings if f.level == "error"]
    if errors:
        lines = "".join(f"\n  - {error}" for error in errors)
        raise PlanError(f"The plan '{plan.plan.id}' cannot run:{lines}")
    return findings


def _percent(value: Fraction) -> str:
    return f"{decimal_of(value * 100, 2).normalize():f}%"


def _weights(plan: Plan, _: Trial) -> Iterator[Finding]:
    """Weights of all components that pay a share of target pay add up to 1 on every day."""
    for day, role in _situations(plan):
        paid = [
            c
            for c in plan.components_on(day)
            if relative(c) and (role is None or plan.pays_role(c, role))
        ]
        total = sum((Fraction(c.weight or 0) for c in paid), Fraction(0))
        if paid and total != 1:
            whose = f" ({role})" if role else ""
            yield Finding(
                "error",
                "weights",
                ", ".join(c.id for c in paid) + whose,
                _percent(total - 1),
                Statement("The weights add up to {total}.", {"total": _percent(total)}),
                Statement("Make them add up to 1, so that target pay is paid at target."),
            )
            return


def _situations(plan: Plan) -> Iterator[tuple[date, str | None]]:
    """Return each day on which rules change, with each role that any rule names."""
    roles = sorted({r for c in plan.components for r in (c.roles or plan.plan.roles)})
    edges = {plan.plan.valid_from} | {
        c.valid_from for c in plan.components if c.valid_from and c.valid_from < plan.plan.valid_to
    }
    for day in sorted(edges):
        yield from ((day, role) for role in roles or [None])


def _target_pay(plan: Plan, trial: Trial) -> Iterator[Finding]:
    for component in plan.components:
        if not relative(component):
            continue
        shape = trial.shape(component)
        if shape is None:
            continue
        factor, wanted = shape.at(_ONE), component.at_target
        if factor != (1 if wanted is None else Fraction(wanted)):
            yield Finding(
                "error",
                "target-pay",
                component.id,
                _percent(factor - 1),
                Statement(
                    "At 100% attainment it pays {paid} of target pay.", {"paid": _percent(factor)}
                ),
                Statement(
                    "Let attainment 1 pay 1, or state what it pays: at_target = {stated}.",
                    {"stated": str(decimal_of(factor, 4).normalize())},
                ),
            )


def _cliffs(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Find the largest jump in pay for the next 1 % of sales."""
    for component in plan.components:
        shape = trial.money(component)
        jumps = [] if shape is None else [(height, at) for at, height in shape.jumps if height > 0]
        if not jumps:
            continue
        height, at = max(jumps)
        yield Finding(
            "warning",
            "cliff",
            component.id,
            trial.amount(height),
            Statement(
                "At {at} the next 1% of sales pays {jump} more at once.",
                {"at": trial.place(component, at), "jump": trial.amount(height)},
            ),
            Statement('Use how = "marginal", or more and smaller steps.'),
        )


def _falling(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Pay that falls when sales rise: a negative rate, or a jump down at a bound."""
    for component in plan.components:
        shape = trial.money(component)
        if shape is None:
            continue
        down = [(at, height) for at, height in shape.jumps if height < 0]
        negative = [p for p in shape.pieces if p.slope < 0]
        if not down and not negative:
            continue
        at, height = min(down, key=lambda pair: pair[1]) if down else (Fraction(0), Fraction(0))
        loss = trial.amount(-height) if down else _percent(-negative[0].slope / trial.unit)
        yield Finding(
            "error",
            "falling",
            component.id,
            loss,
            Statement(
                "Selling more pays less: {loss} at {at}.",
                {"loss": loss, "at": trial.place(component, at)},
            ),
            Statement("Let rates of whole-amount bands rise, and write none under 0."),
        )


def _timing(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Reasons to hold a deal back, or to pull it forward, over the end of a period.

    Two periods with the same sales are set beside one with more and one with less: where pay is
    not the same, moving a deal over the end of the period is paid.
    """
    for component in plan.components:
        grouping = component.grouping or plan.decisions.grouping
        shape = trial.money(component)
        if shape is None or grouping != "period" or component.pays.kind == "rate":
            continue
        at = trial.middle(component)
        moved = at / 10
        together = shape.at(at + moved) + shape.at(at - moved) - 2 * shape.at(at)
        lower = shape.at(at / 2 + moved) + shape.at(at / 2 - moved) - 2 * shape.at(at / 2)
        gain = max(together, lower, key=abs)
        if gain == 0:
            continue
        values = {"gain": trial.amount(abs(gain)), "moved": trial.place(component, moved)}
        text = (
            "Moving {moved} of sales into a stronger period pays {gain} more."
            if gain > 0
            else "Moving {moved} of sales into a weaker period pays {gain} more."
        )
        yield Finding(
            "warning",
            "pull-forward" if gain > 0 else "hold-back",
            component.id,
            trial.amount(abs(gain)),
            Statement(text, values),
            Statement('Use grouping = "to_date" with true_up = "deduct" over a longer reset.'),
        )


def _caps(plan: Plan, trial: Trial) -> Iterator[Finding]:
    """Caps that take something off at or under target."""
    for component in plan.components:
        cap, shape = component.cap, trial.money(component)
        if cap is None or shape is None:
            continue
        on = cap.on or plan.decisions.cap.at
        target = trial.target(component)
        at_target = shape.at(trial.middle(component))
        if on == "attainment":
            limit, reached = Fraction(cap.times_target or 0), _ONE
            lost = at_target - shape.at(trial.middle(component) * limit)
        else:
            times = cap.times_target
            unit = Fraction(10 ** exponent(plan.plan.currency))
            limit = Fraction(cap.amount or 0) * unit if times is None else Fraction(times) * target
            reached, lost = at_target, at_target - limit
        if limit < reached and (lost > 0 or on == "attainment"):
            yield Finding(
                "error" if relative(component) else "warning",
                "cap",
                component.id,
                trial.amount(lost),
                Statement(
                    "The cap bites under target: {lost} is lost at 100% attainment.",
                    {"lost": trial.amount(lost)},
                ),
                Statement("Raise the cap above what is paid at target, or leave it out."),
            )
