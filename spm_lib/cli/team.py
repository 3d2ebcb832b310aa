"""``spm team``: how the team stands to its plans, checklists, backup and restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spm_lib.cli.options import WORKSPACE, Format, TableFormat, Tongue, Workspace
from spm_lib.cli.printing import print_csv, print_json
from spm_lib.cli.speaking import SpeakingGroup
from spm_lib.cli.team_answers import decide, promise, reply, request
from spm_lib.cli.team_desk import (
    ANALYST,
    On,
    Seat,
    Spoken,
    Viewer,
    category_name,
    print_spoken,
    seated,
    whole_register,
)
from spm_lib.cli.team_letters import letters, take_in
from spm_lib.cli.team_plan import plan
from spm_lib.cli.team_playbook import playbook
from spm_lib.cli.team_talks import meeting, review

if TYPE_CHECKING:
    from spm_lib.core.language import Language
    from spm_lib.team import Standing, TeamStatus

team = typer.Typer(
    help="Answers to plan letters, promises, 1:1s, reviews, target requests and checklists.",
    cls=SpeakingGroup,
    no_args_is_help=True,
)
for command in (plan, letters, promise, reply, request, decide, meeting, review, playbook):
    team.command()(command)
team.command("import")(take_in)

_DECISIONS = {
    "accept": "accepted",
    "accept_with_remarks": "accepted with remarks",
    "not_accept": "not accepted",
}
_STATUS = (
    "Person",
    "Letter",
    "Answer",
    "Confidence",
    "Growth asked",
    "Worries",
    "Replies owed",
    "Promises open",
    "Overdue",
    "Checklist overdue",
)
_DUE = ("Person", "Item", "Owner", "Due", "Days late", "Evidence")


@team.command()
def status(
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
    format: TableFormat = Format.table,  # noqa: A002
) -> None:
    """Tell who has not answered, who is to be asked again, worries, replies and deeds owed.

    As JSON it prints the figures with metric ids and receipts, as in figures.json.
    """
    from spm_lib.core.language import language as tongue

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    told = _status_of(seat)
    if format is Format.json:
        print_json([figure.to_dict(0) for figure in told.figures])
        return
    rows = [_row(standing, told, spoken) for standing in told.standings.standings]
    if format is Format.csv:
        print_csv(_STATUS, [dict(zip(_STATUS, row, strict=True)) for row in rows])
        return
    if rows:
        print_spoken(_STATUS, rows, spoken, right=_STATUS[3:])
        typer.echo("")
    for line in _lines(told, spoken):
        typer.echo(line)


@team.command()
def checklist(
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="Id; default: everybody in scope.")
    ] = None,
    done: Annotated[str | None, typer.Option("--done", metavar="ITEM")] = None,
    failed: Annotated[str | None, typer.Option("--failed", metavar="ITEM")] = None,
    not_needed: Annotated[str | None, typer.Option("--not-needed", metavar="ITEM")] = None,
    evidence: Annotated[str, typer.Option("--evidence", help="What shows it.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="What is in time too, not only what is overdue.")
    ] = False,
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
) -> None:
    """List what of the checklist is overdue, or enter that an item was done."""
    from spm_lib.core.language import language as tongue

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    marked = {"done": done, "failed": failed, "not_needed": not_needed}
    for state, item in marked.items():
        if item is not None:
            _mark(seat, person, item, state=state, evidence=evidence)
            typer.echo(spoken.text("Entered: {item}.", item=item))
    if any(marked.values()):
        return
    if person is not None:
        seat.desk.check_sees(person)
    listed = [d for d in _status_of(seat).due if person in (None, d.rep_id)]
    rows = [
        (
            d.rep_id,
            spoken.text(d.item.name),
            spoken.text(d.item.owner),
            spoken.date(d.due) if d.due else "–",
            spoken.number(d.late) if d.late else "",
            spoken.text(d.item.evidence),
        )
        for d in listed
        if d.overdue or everything
    ]
    if not rows:
        typer.echo(spoken.text("Nothing of the checklist is overdue."))
        return
    print_spoken(_DUE, rows, spoken, right=("Days late",), wrapped=("Evidence",))


@team.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
) -> None:
    """Write the whole register into one file; the history is checked before."""
    from spm_lib.team import back_up

    events = back_up(whole_register(workspace, viewer=viewer), file)
    typer.echo(f"Wrote {events} events to {file}")


@team.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `spm team backup` wrote.")],
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
) -> None:
    """Write the events of a backup that the register lacks; what is here must be its beginning."""
    from spm_lib.team import restore as take_over

    events = take_over(whole_register(workspace, viewer=viewer), file)
    typer.echo(f"Restored {events} events from {file}")


def _status_of(seat: Seat) -> TeamStatus:
    from spm_lib.store import ClientFolder
    from spm_lib.team import checklist_of, team_status

    items = checklist_of(ClientFolder.of(seat.company.settings.path))
    calendar = seat.company.calendar
    return team_status(seat.desk, company=seat.company, items=items, calendar=calendar, on=seat.day)


def _row(standing: Standing, told: TeamStatus, spoken: Language) -> tuple[str, ...]:
    rep_id, newest = standing.rep_id, standing.newest
    agenda = told.agenda(rep_id)
    late = sum(item.rep_id == rep_id for item in told.overdue)
    numbers = (
        len(newest.worries) if newest else 0,
        len(standing.owed),
        len(agenda.open),
        len(agenda.overdue(told.on)),
        late,
    )
    name = _name(standing, told)
    return (
        name if name == rep_id else f"{name} ({rep_id})",
        str(standing.letter.version),
        _answer(standing, told, spoken),
        str(standing.response.confidence) if standing.response else "–",
        spoken.percent(standing.letter.growth, 0),
        *(spoken.number(n) for n in numbers),
    )


def _answer(standing: Standing, told: TeamStatus, spoken: Language) -> str:
    if standing.response:
        return spoken.text(_DECISIONS[standing.response.decision])
    days = standing.waiting(told.on)
    if standing.ask_again:
        return spoken.text("to be asked again, waits {n:1 day|{n} days}", n=days)
    return spoken.text("not answered, waits {n:1 day|{n} days}", n=days)


def _lines(told: TeamStatus, spoken: Language) -> list[str]:
    standings = told.standings
    people, accepted = len(standings.standings), standings.accepted
    if not people:
        return [spoken.text("No plan letter was issued.")]
    first = "{accepted} of {people} accepted their letter."
    lines = [spoken.text(first, accepted=accepted, people=people)]
    named = {category_name(c, spoken): n for c, n in standings.worries.items() if n}
    counted = [f"{name} {n}" for name, n in named.items()]
    if counted:
        lines.append(spoken.text("Worries: {counted}", counted=", ".join(counted)))
    lines += [_doubt(standing, told, spoken) for standing in standings.doubtful]
    return lines + [
        f"{_name(standing, told)}: {change.tell(spoken)}"
        for standing in standings.standings
        for change in standing.changes
    ]


def _doubt(standing: Standing, told: TeamStatus, spoken: Language) -> str:
    return spoken.text(
        "{rep} doubts a stretched target: confidence {n} of 5, {growth} more is asked.",
        rep=_name(standing, told),
        n=standing.response.confidence if standing.response else "–",
        growth=spoken.percent(standing.letter.growth, 0),
    )


def _name(standing: Standing, told: TeamStatus) -> str:
    return told.names.get(standing.rep_id, standing.rep_id)


def _mark(seat: Seat, person: str | None, item: str, *, state: str, evidence: str) -> None:
    from spm_lib.core.errors import ParameterError
    from spm_lib.store import ClientFolder
    from spm_lib.team import Check, checklist_of
    from spm_lib.workspace import nearest

    if person is None:
        raise ParameterError("Whose item is it?", do="Name the person: spm team checklist PERSON")
    known = [one.key for one in checklist_of(ClientFolder.of(seat.company.settings.path))]
    if item not in known:
        raise ParameterError("There is no such item.", found=item, do=nearest(item, known))
    made = Check(person, item, seat.day, evidence, state)  # pyright: ignore[reportArgumentType]
    _, seen = seat.desk.find("check", person, item)
    seat.desk.write("check", made, seen=seen, at=seat.at)
