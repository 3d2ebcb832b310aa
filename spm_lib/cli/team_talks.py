"""``spm team``: the notes of a 1:1, and the review of a quarter, each as a form to fill in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from spm_lib.cli.options import WORKSPACE, Tongue, Workspace
from spm_lib.cli.team_answers import print_agenda
from spm_lib.cli.team_desk import ANALYST, On, Person, Seat, Spoken, Viewer, print_spoken, seated

if TYPE_CHECKING:
    from spm_lib.core.language import Language
    from spm_lib.team import MeetingForm, Review, ReviewForm

F = TypeVar("F", "MeetingForm", "ReviewForm")
SHEET = ".xlsx"
_REVIEW = ("Area", "Self", "Manager", "Difference", "Ground")
Form = Annotated[
    Path | None, typer.Option("--form", metavar="FILE", help="Write the form to fill in (TOML).")
]
Take = Annotated[
    Path | None, typer.Option("--take", metavar="FILE", help="Enter the form that was filled in.")
]


ReviewFile = Annotated[
    Path | None,
    typer.Option("--form", metavar="FILE", help="Write the form to fill in (.toml or .xlsx)."),
]


class By(StrEnum):
    """Whose ratings."""

    self = "self"
    manager = "manager"


def meeting(
    person: Person,
    form: Form = None,
    take: Take = None,
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
) -> None:
    """List what a 1:1 opens with; write its form, or enter its notes and every promise's state."""
    from spm_lib.core.language import language as tongue
    from spm_lib.store import write_whole
    from spm_lib.team import agenda, meeting_form

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    if take is not None:
        _enter_meeting(seat, person, take, spoken)
        return
    if form is None:
        print_agenda(seat, person, spoken)
        return
    kinds = ("promise", "meeting")
    told = agenda(*(seat.desk.records(kind, rep_id=person) for kind in kinds))
    write_whole(form, meeting_form(person, seat.day, told, language=spoken))
    typer.echo(spoken.text("Wrote {file}", file=form))


def _enter_meeting(seat: Seat, person: str, file: Path, spoken: Language) -> None:
    from spm_lib.team import MeetingForm, records_of_meeting

    told = _read(file, MeetingForm, person)
    promises = seat.desk.records("promise", rep_id=person)
    made = records_of_meeting(told, promises)
    seat.desk.enter(made, at=seat.at)
    closed = sum(one.state != "open" for one in told.promises)
    typer.echo(
        spoken.text(
            "Entered: 1:1 of {day}; {closed} of {n} promises closed, {new} new.",
            day=spoken.date(told.on),
            closed=closed,
            n=len(told.promises),
            new=sum(1 for one in told.new_promises if one.what.strip()),
        )
    )


def review(
    person: Person,
    period: Annotated[
        str, typer.Option("--period", help="Such as 2026-Q3; default: the last whole quarter.")
    ] = "",
    form: ReviewFile = None,
    take: Take = None,
    by: Annotated[
        By | None, typer.Option("--by", help="Whose; default: the person's own, else the manager.")
    ] = None,
    workspace: Workspace = WORKSPACE,
    viewer: Viewer = ANALYST,
    on: On = None,
    language: Spoken = Tongue.en,
) -> None:
    """Show self-rating and manager's rating side by side; write or enter the form of one."""
    from spm_lib.core.language import language as tongue
    from spm_lib.store import write_whole
    from spm_lib.team import record_of_review, review_form, review_sheet

    seat, spoken = seated(workspace, viewer=viewer, on=on), tongue(language.value)
    if take is not None:
        told = _read_review(take, person)
        told = told.model_copy(update={"period": _quarter(seat, told.period)})
        seat.desk.enter([(f"{told.side}_rating", record_of_review(told))], at=seat.at)
        typer.echo(spoken.text("Entered: review {period}.", period=told.period))
        return
    found = _review_of(seat, person, _quarter(seat, period))
    if form is None:
        _print_review(found, spoken)
        return
    own = "self" if seat.desk.viewer.is_self(person) else "manager"
    side = by.value if by else own
    made: str | bytes = review_form(found, side, language=spoken)
    if form.suffix.lower() == SHEET:
        made = review_sheet(found, side, language=spoken, on=seat.day)
    write_whole(form, made)
    typer.echo(spoken.text("Wrote {file}", file=form))


def _quarter(seat: Seat, period: str) -> str:
    """Return the label of a quarter, as the client's calendar writes it."""
    from spm_lib.core.errors import ParameterError

    calendar = seat.company.calendar
    if not period:
        return calendar.shift(calendar.period_of(seat.day, "quarter"), -1).label
    window = calendar.parse_window(period)
    found = calendar.period_of(window.start, "quarter")
    if (found.start, found.end) != (window.start, window.end):
        raise ParameterError("A review is of a quarter.", found=period, do=f"Write {found.label}")
    return found.label


def _review_of(seat: Seat, person: str, period: str) -> Review:
    from spm_lib.team import Review

    own, manager = (
        seat.desk.find(f"{side}_rating", person, period)[0] for side in ("self", "manager")
    )
    return Review(person, period, own, manager)


def _print_review(found: Review, spoken: Language) -> None:
    rows = [
        (
            spoken.text(one.area.replace("_", " ")),
            str(one.own.rating) if one.own else "–",
            str(one.manager.rating) if one.manager else "–",
            "" if one.difference is None else f"{one.difference:+d}",
            " · ".join(side.ground for side in (one.own, one.manager) if side),
        )
        for one in found.areas
    ]
    if not rows:
        typer.echo(spoken.text("Nobody has rated {period} yet.", period=found.period))
        return
    print_spoken(_REVIEW, rows, spoken, right=_REVIEW[1:4], wrapped=("Ground",))


def _read(file: Path, form: type[F], person: str) -> F:
    """Return a form that was filled in for a person."""
    from spm_lib.core.errors import ParameterError
    from spm_lib.team import read_form

    if not file.is_file():
        raise ParameterError("There is no such file.", found=str(file))
    return _about(person, read_form(file.read_bytes(), form, name=file.name), file)


def _read_review(file: Path, person: str) -> ReviewForm:
    """Return a person's review that was filled in, as TOML or as Excel."""
    from spm_lib.team import ReviewForm, read_review_sheet

    if file.suffix.lower() != SHEET or not file.is_file():
        return _read(file, ReviewForm, person)
    return _about(person, read_review_sheet(file.read_bytes(), name=file.name), file)


def _about(person: str, told: F, file: Path) -> F:
    """Return a form if it is a person's own."""
    from spm_lib.core.errors import ParameterError

    if told.rep_id != person:
        raise ParameterError(f"{file.name} is about somebody else.", found=told.rep_id)
    return told
