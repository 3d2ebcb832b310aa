"""Letters handed out and responses handed in, through one viewer's desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from spm_lib.core.errors import ScopeError, TeamError
from spm_lib.plans import TargetScenario
from spm_lib.team.desk.desk import Desk
from spm_lib.team.following.plan_approval import check_approved
from spm_lib.team.letters.letter import Letter
from spm_lib.team.letters.letter_files import Issued, LetterFiles
from spm_lib.team.records.issued_letter import issued_record
from spm_lib.team.responses.response import Response

Moment = Callable[[], datetime]


@dataclass(frozen=True)
class LetterDesk:
    """One viewer's way to the letters: files hold what they say, the register that they were given.

    Attributes
    ----------
    desk
        Who writes; decides whether that may be.
    files
        The letters that were issued.
    now
        Tells the moment that is written, with its zone.
    """

    desk: Desk
    files: LetterFiles
    now: Moment

    def issue(self, letter: Letter, *, plan: TargetScenario | None = None) -> Issued:
        """Hand a letter out: kept as the person's next version unless it says what the last said.

        Parameters
        ----------
        letter
            What it says.
        plan
            The target plan that the letter is of; None: its targets are those of the data.

        Raises
        ------
        ScopeError
            If the viewer does not lead the person.
        TeamError
            If the letter is of a plan that is not given, or not approved as it is now.
        """
        viewer = self.desk.viewer
        if not viewer.leads(letter.rep_id):
            raise ScopeError(
                f"'{viewer.name}' may not hand a letter to {letter.rep_id}.",
                do="Let somebody do it who leads the person",
            )
        if letter.scenario != ("" if plan is None else plan.name):
            raise TeamError("A letter is handed out with its own plan.", found=letter.scenario)
        if plan is not None:
            check_approved(self.desk.plan_states(), plan)
        issued = self.files.issue(letter, on=self.now().date())
        record = issued_record(issued)
        known, seen = self.desk.find("letter", letter.rep_id, str(issued.version))
        if known is None:
            self.desk.write("letter", record, seen=seen, at=self.now())
        return issued

    def letters_of(self, rep_id: str) -> list[Issued]:
        """Return the letters of a person, the oldest first.

        Raises
        ------
        ScopeError
            If the viewer may not see the person's rows: nor which letters there are.
        """
        self.desk.check_sees(rep_id)
        return self.files.all_of(rep_id)

    def hand_in(self, response: Response, *, seen: int | None = None) -> int:
        """Keep a response; what is there already, word for word, is not written again.

        Parameters
        ----------
        response
            To a letter that was handed out.
        seen
            The version of the answer in the register that it takes the place of, 0: none; None:
            whichever is there.

        Returns
        -------
        int
            The version of the answer that is there now.

        Raises
        ------
        ScopeError
            If the viewer may not speak for the person.
        TeamError
            If it answers a letter that was not issued.
        ConflictError
            If another answer came in between.
        """
        known, there = self.desk.find("response", response.rep_id, str(response.version))
        if known == response:
            return there
        on = there if seen is None else seen
        return self.desk.write("response", response, seen=on, at=self.now()).version

    def answered(self, issued: Issued) -> tuple[Response | None, int]:
        """Return what the person answered to a letter, and its version; null and 0: nothing yet."""
        return self.desk.find("response", issued.letter.rep_id, str(issued.version))
