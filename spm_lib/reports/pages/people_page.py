"""What a person's own page and the manager's page share: the numbers of people, and of the others.

A run hands over what may be told of the others as a file of its own, made before anything was
narrowed; in JupyterLab, where the whole workspace is open, it is worked out here.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from spm_lib.metrics import measure
from spm_lib.model import Company, Figure, open_company
from spm_lib.model.view_files import is_view
from spm_lib.reports.cells import Number
from spm_lib.reports.pages.closed_examples import ClosedDeal
from spm_lib.reports.pages.open_deals import OpenDeal, OpenDeals, open_deals
from spm_lib.reports.pages.open_flags import usual_days
from spm_lib.reports.pages.page import Page
from spm_lib.reports.pages.people_numbers import PeopleNumbers
from spm_lib.reps import Peers, PeerTable, peers_of, read_peers
from spm_lib.reps.peers_figures import peer_figure, standing_figure
from spm_lib.reps.skills.standings import Standing

if TYPE_CHECKING:
    from spm_lib.reports.pages.team_read import Outcome

FEW = 20  # cases; a ratio of fewer is printed grey


class PeoplePage(Page):
    """A page about single people.

    Parameters
    ----------
    peers
        The file of what may be told of the others; empty: worked out from the workspace.
    team
        The file of what the team's register tells of the people; empty: asked of the client.
    """

    def __init__(
        self,
        workspace: str,
        *,
        as_of: str = "",
        language: str = "",
        scope: str = "",
        months: int = 12,
        peers: str = "",
        team: str = "",
    ) -> None:
        super().__init__(workspace, as_of=as_of, language=language, scope=scope, months=months)
        self._workspace, self._peers, self._team = workspace, peers, team

    @cached_property
    def peer_table(self) -> PeerTable:
        """What each person may be told of the others."""
        if self._peers:
            return read_peers(self._peers)
        whole = self._whole_company
        return PeerTable() if whole is None else peers_of(whole, window=self.window)

    @cached_property
    def _whole_company(self) -> Company | None:
        """The whole company; none where only a view of it is at hand."""
        if not self.company.scoped:
            return self.company
        if is_view(self._workspace):
            return None
        return open_company(self._workspace, as_of=self.company.as_of)

    @cached_property
    def team_told(self) -> Outcome:
        """What the register tells of the people, why it cannot, or none where there is none."""
        from spm_lib.reports.pages.team_read import read_outcome, told_for

        if self._team:
            return read_outcome(Path(self._team).read_text(encoding="utf-8"))
        whole = self._whole_company
        return None if whole is None else told_for(whole, self.scope)

    def peers(self, rep: str) -> Peers:
        """Return what one person may be told of the others."""
        return self.peer_table.of(rep)

    def peer_figure(self, rep: str, metric: str, key: str = "") -> Figure | None:
        """Return one number of the others as a figure; none where it is withheld."""
        found = self.peers(rep).value(metric, key)
        if found is None:
            return None
        level = self.peers(rep).level
        return peer_figure(self.company, self.window, rep, level=level, told=found)

    def standing_figure(self, rep: str, standing: Standing, name: str) -> Figure | None:
        """Return the person's "own" number of a skill, or that of the others ("skill")."""
        return standing_figure(self.company, self.window, rep, standing=standing, name=name)

    @cached_property
    def numbers(self) -> PeopleNumbers:
        """The numbers of the people in scope."""
        return PeopleNumbers(self)

    @cached_property
    def open_deals(self) -> OpenDeals:
        """The open deals in scope, and what asks for attention."""
        usual = usual_days(self.company, self.window, peers=self.peer_table)
        return open_deals(self.company, usual=usual)

    @cached_property
    def _open_counts(self) -> dict[str, Figure]:
        if not self.known("opportunities"):
            return {}
        return {
            f.by["rep_id"]: f for f in measure(self.company, "open.count", by="rep_id").figures()
        }

    def flag_figure(self, rep: str, flag: str, *, of: str = "count") -> Figure | None:
        """Return how many open deals of a person carry a flag (or their amount); none: not told."""
        from spm_lib.reports.pages.open_deals import flag_figure

        base = self._open_counts.get(rep)
        if flag not in self.open_deals.told or base is None:
            return None
        return flag_figure(base, self.open_deals.of(rep), flag, company=self.company, of=of)

    def deal_label(self, deal: OpenDeal | ClosedDeal) -> str:
        """Return what a deal is called: its id, and its account where it has a name."""
        if not deal.account:
            return deal.opportunity_id
        return f"{deal.opportunity_id} · {self.language.isolate(deal.account)}"

    def grey(self, figure: Figure | None, part: str = "value") -> Number | None:
        """Return a cell of a ratio, grey where it rests on few cases."""
        if figure is None:
            return None
        return Number.model_validate(
            {"figure": figure, "part": part, "faint": (figure.n or 0) < FEW}
        )
