"""Incentives: transactions and a pay plan's file come in, pay that is right to the cent goes out.

A plan is data (``load_plan``): every decision stands in the file. ``calculate`` works out five
tables (transactions, credits, measures, earnings, payments). May import every room above
``plans`` but ``charts``; no float comes near money here.
"""

from spm_lib.incentives.border.company import pay_data_of
from spm_lib.incentives.border.decided import read_decided
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.data import PayData, pay_data
from spm_lib.incentives.close.changes import PayChange, pay_change
from spm_lib.incentives.close.corrections import with_corrections
from spm_lib.incentives.close.ledger_files import Kept, PayFiles
from spm_lib.incentives.explain.explain import Explanation, explain
from spm_lib.incentives.lint.checked import calculate
from spm_lib.incentives.lint.findings import Finding
from spm_lib.incentives.lint.lint import lint
from spm_lib.incentives.modelling.attaining import BUDGET_STEPS, cost_by_attainment
from spm_lib.incentives.modelling.comparing import PlanComparison, compare_plans, inversions
from spm_lib.incentives.modelling.next_band import Reach, one_more_deal
from spm_lib.incentives.plan.load import load_plan, plan_from_content, plan_from_text
from spm_lib.incentives.plan.plan import Plan
from spm_lib.incentives.statement.capitalised import contract_cost_schedule
from spm_lib.incentives.statement.statement import PayStatement, pay_statement
from spm_lib.incentives.statement.trailing import NOT_LEGAL_ADVICE, worked_months_average

__all__ = [
    "BUDGET_STEPS",
    "NOT_LEGAL_ADVICE",
    "Explanation",
    "Finding",
    "Kept",
    "PayChange",
    "PayData",
    "PayFiles",
    "PayRun",
    "PayStatement",
    "Plan",
    "PlanComparison",
    "Reach",
    "calculate",
    "compare_plans",
    "contract_cost_schedule",
    "cost_by_attainment",
    "explain",
    "inversions",
    "lint",
    "load_plan",
    "one_more_deal",
    "pay_change",
    "pay_data",
    "pay_data_of",
    "pay_statement",
    "plan_from_content",
    "plan_from_text",
    "read_decided",
    "with_corrections",
    "worked_months_average",
]
