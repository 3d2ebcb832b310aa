"""Pay worked out by a plan that the linter has no error against."""

from __future__ import annotations

from spm_lib.incentives.chain.calculate import PayRun, work_out
from spm_lib.incentives.chain.data import PayData
from spm_lib.incentives.lint.lint import check_plan
from spm_lib.incentives.plan.plan import Plan


def calculate(plan: Plan, data: PayData, *, through: str | None = None) -> PayRun:
    """Work out what a plan pays, from its first period to the last one asked for.

    Parameters
    ----------
    plan, data
        The plan, and the tables it is worked out from.
    through
        Label of the last period, such as "2026-09"; default: that of the last transaction.
        Nothing that happened after it is looked at.

    Raises
    ------
    PlanError
        If the linter finds an error in the plan.
    PayError
        If a seller is unknown, a rate, quota, target pay or score is missing, or anything else
        stands in the way; nothing unknown is paid as 0.
    """
    check_plan(plan)
    return work_out(plan, data, through=through)
