"""The address of a dashboard: its parameters are checked before a kernel starts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from spm_lib.core.errors import ParameterError
from spm_lib.core.language import language
from spm_lib.reports.parameters import check_parameters


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


def launch_hook(path: Path, own_language: str, title: str) -> Callable[..., Any]:
    """Return the function Voila calls for each visitor before it starts a kernel."""

    def prepare(handler: Any, *, notebook: Any, cwd: str) -> Any:  # noqa: ARG001  (Voila's call)
        from tornado.web import HTTPError

        try:
            given = parameters_of(handler.request.query, path)
        except ParameterError as error:
            raise HTTPError(400, log_message=str(error), reason="Parameters refused") from None
        spoken = language(given.get("language") or own_language)
        notebook["metadata"]["title"] = spoken.text(title)
        words = {"language": spoken.code, "direction": spoken.direction}
        notebook["metadata"]["spm"] = words
        return injected(notebook, given) if given else notebook

    return prepare
