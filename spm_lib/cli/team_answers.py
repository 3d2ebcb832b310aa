"""``spm team``: promises, replies to worries, and target change requests with their decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spm_lib.cli.options import WORKSPACE, Tongue, Workspace, moment_of
from spm_lib.cli.team_desk import (
    ANALYST,
    On,
    Person,
    Seat,
    Spoken,
    Viewer,
    category_name,
    print_spoken,
    seated,
)

if TYPE_CHECKING:
    from spm_lib.core.language import Language
    from spm_lib.team import IssuedLetter, TargetRequest

_PROMISES = ("Number", "Who", "What", "Due", "State", "Outcome")
_WORRIES = ("Worry", "Category", "Words")
Words = Annotated[str | None, typer.Argument(metavar="[TEXT]", help="In your own words.")]
Worry = Annotated[str | None, typer.Argument(metavar="[WORRY]", help="Such as W1a2b3c4d.")]
Number = Annotated[int | None, typer.Option("--number", help="Which one.")]


class State(StrEnum):
    """How a promise stands."""

    open = "open"
    done = "done"
    withdrawn = "withdrawn"


class Decided(StrEnum):
    """How a target change request is decided."""

    approved = "approved"
    partly_approved = "partly_approved"
    declined = "declined"


class Came(StrEnum):
    """What comes of a worry."""

    explained = "explained"
    will_be_checked = "will_be_checked"
    changed = "changed"


def promise(
    person: Person,
    what: Words = None,
    due: Annotated[
        datetime | None,
        typer.Option("--due", parser=moment_of, metavar="YYYY-MM-DD", help="By which day."),
    ] = None,
    who: Annotated[str, typer.Option("--who", help="Who owes it; default: the person.")] = "",
    number: Number = None,
    state: Annotated[State | None, typer.Option("--state", help="How it stands now.")] = None,
    outcome: Annotated[str, typer.Option("--outcome", help="What came of it, or why.")] = "",
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
) -> None:
    """List what the next 1:1 opens with; agree on a promise, put it off, or close it."""
    from spm_lib.core.errors import ParameterError
    from spm_lib.core.language import language as tongue
    from spm_lib.team import Promise

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    if what is None and number is None:
        print_agenda(seat, person, spoken)
        return
    there, seen = None, 0
    if number is not None:
        there, seen = seat.desk.find("promise", person, str(number))
        if there is None:
            raise ParameterError("There is no such promise.", found=f"{person}, {number}")
        if what or who or not (due or state or outcome):
            raise ParameterError(
                "What has become of the promise?",
                found=f"{person}, {number}",
                do="Write --state, --due or --outcome; its words and who owes it stay as they are",
            )
    if there is None:
        made = Promise(
            rep_id=person,
            number=seat.desk.next_number("promise", person),
            who=who or person,
            what=what or "",
            due=due.date() if due else seat.day,
            agreed_on=seat.day,
        )
    else:
        closed = None if state is State.open else seat.day
        ended = {"status": state.value, "closed_on": closed} if state else {}
        made = replace(there, due=due.date() if due else there.due, outcome=outcome, **ended)
    seat.desk.write("promise", made, seen=seen, at=seat.at)
    typer.echo(f"{person} {made.number}: {spoken.text(made.status)}, {spoken.date(made.due)}")


def reply(
    person: Person,
    worry: Worry = None,
    text: Words = None,
    outcome: Annotated[Came, typer.Option("--outcome", help="What comes of it.")] = Came.explained,
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
) -> None:
    """List a person's worries that nobody has replied to, or reply to one."""
    from spm_lib.core.errors import ParameterError
    from spm_lib.core.language import language as tongue
    from spm_lib.team import Reply, acceptance, worry_id

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    kinds = ("letter", "response", "reply")
    letters, responses, replies = (seat.desk.records(k, rep_id=person) for k in kinds)
    if worry is None:
        owed = acceptance(letters, responses, replies=replies).owed
        rows = [(worry_id(w), category_name(w.category, spoken), w.text) for _, w in owed]
        if not rows:
            typer.echo(spoken.text("No reply is owed."))
            return
        print_spoken(_WORRIES, rows, spoken, wrapped=("Words",))
        return
    said = {worry_id(w): w for r in responses for w in r.worries}
    if worry not in said:
        known = ", ".join(said) or "none"
        raise ParameterError("There is no such worry.", found=worry, do=f"Worries: {known}")
    words = said[worry]
    made = Reply(person, words.category, words.text, text or "", outcome.value)
    _, seen = seat.desk.find("reply", person, worry)
    seat.desk.write("reply", made, seen=seen, at=seat.at)
    typer.echo(f"{worry}: {spoken.text(outcome.value.replace('_', ' '))}")


def request(
    person: Person,
    asked: Annotated[str, typer.Option("--asked", metavar="AMOUNT", help="The target asked for.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
) -> None:
    """Ask for another target than the one in the newest letter."""
    from spm_lib.team import TargetRequest

    seat = seated(workspace, viewer=viewer, on=on)
    newest = _letter(seat, person)
    number = seat.desk.next_number("request", person)
    made = TargetRequest(person, number, newest.target or 0, _amount(asked, newest), why)
    seat.desk.write("request", made, seen=0, at=seat.at)
    typer.echo(f"{person} {number}: open")


def decide(
    person: Person,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Which request.")],
    to: Annotated[Decided, typer.Option("--to", help="The decision.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    target: Annotated[
        str, typer.Option("--target", metavar="AMOUNT", help="Granted; default: as asked.")
    ] = "",
    plan: Annotated[
        str, typer.Option("--plan", metavar="SCENARIO", help="The target plan to enter it in.")
    ] = "",
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
) -> None:
    """Decide a target change request; in the plan the others make up for what was granted."""
    from spm_lib.core.errors import ParameterError

    seat = seated(workspace, viewer=viewer, on=on)
    there, seen = seat.desk.find("request", person, str(number))
    if there is None:
        raise ParameterError("There is no such request.", found=f"{person}, {number}")
    granted = None
    if to is not Decided.declined:
        granted = _amount(target, _letter(seat, person)) if target else there.asked
    made = replace(there, status=to.value, decided=granted, decision=why)
    kept = _planned(seat, plan, made) if plan else None
    seat.desk.write("request", made, seen=seen, at=seat.at)
    typer.echo(f"{person} {number}: {to.value}")
    if kept is not None:
        from spm_lib.plans import save_target_scenario

        typer.echo(f"Wrote {save_target_scenario(seat.company.settings.path, kept)}")


def _planned(seat: Seat, plan: str, made: TargetRequest) -> Any:
    """Return the plan with the decision, after the share-out was found to be possible.

    Raises
    ------
    ScopeError
        If the viewer may not see the whole company, whose plan it is.
    """
    from spm_lib.core.errors import ScopeError
    from spm_lib.plans import build, load_target_scenario
    from spm_lib.team import with_decisions

    if seat.desk.viewer.scope.narrow:
        raise ScopeError(
            "A decision enters the company's plan by somebody who may see the company.",
            do="Decide without --plan, and let the analyst enter it",
        )
    scenario = load_target_scenario(seat.company.settings.path, plan)
    changed = with_decisions(scenario, [made])
    built = build(seat.company, changed, draws=_FEW)
    typer.echo(f"All targets together: {built.people_sum / 10**built.decimals:,.{built.decimals}f}")
    return changed


_FEW = 100  # scenarios: the odds are not printed here


def _letter(seat: Seat, person: str) -> IssuedLetter:
    """Return a person's newest letter, which names a target.

    Raises
    ------
    ParameterError
        If there is none.
    """
    from spm_lib.core.errors import ParameterError

    letters = seat.desk.records("letter", rep_id=person)
    newest = max(letters, key=lambda one: one.version, default=None)
    if newest is None or newest.target is None:
        raise ParameterError("There is no letter with a target.", found=person)
    return newest


def _amount(text: str, letter: IssuedLetter) -> int:
    """Return a target as the letter counts: minor units of its currency, or a whole number."""
    from spm_lib.core.errors import ParameterError
    from spm_lib.core.money import to_minor

    plain = text.replace(",", "")
    if "amount" in letter.metric:
        return to_minor(plain, letter.currency)
    if not plain.isdecimal():
        raise ParameterError("This target is a whole number.", found=text)
    return int(plain)


def print_agenda(seat: Seat, person: str, spoken: Language) -> None:
    """Print what the next 1:1 of a person opens with."""
    from spm_lib.team import agenda

    kinds = ("promise", "meeting")
    told = agenda(*(seat.desk.records(k, rep_id=person) for k in kinds))
    rows = [
        (
            str(p.number),
            p.who,
            p.what,
            spoken.date(p.due),
            spoken.text("overdue" if p.overdue(seat.day) else p.status),
            p.outcome,
        )
        for p in (*told.open, *told.closed)
    ]
    if not rows:
        typer.echo(spoken.text("Nothing is promised."))
        return
    print_spoken(_PROMISES, rows, spoken, right=("Number",), wrapped=("What", "Outcome"))
