"""The shelf's notebooks run cell by cell in this process: the tests' quick way to a document."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from spm_lib.reports import find_notebook
from spm_lib.reports.blocks import MIME, BlockBase
from spm_lib.reports.document import Document
from spm_lib.reports.runs.export import document_of
from spm_lib.reports.runs.parameters import source_of

NAMES = ("funnel", "forecast", "reps")
BUT_FORECASTS = [  # those are a proof: all methods forecast all past months
    "funnel",
    pytest.param("forecast", marks=pytest.mark.proof),
    "reps",
]
PEOPLE = {
    "rep": "rep:R01",
    "manager": "",
    "coaching": "",
    "mistakes": "",
    "playbook": "",
    "segments": "",
    "targets": "",
    "statement": "",
}  # pages of people, and whose they are


@cache
def shelf_document(name: str, workspace: Path, language: str) -> Document:
    """Return the document of a report notebook, each cell executed in its order."""
    book = json.loads(find_notebook(name).read_text(encoding="utf-8"))
    scope = PEOPLE.get(name, "")
    given = {"workspace": str(workspace), "language": language, "scope": scope}
    space: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] != "code":
            continue
        value = _run(source_of(cell), space)
        if "parameters" in cell["metadata"].get("tags", ()):
            space.update(given)
        if isinstance(value, BlockBase):
            data = {MIME: json.loads(json.dumps(value.payload()))}
            cell["outputs"] = [{"output_type": "execute_result", "data": data}]
    return document_of(book, title=name)


def _run(source: str, space: dict[str, Any]) -> Any:
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), space)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None
