"""What approved plans ask of the people on a page: told by the gate, or read from the register."""

from __future__ import annotations

from datetime import date

from spm_lib.dashboards.kept_view import Kept
from spm_lib.dashboards.told import Admitted
from spm_lib.model import open_company
from spm_lib.plans import ApprovedTargets, Planner
from spm_lib.team import approved_targets


def approved_for(admitted: Admitted, day: date | None) -> ApprovedTargets:
    """Return what approved plans ask of the scope of a page.

    A viewer's page is told by the server, for its scope and no other; where there is no gate the
    page asks the client's register itself.

    Parameters
    ----------
    admitted
        What the page may show.
    day
        The day that was asked for, after which no approval is known; null: today's are.
    """
    if admitted.viewer:
        try:
            told = ApprovedTargets.read(Kept(admitted.source).approved.read_text("utf-8"))
        except OSError:
            return ApprovedTargets.none()
        return told if day is None else told.known_on(day)
    company, scope = admitted.company, admitted.company.scope

    def planner() -> Planner:
        return Planner(open_company(admitted.workspace) if scope.narrow else company)

    return approved_targets(company, scope, planner=planner, on=day)
