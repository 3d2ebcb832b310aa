"""The pay that a statement prints, cut to its scope: read from the client, or from a run's file."""

from __future__ import annotations

import json

from spm_lib.core.errors import PayError, PlanError, SpmError
from spm_lib.incentives import PaidPeriod, paid_period
from spm_lib.model import Company
from spm_lib.store import ClientFolder
from spm_lib.workspace import Scope

Outcome = PaidPeriod | SpmError


def paid_for(whole: Company, scope: Scope, *, plan: str = "", period: str = "") -> Outcome:
    """Return the kept pay as a scope may see it, or why there is none.

    Parameters
    ----------
    whole
        The whole company: its workspace file lies beside ``pay`` and ``plans``.
    scope
        Whose rows.
    plan, period
        Which pay; empty: the only plan, the last period.
    """
    if scope.part is not None:
        return PayError(
            "Pay is of people, and not of a part of the deals.",
            do="Make this report for the company, a manager, a team or a person",
        )
    client = ClientFolder.of(whole.settings.path)
    try:
        known = set(whole.table("reps")["rep_id"])
        return paid_period(client, plan=plan, period=period, rep_ids=scope.rep_ids, people=known)
    except (PayError, PlanError) as error:
        return error


def outcome_text(outcome: Outcome) -> str:
    """Return pay, or why there is none, as the text of a file."""
    if isinstance(outcome, PaidPeriod):
        return outcome.model_dump_json()
    told = {"error": outcome.what, "found": outcome.found, "do": outcome.do}
    return json.dumps(told, ensure_ascii=False)


def read_outcome(text: str) -> Outcome:
    """Return what ``outcome_text`` wrote."""
    told = json.loads(text)
    if "error" in told:
        return PayError(told["error"], found=told["found"], do=told["do"])
    return PaidPeriod.model_validate_json(text)
