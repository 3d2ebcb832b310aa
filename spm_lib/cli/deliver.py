"""``spm deliver``: hand a run of reports over to those it is for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.printing import print_table

if TYPE_CHECKING:
    from spm_lib.delivery import Bundle, DeliveryPlan, Outcome, RunItem


class Way(StrEnum):
    """How reports are handed over."""

    mail = "mail"
    zip = "zip"
    folder = "folder"


def deliver(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A run's folder, reports/ID/DATE; or reports/ID for its newest day.",
            metavar="FOLDER",
        ),
    ],
    pack: Annotated[
        Path, typer.Option("--pack", help="The pack file that names recipients.", metavar="FILE")
    ],
    to: Annotated[
        Way | None, typer.Option(help="Default: mail if the pack has [mail], else folder.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send the letters; without it, only say what would be.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Send anew what changed, or may not have arrived."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Where folders or zip files go; without it, only say what would be."),
    ] = None,
) -> None:
    """Give each recipient of a pack the reports that its rows name, and nobody else's.

    Without --send or --out nothing is sent or written: recipients, scopes, files and sizes are
    listed, with what is odd about them.
    """
    from spm_lib.delivery import load_delivery_pack, plan_delivery, read_run

    asked = load_delivery_pack(pack)
    way = to or (Way.mail if asked.mail else Way.folder)
    _check_options(way, send=send, again=again, out=out)
    plan = plan_delivery(read_run(folder), asked, by_mail=way is Way.mail)
    _tell_head(plan, pack)
    undone = _mail(plan, send=send, again=again) if way is Way.mail else _pack(plan, way, out)
    _finish(plan, undone)


def _check_options(way: Way, *, send: bool, again: bool, out: Path | None) -> None:
    from spm_lib.core.errors import ParameterError

    wrong = None
    if way is Way.mail and out is not None:
        wrong = "--out goes with --to folder or --to zip"
    if way is not Way.mail and (send or again):
        wrong = "--send and --again go with --to mail"
    if again and not send:
        wrong = "--again goes with --send"
    if wrong:
        raise ParameterError("These options do not go together.", found=wrong, do="Leave one out")


def _mail(plan: DeliveryPlan, *, send: bool, again: bool) -> list[str]:
    from spm_lib.delivery import outlook, send_bundles

    if not send:
        _print(plan, outlook(plan))
        typer.echo("Nothing was sent. Add --send to send these letters.")
        return []
    done = send_bundles(plan, again=again, tell=_tell)
    _print(plan, done)
    return [f"{o.bundle.recipient}: {o.state}, {o.detail}" for o in done if not o.done]


def _pack(plan: DeliveryPlan, way: Way, out: Path | None) -> list[str]:
    from spm_lib.delivery import Outcome, write_bundles

    _print(plan, [Outcome(bundle, "to be written") for bundle in plan.bundles])
    if out is None:
        typer.echo("Nothing was written. Add --out DIR to write them.")
        return []
    for path in write_bundles(plan.bundles, out=out, form="zip" if way is Way.zip else "folder"):
        typer.echo(f"Wrote {path}")
    return []


def _tell_head(plan: DeliveryPlan, pack: Path) -> None:
    from spm_lib.core import language

    run = plan.run
    typer.echo(f"{run.name}, as of {language('en').date(run.as_of)}, pack {pack.stem}\n")


def _tell(outcome: Outcome) -> None:
    """Say what became of a letter as soon as it is known; it goes into the log of a schedule."""
    typer.echo(f"{outcome.bundle.recipient}: {outcome.state}", err=True)


def _print(plan: DeliveryPlan, outcomes: list[Outcome] | tuple[Outcome, ...]) -> None:
    rows = []
    for outcome in outcomes:
        rows += _rows(outcome.bundle, outcome.state)
    for held in plan.held:
        scopes = ", ".join(held.scopes)
        rows.append([held.address, held.language, scopes, "none", "", "held back"])
    columns = ["recipient", "language", "scope", "file", "size", "state"]
    print_table(columns, rows, right=["size"])
    typer.echo("")
    for outcome in outcomes:
        withheld = ", ".join(part.name for part in outcome.bundle.withheld)
        if withheld:
            typer.echo(
                f"  - {outcome.bundle.recipient}: left out, as it can carry no password: {withheld}"
            )
        if outcome.detail and not outcome.done:
            typer.echo(f"  - {outcome.bundle.recipient}: {outcome.state}: {outcome.detail}")
    for warning in plan.warnings:
        typer.echo(f"  - Please check: {warning}")


def _rows(bundle: Bundle, state: str) -> list[list[str]]:
    """Return a line per file; what is the same as in the line above is left out."""
    who = bundle.recipient
    lock = " (password)" if who.password_env else ""
    rows, last = [], ""
    for part in sorted(bundle.parts, key=lambda part: (part.item.scope, part.name)):
        scope = _scope(part.item)
        told = scope if scope != last else ""
        rows.append(["", "", told, f"{part.name}{lock}", _size(part.size), ""])
        last = scope
    rows[0][0], rows[0][1], rows[0][5] = who.address, who.language, state
    return rows


def _scope(item: RunItem) -> str:
    """Return a scope so that nobody overlooks the one that shows everything."""
    if item.scope == "company":
        return "THE WHOLE COMPANY"
    return f"{item.scope} ({item.who})" if item.who not in ("", item.scope) else item.scope


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{max(size / 1e3, 0.1):,.1f} kB"


def _finish(plan: DeliveryPlan, undone: list[str]) -> None:
    """End with a true exit status: an error names everybody who did not get what is meant."""
    from spm_lib.core.errors import DeliveryError

    problems = [*(" ".join(reason.split()) for reason in plan.held.values()), *undone]
    if problems:
        of = len(plan.held) + len(plan.bundles)
        raise DeliveryError(
            f"{len(problems)} of {of} recipients did not get, or would not get, their reports.",
            found=" | ".join(problems),
            do="Mend these and deliver again; nobody is sent the same reports twice",
        )
