"""``spm team letters`` hands plan letters out; ``spm team import`` takes the answers in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.options import WORKSPACE, AsOf, Tongue, Workspace, day
from spm_lib.cli.team_desk import ANALYST, On, Seat, Spoken, Viewer, seated

if TYPE_CHECKING:
    from spm_lib.reports import RunResult
    from spm_lib.team import Issued, LetterDesk, LetterMaker

RESPONSE = "response"


def letters(
    scenario: Annotated[
        str, typer.Option("--scenario", help="Target plan; default: the targets in the data.")
    ] = "",
    pay_plan: Annotated[
        str, typer.Option("--pay-plan", help="Pay plan; default: the only one in force.")
    ] = "",
    formats: Annotated[str, typer.Option("--format", help="What is made: html,pdf.")] = "html,pdf",
    language: Annotated[
        Tongue | None, typer.Option("--language", help="Of the letters; default: the workspace's.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Root of the reports.")] = Path(
        "reports"
    ),
    as_of: AsOf = None,
    viewer: Viewer = ANALYST,
    on: On = None,
    workspace: Workspace = WORKSPACE,
) -> None:
    """Hand a plan letter to everybody with a target, each with a response file to fill in.

    A letter that says what the last one said stays that version; one that says anything else is
    the next version, which says what changed and asks again. Those of a target plan go out when it
    is approved as it is now (spm team plan).
    """
    from spm_lib.reports import Request, check_formats, run_requests
    from spm_lib.reports.pages.letter_read import maker_for

    seat = seated(workspace, viewer=viewer, on=on)
    known = day(as_of) or seat.company.as_of
    maker = maker_for(seat.company.at(known), scenario=scenario, pay_plan=pay_plan)
    issued = _issued(seat, maker)
    code = language.value if language else seat.company.settings.workspace.language
    given = {"scenario": scenario, "pay_plan": pay_plan}
    request = Request(
        "letter",
        tuple(f"rep:{one.letter.rep_id}" for one in issued),
        languages=(code,),
        formats=check_formats(formats.split(",")),
        parameters={key: value for key, value in given.items() if value},
    )
    result = run_requests([request], workspace=workspace, as_of=known, output=output).check()
    written = _response_files(result, issued, code)
    typer.echo(f"Open {result.index}; {written} response files lie beside their letters")


def _issued(seat: Seat, maker: LetterMaker) -> list[Issued]:
    """Hand the letters out to those whom the viewer leads and who have a target."""
    from spm_lib.core.errors import TeamError

    desk, found = _desk(seat), []
    for rep in sorted(maker.people):
        if not seat.desk.viewer.leads(rep):
            continue
        letter = maker.letter(rep)
        if letter.target is None:
            typer.echo(f"{rep}: no target, so no letter")
            continue
        before = desk.files.last_of(rep)
        one = desk.issue(letter, plan=maker.targets.scenario if maker.targets else None)
        again = before is not None and before.version == one.version
        typer.echo(f"{rep}: version {one.version}{', as before' if again else ''}")
        found.append(one)
    if not found:
        raise TeamError(
            "There is nobody to write to.",
            found="nobody has a target",
            do="Name a target plan with --scenario, or map the table targets",
        )
    return found


def _response_files(result: RunResult, issued: list[Issued], code: str) -> int:
    """Write the files to fill in beside each letter, and return how many."""
    from spm_lib.core.language import language
    from spm_lib.store import write_whole
    from spm_lib.team import response_sheet, response_toml

    known = {f"rep:{one.letter.rep_id}": one for one in issued}
    spoken = language(code)
    for item in result.items:
        one, folder = known[item.scope], result.index.parent / item.folder
        sheet = response_sheet(one, language=spoken)
        write_whole(folder / f"{RESPONSE}.xlsx", sheet)
        write_whole(folder / f"{RESPONSE}.toml", response_toml(one, language=spoken))
    return 2 * len(result.items)


def take_in(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of filled in response files.")],
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
    workspace: Workspace = WORKSPACE,
) -> None:
    """Take in the answers of a folder: good ones are kept, each fault is told by file and place.

    Exit status 1 if a file was refused.
    """
    from spm_lib.team import import_folder, tell_imported

    desk = _desk(seated(workspace, viewer=viewer, on=on))
    found = import_folder(folder, letters=desk.letters_of, keep=desk.hand_in)
    for line in tell_imported(found, code=language.value):
        typer.echo(line)
    typer.echo(f"{len(found.taken)} taken, {len(found.refused)} refused")
    if found.refused:
        raise typer.Exit(1)


def _desk(seat: Seat) -> LetterDesk:
    from spm_lib.store import ClientFolder
    from spm_lib.team import LetterDesk, LetterFiles

    files = LetterFiles(ClientFolder.of(seat.company.settings.path))
    return LetterDesk(seat.desk, files, lambda: seat.at)
