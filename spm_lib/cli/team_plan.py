"""``spm team plan``: how target plans stand; propose one, approve it, or take it back."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.options import WORKSPACE, Tongue, Workspace
from spm_lib.cli.team_desk import ANALYST, On, Seat, Spoken, Viewer, print_spoken, seated

if TYPE_CHECKING:
    from spm_lib.core.language import Language

_HISTORY = ("Number", "Plan", "From", "To", "Status", "By", "On", "Reason")


class Step(StrEnum):
    """What becomes of a plan."""

    proposed = "proposed"
    approved = "approved"


def plan(
    name: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Target plan; default: list them all.")
    ] = "",
    to: Annotated[Step | None, typer.Option("--to", help="What becomes of it.")] = None,
    why: Annotated[str, typer.Option("--why", help="The reason.")] = "",
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
) -> None:
    """List how target plans stand, by whom, when and why; or propose one, or approve it.

    Letters go out of a plan that is approved as its file says now. An approved plan supersedes
    others of the same days, and whatever is changed in it is to be proposed and approved again.
    """
    from spm_lib.core.errors import ParameterError, ScopeError
    from spm_lib.core.language import language as tongue
    from spm_lib.plans import load_target_scenario
    from spm_lib.team import approval, proposal
    from spm_lib.team.register.event import COMPANY

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    if not seat.desk.viewer.sees(COMPANY):
        raise ScopeError(
            "Target plans are proposed, approved and listed by somebody who may see the company.",
            do="Let somebody do it whose scope in [access] is company, with --as NAME",
        )
    if to is None:
        _print_history(seat, name, spoken)
        return
    if not name:
        raise ParameterError("Which plan?", do="Name the scenario")
    scenario = load_target_scenario(seat.company.settings.path, name)
    make = proposal if to is Step.proposed else approval
    entries = make(seat.desk.plan_states(), scenario, reason=why)
    seat.desk.enter(entries, at=seat.at)
    for _, one in entries:
        typer.echo(f"{one.number} {one.name}: {spoken.text(one.status)}")


def _print_history(seat: Seat, name: str, spoken: Language) -> None:
    from spm_lib.team import TargetPlanState
    from spm_lib.team.following.plan_approval import reason_told
    from spm_lib.team.records.kinds import record_of

    rows = []
    for event in seat.desk.events(kinds=["target_plan"]):
        one: TargetPlanState = record_of(event)
        if name in ("", one.name):
            days = (spoken.date(one.start), spoken.date(one.end))
            day = spoken.date(seat.company.calendar.local_date(event.at))
            told = (str(one.number), one.name, *days, spoken.text(one.status))
            rows.append((*told, event.author.name, day, reason_told(one, spoken)))
    if not rows:
        typer.echo(spoken.text("No target plan was proposed yet."))
        return
    print_spoken(_HISTORY, rows, spoken, right=_HISTORY[:1], wrapped=("Reason",))
