"""Incentives: transactions and a pay plan's file come in, pay that is right to the cent goes out.

A plan is data (``load_plan``): every decision stands in the file. ``calculate`` works out five
tables (transactions, credits, measures, earnings, payments). May import every room above
``plans`` but ``charts``; no float comes near money here.
"""

from spm_lib.incentives.border.company import base_pay_of, pay_data_of
from spm_lib.incentives.border.decided import read_decided
from spm_lib.incentives.chain.calculate import PayRun
from spm_lib.incentives.chain.data import PayData, pay_data
from spm_lib.incentives.close.changes import PayChange, pay_change
from spm_lib.incentives.close.corrections import with_corrections
from spm_lib.incentives.close.ledger_files import Kept, PayFiles
from spm_lib.incentives.contract_cost.contracts import contract_costs
from spm_lib.incentives.contract_cost.schedule import CostPolicy, cost_schedule, roll_forward
from spm_lib.incentives.definitions import declare_pay_ids
from spm_lib.incentives.disputes.dispute import Dispute
from spm_lib.incentives.disputes.dispute_files import DisputeFiles
from spm_lib.incentives.explain.explain import Explanation, explain
from spm_lib.incentives.explain.set_aside_told import set_aside_told
from spm_lib.incentives.explain.statement import PayStatement, pay_statement
from spm_lib.incentives.lint.checked import calculate
from spm_lib.incentives.lint.findings import Finding
from spm_lib.incentives.lint.lint import lint
from spm_lib.incentives.modelling.attaining import BUDGET_STEPS, cost_by_attainment
from spm_lib.incentives.modelling.comparing import (
    PlanComparison,
    compare_plans,
    compare_runs,
    inversions,
)
from spm_lib.incentives.modelling.models_compared import ModelComparison, compare_models
from spm_lib.incentives.modelling.next_band import (
    NextBand,
    Reach,
    missing_to_bands,
    next_bands,
    one_more_deal,
)
from spm_lib.incentives.modelling.on_futures import model_pay
from spm_lib.incentives.modelling.pay_curve import PayCurve, pay_curve
from spm_lib.incentives.modelling.pay_model import PayModel, joined_models
from spm_lib.incentives.modelling.tag_changes import tag_changes
from spm_lib.incentives.modelling.usual import usual_quota, usual_role
from spm_lib.incentives.paid.paid_period import PaidPeriod, PersonPaid
from spm_lib.incentives.paid.reading import paid_period
from spm_lib.incentives.plan.load import load_plan, plan_from_content, plan_from_text
from spm_lib.incentives.plan.moved import moved_by_years
from spm_lib.incentives.plan.plan import Plan

__all__ = [
    "BUDGET_STEPS",
    "CostPolicy",
    "Dispute",
    "DisputeFiles",
    "Explanation",
    "Finding",
    "Kept",
    "ModelComparison",
    "NextBand",
    "PaidPeriod",
    "PayChange",
    "PayCurve",
    "PayData",
    "PayFiles",
    "PayModel",
    "PayRun",
    "PayStatement",
    "PersonPaid",
    "Plan",
    "PlanComparison",
    "Reach",
    "base_pay_of",
    "calculate",
    "compare_models",
    "compare_plans",
    "compare_runs",
    "contract_costs",
    "cost_by_attainment",
    "cost_schedule",
    "declare_pay_ids",
    "explain",
    "inversions",
    "joined_models",
    "lint",
    "load_plan",
    "missing_to_bands",
    "model_pay",
    "moved_by_years",
    "next_bands",
    "one_more_deal",
    "paid_period",
    "pay_change",
    "pay_curve",
    "pay_data",
    "pay_data_of",
    "pay_statement",
    "plan_from_content",
    "plan_from_text",
    "read_decided",
    "roll_forward",
    "set_aside_told",
    "tag_changes",
    "usual_quota",
    "usual_role",
    "with_corrections",
]

declare_pay_ids()
