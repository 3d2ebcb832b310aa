"""The pay that a statement prints, cut to its scope: read from the client, or from a run's file."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from spm_lib.core.errors import (
    MissingExtraError,
    PayError,
    PlanError,
    SourceError,
    SpmError,
    TeamError,
)
from spm_lib.incentives import PaidPeriod, paid_period
from spm_lib.incentives.border.company import known_people
from spm_lib.incentives.paid.paid_period import Signed
from spm_lib.model import Company
from spm_lib.store import ClientFolder
from spm_lib.workspace import Scope

if TYPE_CHECKING:
    from spm_lib.team.register.event import Event

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
        known = known_people(whole)
        told = paid_period(client, plan=plan, period=period, rep_ids=scope.rep_ids, people=known)
    except (PayError, PlanError) as error:
        return error
    return with_signed(told, whole)


def with_signed(told: PaidPeriod, whole: Company) -> PaidPeriod:
    """Return pay with the plan letter that each person answered last, of the period's last day.

    Unchanged where there is no register, or it cannot be read: pay does not hang on it.
    """
    from spm_lib.team import register_there

    try:
        register = register_there(whole)
        if register is None:
            return told
        reps = [person.rep_id for person in told.people]
        events = register.events(kinds=("letter", "response"), rep_ids=reps)
        signed = _signed(events, told.end - timedelta(days=1))
    except (MissingExtraError, SourceError, TeamError):
        return told
    people = (p.model_copy(update={"signed": signed.get(p.rep_id)}) for p in told.people)
    return told.model_copy(update={"people": tuple(people)})


def _signed(events: list[Event], day: date) -> dict[str, Signed]:
    """Return what was last answered of the letters in force on a day, by person."""
    from spm_lib.team.records.kinds import records_of

    answers = {(one.rep_id, one.letter): one for one in records_of(events, "response")}
    found: dict[str, Signed] = {}
    for letter in sorted(records_of(events, "letter"), key=lambda one: one.version):
        if not letter.start <= day < letter.end:
            continue
        answer = answers.get((letter.rep_id, letter.letter))
        if answer is not None:
            found[letter.rep_id] = Signed(
                version=letter.version,
                letter=letter.letter,
                decision=answer.decision,
                day=answer.read_on,
            )
        elif letter.rep_id not in found:
            found[letter.rep_id] = Signed(version=letter.version, letter=letter.letter)
        elif found[letter.rep_id].decision is not None:
            since = {"waiting": letter.version}
            found[letter.rep_id] = found[letter.rep_id].model_copy(update=since)
    return found


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
