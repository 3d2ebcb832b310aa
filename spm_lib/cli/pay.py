"""``spm pay``: lint a pay plan, work out pay, open it, and close its periods."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.opening import open_client
from spm_lib.cli.options import WORKSPACE, Format, TableFormat, Tongue, Workspace
from spm_lib.cli.pay_dispute import dispute
from spm_lib.cli.pay_model import model, plan_named
from spm_lib.cli.printing import print_csv, print_json, print_table
from spm_lib.cli.speaking import SpeakingGroup

if TYPE_CHECKING:
    from spm_lib.incentives import PayFiles, PayRun, Plan
    from spm_lib.model import Company

pay = typer.Typer(
    help="Work out incentive pay by a plan file, explain it, and close its periods.",
    cls=SpeakingGroup,
    no_args_is_help=True,
)


pay.add_typer(dispute, name="dispute")
pay.command()(model)


class Source(StrEnum):
    """What a plan pays for."""

    opportunities = "opportunities"
    orders = "orders"


class Step(StrEnum):
    """The steps of a period after it is calculated."""

    reviewed = "reviewed"
    approved = "approved"
    closed = "closed"


PlanFile = Annotated[
    str, typer.Argument(metavar="PLAN", help="The plan file, or its name in the folder plans/.")
]
Period = Annotated[str, typer.Argument(help="A pay period of the plan, such as 2026-09.")]
Paid = Annotated[Source, typer.Option("--source", help="What is paid for.")]
Language = Annotated[Tongue, typer.Option("--language", help="Language of the words.")]


@pay.command()
def lint(plan: PlanFile, workspace: Workspace = WORKSPACE, language: Language = Tongue.en) -> None:
    """Say what is wrong or risky in a plan, with amounts, before anybody is paid by it.

    Exit status 1 if there is an error: such a plan does not run.
    """
    from spm_lib.core.language import language as tongue
    from spm_lib.incentives import lint as findings_of

    findings = findings_of(plan_named(plan, workspace))
    rows = [(f.level, f.rule, f.amount, f.tell(tongue(language))) for f in findings]
    if not rows:
        typer.echo("Nothing found.")
        return
    print_table(("level", "rule", "amount", "finding"), rows, wrapped=("finding",))
    if any(level == "error" for level, *_ in rows):
        raise typer.Exit(1)


@pay.command()
def calculate(
    plan: PlanFile,
    period: Period,
    workspace: Workspace = WORKSPACE,
    source: Paid = Source.opportunities,
    language: Language = Tongue.en,
    format: TableFormat = Format.table,  # noqa: A002 - named as the option is
) -> None:
    """Work out pay up to a period, and keep that period's result under ``pay/``.

    Closed periods stay as they were paid; what changed in them comes forward as corrections. A
    result that differs from the last one is a new version.
    """
    from spm_lib.core.language import language as tongue
    from spm_lib.core.money import from_minor
    from spm_lib.incentives import set_aside_told

    rules, spoken = plan_named(plan, workspace), tongue(language)
    company = open_client(workspace)
    run = _run(rules, company, workspace, source, period)
    files = _files(rules, workspace)
    kept = files.keep(run, period, at=datetime.now(UTC), as_of=company.as_of)
    rows = [
        {"rep_id": rep, "period": label, "amount": str(from_minor(n, rules.plan.currency))}
        for rep, label, _, n in run.totals.iter_rows()
        if label == period
    ]
    _print(rows, format)
    if format is Format.table:
        for line in set_aside_told(run.receipts, rules.plan.currency, spoken):
            typer.echo(line)
        told = {"n": str(kept.version), "period": period, "folder": str(kept.folder)}
        typer.echo(spoken.text("Kept version {n} of {period} in {folder}", **told))


@pay.command()
def explain(
    plan: PlanFile,
    period: Period,
    rep: Annotated[str, typer.Argument(help="Whose payment.")],
    workspace: Workspace = WORKSPACE,
    source: Paid = Source.opportunities,
    language: Language = Tongue.en,
    format: TableFormat = Format.table,  # noqa: A002 - named as the option is
) -> None:
    """Open a person's payment of a period down to the deals."""
    from spm_lib.core.language import language as tongue
    from spm_lib.core.money import from_minor
    from spm_lib.incentives import explain as opened_of

    rules = plan_named(plan, workspace)
    run = _run(rules, open_client(workspace), workspace, source, period)
    opened = opened_of(run, rep, period)
    if format is Format.table:
        typer.echo("\n".join(opened.tell(tongue(language))))
    shown = ("level", "line", "kind", "component", "transaction_id", "date", "amount", "reason")
    rows = [
        {c: "" if row[c] is None else str(row[c]) for c in shown}
        | {"amount": str(from_minor(row["amount"], opened.currency))}
        for row in opened.table.iter_rows(named=True)
    ]
    _print(rows, format)


@pay.command()
def close(
    plan: PlanFile,
    period: Period,
    to: Annotated[Step, typer.Option("--to", help="The next step of the period.")],
    by: Annotated[str, typer.Option("--by", help="Who takes it.")],
    workspace: Workspace = WORKSPACE,
) -> None:
    """Take a calculated period one step on: reviewed, approved, closed.

    A closed period never changes.
    """
    kept = _files(plan_named(plan, workspace), workspace).move(
        period, to, by=by, at=datetime.now(UTC)
    )
    typer.echo(f"{period} is {kept.state}: version {kept.version} in {kept.folder}")


def _files(plan: Plan, workspace: Path) -> PayFiles:
    from spm_lib.incentives import PayFiles
    from spm_lib.store import ClientFolder

    return PayFiles(ClientFolder.of(workspace), plan.plan.id)


def _run(plan: Plan, company: Company, workspace: Path, source: Source, period: str) -> PayRun:
    from spm_lib.incentives import calculate, pay_data_of, read_decided, with_corrections
    from spm_lib.incentives.border.company import known_people
    from spm_lib.store import ClientFolder

    known = known_people(company)
    decided = read_decided(plan, ClientFolder.of(workspace).plans, people=known)
    data = pay_data_of(company, source.value, **decided)
    return with_corrections(calculate(plan, data, through=period), _files(plan, workspace))


def _print(rows: list[dict[str, str]], format: Format) -> None:  # noqa: A002
    columns = list(rows[0]) if rows else ["rep_id", "period", "amount"]
    if format is Format.json:
        print_json(rows)
    elif format is Format.csv:
        print_csv(columns, rows, numbers=("amount",))
    else:
        cells = [[row[c] for c in columns] for row in rows]
        print_table(columns, cells, right=("amount",), wrapped=("reason",))
