"""The letter that a page prints: made of the whole company, or read from the run's file."""

from __future__ import annotations

import json

from spm_lib.core.errors import SpmError, TeamError
from spm_lib.model import Company, scope_named
from spm_lib.plans import Planner, TargetPlan
from spm_lib.reports.pages.targets_plan import plan_for
from spm_lib.reports.scopes import COMPANY
from spm_lib.store import ClientFolder
from spm_lib.team import Issued, LetterFiles, LetterMaker, letter_maker
from spm_lib.team.letters.letter_files import next_after
from spm_lib.team.letters.wording import Piece


class Told(Piece):
    """A letter with its version; a ``draft`` was not issued yet."""

    issued: Issued
    draft: bool


Outcome = Told | SpmError


def maker_for(
    whole: Company, *, scenario: str = "", pay_plan: str = "", planner: Planner | None = None
) -> LetterMaker:
    """Return what makes the letters of a company, at its day.

    Parameters
    ----------
    whole
        The whole company: plans lie beside its workspace file.
    scenario
        Name of the target plan; empty: the targets in the data.
    pay_plan
        Name of the pay plan; empty: the one in force.
    planner
        One of the same company that has learned already; null: a new one.

    Raises
    ------
    SpmError
        If what was named is not there, or cannot be met.
    """
    targets = None
    if scenario:
        made = plan_for(whole, scope_named(whole, COMPANY), scenario, planner=planner)
        if not isinstance(made, TargetPlan):
            raise made
        targets = made
    client = ClientFolder.of(whole.settings.path)
    return letter_maker(whole, targets, pay_plan=pay_plan, client=client)


def letter_for(maker: LetterMaker, scope: str) -> Outcome:
    """Return the letter of the person of a scope, or why there is none."""
    kind, _, rep_id = scope.partition(":")
    if kind != "rep":
        return TeamError("A plan letter is of one person.", do="Run: spm report letter --each rep")
    letter = maker.letter(rep_id)
    files = LetterFiles(ClientFolder.of(maker.company.settings.path))
    last = files.last_of(rep_id, as_of=letter.as_of)
    issued = next_after(last, letter, on=letter.as_of)
    return Told(issued=issued, draft=last is None or last.version != issued.version)


def outcome_text(outcome: Outcome) -> str:
    """Return a letter, or why there is none, as the text of a file."""
    if isinstance(outcome, Told):
        return outcome.model_dump_json()
    return json.dumps({"error": outcome.what, "do": outcome.do}, ensure_ascii=False)


def read_outcome(text: str) -> Outcome:
    """Return what ``outcome_text`` wrote."""
    told = json.loads(text)
    if "error" in told:
        return TeamError(told["error"], do=told["do"])
    return Told.model_validate_json(text)
