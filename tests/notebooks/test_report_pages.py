"""Report notebooks stay pages: one parameters cell, calls and prose, nothing stored."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from spm_lib.reports import read_parameters
from spm_lib.reports.runs.export import HIDDEN_TAGS

FOLDER = Path(__file__).resolve().parents[2] / "notebooks" / "reports"
PAGES = sorted(FOLDER.glob("*.ipynb"))
MOST_LINES = 40
FORBIDDEN = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.If,
    ast.Try,
    ast.With,
    ast.ListComp,
    ast.DictComp,
)
WORDS = {"join", "group_by", "groupby", "merge", "filter", "with_columns", "agg", "apply"}


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def cells(request: pytest.FixtureRequest) -> list[dict]:
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def code(cells: list[dict]) -> list[str]:
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def test_the_reports_are_there() -> None:
    shelf = {"funnel", "forecast", "reps", "rep", "manager", "coaching", "targets", "statement"}
    shelf |= {"letter", "mistakes", "one_on_one", "playbook", "segments"}
    assert {path.stem for path in PAGES} == shelf


def test_a_page_is_short_and_only_calls(cells) -> None:
    lines = [line for source in code(cells) for line in source.splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES
    for source in code(cells):
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, FORBIDDEN), ast.unparse(node)
            if isinstance(node, ast.Attribute):
                assert node.attr not in WORDS, ast.unparse(node)


def test_a_page_imports_only_the_library(cells) -> None:
    for source in code(cells):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] == "spm_lib" for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] == "spm_lib"


def test_nothing_is_stored(cells) -> None:
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_one_cell_declares_every_parameter_with_its_help(cells) -> None:
    declared = read_parameters({"cells": cells})
    assert {"workspace", "as_of", "language"} <= {p.name for p in declared}
    assert all(p.help for p in declared)
    assert all(p.low is not None for p in declared if p.type in ("int", "float"))


def test_prose_for_the_analyst_stays_out_of_the_report(cells) -> None:
    for cell in cells:
        if cell["cell_type"] == "markdown":
            assert HIDDEN_TAGS & set(cell["metadata"].get("tags", ()))


def test_the_help_names_the_page_that_is_called(cells) -> None:
    """Every call of the page is one that the page has."""
    import spm_lib.reports as reports

    sources = code(cells)
    (kind,) = [line.split()[-1] for s in sources for line in s.splitlines() if "import" in line]
    called = {s.strip() for s in sources if s.startswith("page.")}
    for call in called:
        assert hasattr(getattr(reports, kind), call.removeprefix("page.").removesuffix("()"))
