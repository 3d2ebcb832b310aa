"""The address of a dashboard: its parameters are checked before a kernel starts."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from spm_lib.core.errors import ParameterError, SpmError
from spm_lib.core.language import language
from spm_lib.dashboards.asked import check_day, read_saved
from spm_lib.dashboards.kept_view import KeptView
from spm_lib.dashboards.told import VIEW, VISIT
from spm_lib.reports.runs.parameters import check_parameters


def parameters_of(query: str, notebook: Path) -> dict[str, Any]:
    """Read a query string by the declarations of the notebook.

    Raises
    ------
    ParameterError
        If a parameter is unknown, mistyped, out of range, or given twice.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(
            "A parameter is given twice.", found=", ".join(twice), do="Give each only once"
        )
    return check_parameters(notebook, dict(pairs))


def injected(notebook: Any, given: Mapping[str, Any]) -> Any:
    """Return the notebook with a cell of assignments after its parameters cell.

    The values have been checked, and are written as Python literals: an address cannot bring
    code into a page.
    """
    cells = notebook["cells"]
    tags = [cell["metadata"].get("tags", []) for cell in cells]
    at = next(i for i, found in enumerate(tags) if "parameters" in found)
    cell = copy.deepcopy(cells[at])
    cell["metadata"]["tags"] = ["injected-parameters"]
    cell["source"] = "\n".join(f"{name} = {value!r}" for name, value in given.items())
    cell["id"] = "injected-parameters"
    cells.insert(at + 1, cell)
    return notebook


@dataclass(frozen=True)
class Visits:
    """What every visit of one server has in common.

    Attributes
    ----------
    notebook
        The dashboard.
    workspace
        The client's workspace file.
    language
        Language where the address names none.
    scope
        Whose rows the server shows; no address can change it.
    title
        Message id of the page's title.
    kernel
        The kernel that visits run in.
    view
        What the server has opened; None: each page opens the workspace itself.
    script
        Address of the script of its widget, to be fetched and begun early; empty: it has none.
    hosted
        Whether our host shows its widgets, not Voila's own script.
    """

    notebook: Path
    workspace: Path
    language: str
    scope: str
    title: str
    kernel: str = "python3"
    view: KeptView | None = None
    script: str = ""
    hosted: bool = False

    def prepare(self, handler: Any, *, notebook: Any, cwd: str) -> Any:  # noqa: ARG002
        """Prepare the notebook for a visitor; Voila calls it before it starts a kernel."""
        from tornado.web import HTTPError

        try:
            given = self.checked(handler.request.query)
        except SpmError as error:
            raise HTTPError(400, log_message=str(error), reason="Parameters refused") from None
        self._tell_kernel()
        spoken = language(given["language"])
        words = {"language": spoken.code, "direction": spoken.direction}
        if self.script:
            words["script"] = self.script
        if self.hosted:
            words["hosted"] = "yes"
            words["lost"] = spoken.text("The line to the server is lost. Load this page again.")
        notebook["metadata"] |= {"title": spoken.text(self.title), "spm": words}
        notebook["metadata"]["kernelspec"]["name"] = self.kernel
        return injected(notebook, given)

    def _tell_kernel(self) -> None:
        """Say in the environment, which the visit's kernel is given, where the rows are.

        Behind the gate the kernel is told by the visit itself.
        """
        file = self.view.file if self.view else None
        os.environ[VIEW] = str(file or "")

    def checked(self, query: str) -> dict[str, Any]:
        """Return the parameters of an address, the language among them.

        Raises
        ------
        SpmError
            If any of them cannot be.
        """
        given, visit = parameters_of(query, self.notebook), VISIT.get()
        rows, scope = (visit.file, visit.asked) if visit else (self.workspace, self.scope)
        check_day(rows, given.get("as_of", ""), scope=scope)
        if given.get("scenario"):
            read_saved(self.workspace, given["scenario"], scope=scope)
        return given | {"language": given.get("language") or self.language}
