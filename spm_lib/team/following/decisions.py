"""Decided target changes: the plan with every granted target, the rest shared out anew."""

from __future__ import annotations

from collections.abc import Iterable

from spm_lib.plans import TargetScenario
from spm_lib.team.records.target_request import TargetRequest


def with_decisions(scenario: TargetScenario, requests: Iterable[TargetRequest]) -> TargetScenario:
    """Return a target scenario in which every granted target stands, locked.

    When the plan is built the others make up for it, and every level adds up exactly.
    A request that stands there already is not added again.

    Parameters
    ----------
    scenario
        The plan's.
    requests
        Any; those that were not granted change nothing.

    Raises
    ------
    ParameterError
        If a row cannot be.

    Examples
    --------
    >>> from spm_lib.plans.scenarios.target_scenario import example_scenario
    >>> granted = TargetRequest("R1", 1, 500, 400, "one account", "approved", 400, "it is true")
    >>> made = with_decisions(example_scenario(), [granted])
    >>> made.rows[-1].set, made.rows[-1].lock, with_decisions(made, [granted]) == made
    (400, True, True)
    """
    for request in requests:
        if request.decided is None:
            continue
        note = f"request {request.number}: {request.decision}"
        there = {(row.rep_id, row.set, row.note) for row in scenario.rows}
        if (request.rep_id, request.decided, note) not in there:
            scenario = scenario.with_row(
                rep_id=request.rep_id, set=request.decided, lock=True, note=note
            )
    return scenario
