"""``spm pay dispute``: take disputes in, list them by age, answer them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, Workspace
from spm_lib.cli.printing import print_table
from spm_lib.cli.speaking import SpeakingGroup

if TYPE_CHECKING:
    from spm_lib.incentives import DisputeFiles

dispute = typer.Typer(
    help="Take disputes about pay in, list them by age, and answer them.",
    cls=SpeakingGroup,
    no_args_is_help=True,
)


class Answer(StrEnum):
    """What may be answered."""

    in_review = "in_review"
    more_information = "more_information"
    accepted = "accepted"
    rejected = "rejected"
    closed = "closed"


PlanName = Annotated[str, typer.Argument(metavar="PLAN", help="Name of the plan in plans/.")]
On = Annotated[
    str, typer.Option("--on", metavar="YYYY-MM-DD", help="The day; default: the last day known.")
]


@dispute.command("open")
def open_(
    plan: PlanName,
    file: Annotated[Path, typer.Argument(help="TOML or CSV file of disputes.")],
    on: On = "",
    workspace: Workspace = WORKSPACE,
) -> None:
    """Take the disputes of a file in."""
    files, day, reps = _opened(plan, on, workspace)
    for made in files.take_in(file, on=day, reps=reps):
        typer.echo(f"{made.dispute_id}: {made.rep_id}, {made.period}, {made.reason}")


@dispute.command("list")
def list_(plan: PlanName, on: On = "", workspace: Workspace = WORKSPACE) -> None:
    """List disputes with their age in days, and which wait longer than 14."""
    from spm_lib.core.money import from_minor

    files, day, _ = _opened(plan, on, workspace)
    columns = ("id", "rep", "period", "deal", "expected", "status", "days", "late", "reason")
    rows = [
        (
            d.dispute_id,
            d.rep_id,
            d.period,
            d.transaction_id or "",
            str(from_minor(d.expected, files.currency)),
            d.status,
            str(d.age(day)),
            "late" if d.overdue(day) else "",
            d.answer or d.reason,
        )
        for d in files.all()
    ]
    if not rows:
        typer.echo("No disputes.")
        return
    print_table(columns, rows, right=("expected", "days"), wrapped=("reason",))


@dispute.command()
def answer(
    plan: PlanName,
    dispute_id: Annotated[str, typer.Argument(metavar="ID", help="Which dispute, such as D1.")],
    to: Annotated[Answer, typer.Option("--to", help="The answer.")],
    by: Annotated[str, typer.Option("--by", help="Who answers; of an adjustment the approver.")],
    code: Annotated[
        str, typer.Option("--code", help="Reason code: crediting, rate, quota, data, other.")
    ] = "other",
    amount: Annotated[
        str, typer.Option("--amount", help="Of the adjustment; default: expected less actual.")
    ] = "",
    why: Annotated[str, typer.Option("--why", help="Reason of the answer.")] = "",
    on: On = "",
    workspace: Workspace = WORKSPACE,
) -> None:
    """Answer a dispute; an accepted one becomes an adjustment of the pay period of the day."""
    from spm_lib.core.money import to_minor

    files, day, _ = _opened(plan, on, workspace)
    if to is Answer.accepted:
        due = to_minor(amount, files.currency) if amount else None
        made = files.accept(dispute_id, by=by, on=day, code=code, amount=due, answer=why)
        typer.echo(f"{made.dispute_id} is accepted: {made.adjustment_id} in {files.adjustments}")
        return
    made = files.answer(dispute_id, to.value, by=by, on=day, answer=why)
    typer.echo(f"{made.dispute_id} is {made.status}")


def _opened(plan: str, on: str, workspace: Path) -> tuple[DisputeFiles, date, list[str]]:
    from spm_lib.core.errors import ParameterError
    from spm_lib.incentives import DisputeFiles, load_plan
    from spm_lib.store import ClientFolder

    client = ClientFolder.of(workspace)
    rules = load_plan(client.plans / f"{plan.removesuffix('.toml')}.toml")
    company = open_client(workspace)
    try:
        day = date.fromisoformat(on) if on else company.as_of
    except ValueError:
        raise ParameterError("That is no day.", found=on, do="Write it as 2026-09-30") from None
    files = DisputeFiles(client, rules.plan.id, currency=rules.plan.currency)
    return files, day, company.table("reps")["rep_id"].drop_nulls().to_list()
