"""Files that a run hands to its reports: what the whole company tells of a scope, cut to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spm_lib.model import scope_named
from spm_lib.reports.runs.leaks import Secretive
from spm_lib.reports.scopes import COMPANY
from spm_lib.store import ClientFolder, used, write_whole

if TYPE_CHECKING:
    from spm_lib.model import Company
    from spm_lib.plans import Planner
    from spm_lib.reps import PeerTable
    from spm_lib.team import LetterMaker

KINDS = ("peers", "target_plans", "paid", "letters", "team")


class ToldFiles:
    """Makes the files of one run on one company; what takes long is worked out once."""

    def __init__(self, company: Company, client: ClientFolder) -> None:
        self.company, self.client = company, client
        self._peers: dict[int, PeerTable] = {}
        self._planner: Planner | None = None
        self._letters: dict[tuple[str, str], LetterMaker] = {}

    def peers(self, scope: str, months: int) -> str:
        """Return the file of what the people of a scope may be told of the others.

        It is made from the whole company, and holds averages over five others or more.
        """
        from spm_lib.reports.pages.page import whole_months
        from spm_lib.reps import peers_of

        if months not in self._peers:
            window = whole_months(self.company, months)
            self._peers[months] = peers_of(self.company, window=window)
        table = self._peers[months]
        if scope != COMPANY:
            table = table.only(scope_named(self.company, scope).rep_ids or ())
        return self._told_file("peers", table.text())

    def plan(self, scope: str, scenario: str) -> str:
        """Return the file of a scenario's target plan, cut to a scope.

        It is built from the whole company; what it holds is that scope's, and nobody else's.
        """
        from spm_lib.reports.pages.targets_plan import outcome_text, plan_for

        asked = scope_named(self.company, scope)
        outcome = plan_for(self.company, asked, scenario, planner=self._one_planner())
        return self._told_file("target_plans", outcome_text(outcome))

    def _one_planner(self) -> Planner:
        """Return the planner of this company, which learns once."""
        from spm_lib.plans import Planner

        if self._planner is None:
            self._planner = Planner(self.company)
        return self._planner

    def letter(
        self, scope: str, checked: Mapping[str, Any], others: Secretive | None
    ) -> tuple[str, Secretive | None]:
        """Return the file of a person's letter, and what then must not be named.

        The own manager, who signs it, may be named.
        """
        from spm_lib.reports.pages.letter_read import Told, letter_for, maker_for, outcome_text

        asked = (checked.get("scenario", ""), checked.get("pay_plan", ""))
        if asked not in self._letters:
            self._letters[asked] = maker_for(
                self.company, scenario=asked[0], pay_plan=asked[1], planner=self._one_planner()
            )
        outcome = letter_for(self._letters[asked], scope)
        if others is not None and isinstance(outcome, Told):
            others = others.without([outcome.issued.letter.manager or ""])
        return self._told_file("letters", outcome_text(outcome)), others

    def paid(
        self, scope: str, checked: Mapping[str, Any], others: Secretive | None
    ) -> tuple[str, Secretive | None]:
        """Return the file of kept pay cut to a scope, and what then must not be named.

        Deals that a person was credited with, and reasons of own lines, may be named.
        """
        from spm_lib.incentives import PaidPeriod
        from spm_lib.reports.pages.statement_paid import outcome_text, paid_for

        asked = scope_named(self.company, scope)
        outcome = paid_for(
            self.company,
            asked,
            plan=checked.get("pay_plan", ""),
            period=checked.get("period", ""),
        )
        if others is not None and isinstance(outcome, PaidPeriod):
            others = others.without(outcome.told())
        return self._told_file("paid", outcome_text(outcome)), others

    def team(self, scope: str, others: Secretive | None) -> tuple[str, Secretive | None]:
        """Return the file of what the register tells of a scope, and what then must not be named.

        What people wrote is printed as they wrote it, whomever they named.
        """
        from spm_lib.core.errors import SpmError
        from spm_lib.reports.pages.team_read import outcome_text, told_for

        outcome = told_for(self.company, scope)
        if others is not None and outcome is not None and not isinstance(outcome, SpmError):
            others = others.without(outcome.words())
        return self._told_file("team", outcome_text(outcome)), others

    def _told_file(self, kind: str, text: str) -> str:
        """Return the file of a text, named by its content and written once."""
        file = self.client.cached(kind, {"told": text}, ".json")
        used(file)
        if not file.is_file():
            write_whole(file, text)
        return str(file.resolve())
