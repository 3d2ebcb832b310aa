"""What a server tells a page's kernel, in its environment: whose rows, where they lie, who looks.

Only the server writes it, last of all: no address, header or cookie reaches these names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spm_lib.core.errors import ScopeError
from spm_lib.model import Company, open_company

WORKSPACE, SCOPE, VIEW, VIEWER = "SPM_WORKSPACE", "SPM_SCOPE", "SPM_VIEW", "SPM_VIEWER"
SCRIPTS = "SPM_SCRIPTS"  # where our server serves the scripts of widgets; others do not
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "spm.toml"


@dataclass(frozen=True)
class Visit:
    """One page that a viewer who passed the gate opens.

    Attributes
    ----------
    viewer
        Who looks.
    key
        The session that owns the page's kernel.
    asked
        The scope, as the workspace file grants it.
    file
        The view that holds the rows of that scope and no others.
    workspace
        The client's workspace file.
    """

    viewer: str
    key: str
    asked: str
    file: Path
    workspace: Path

    def environment(self) -> dict[str, str]:
        """Return what the page's kernel is told."""
        return {
            VIEWER: self.viewer,
            SCOPE: self.asked,
            VIEW: str(self.file),
            WORKSPACE: str(self.workspace),
        }


VISIT: ContextVar[Visit | None] = ContextVar("visit", default=None)
"""The visit that the server is answering; None where there is no gate."""


@dataclass(frozen=True)
class Admitted:
    """What a page may show: a company that holds nobody else's rows, and who looks at it.

    Attributes
    ----------
    company
        The rows, already scoped.
    viewer
        Who looks; empty where there is no gate.
    workspace
        The client's workspace file.
    scope
        The scope as it was asked for.
    source
        What ``open_company`` opens these rows from.
    """

    company: Company
    viewer: str
    workspace: Path
    scope: str
    source: Path

    @property
    def from_view(self) -> bool:
        """Whether the rows were read from what the server had opened."""
        return self.source != self.workspace


def admitted(
    *,
    as_of: date | None = None,
    workspace: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Admitted:
    """Return what the page may show to whoever opened it: the one call that a dashboard makes.

    Behind the gate that is the view which the server made for the viewer, and nothing else. Without
    a gate it is the scope that the server was started with.

    Parameters
    ----------
    as_of
        Day the rows are as of; None: the workspace's own.
    workspace
        Workspace file in a notebook of one's own; None: the one the server was started with, else
        the sample company. Behind the gate it must be left out.
    environment
        What the server told; None: what it told this process.

    Raises
    ------
    ScopeError
        If a viewer has no view, or the page asks for another workspace than the viewer's.
    SpmError
        If the rows cannot be opened.
    """
    environment = os.environ if environment is None else environment
    viewer, file = environment.get(VIEWER, ""), environment.get(VIEW, "")
    scope = environment.get(SCOPE, "company")
    path = Path(workspace or environment.get(WORKSPACE) or SAMPLE)
    if viewer and (not file or workspace is not None):
        raise ScopeError(
            "Nothing was opened for this viewer.",
            found=viewer,
            do="Open the dashboard anew from the list of dashboards",
        )
    if viewer:
        company = open_company(file, as_of=as_of, scope=scope)
        return Admitted(company, viewer, path, scope, Path(file))
    if file and as_of is None and workspace is None:
        with suppress(OSError):  # it may be gone by now
            return Admitted(open_company(file, scope=scope), "", path, scope, Path(file))
    return Admitted(open_company(path, as_of=as_of, scope=scope), "", path, scope, path)
