"""Everything a report says is translated: calls, titles, tiles, sections, templates."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from spm_lib.core.catalogue import catalogue
from spm_lib.model.names import COLUMN_NAMES, TABLE_NAMES
from spm_lib.reports.pages.forecast_page import PARTS
from spm_lib.reports.pages.funnel_breakdowns import CHAIN
from spm_lib.reports.pages.reps_page import ASPECTS
from spm_lib.reports.pages.stage_flow import ARRIVED, COUNTS

ROOM = Path(__file__).resolve().parents[2] / "spm_lib" / "reports"
FIRST = {"say", "text", "section", "lacking", "_tile", "_without", "_annexed"}
NAMED = {"title", "help", "note", "label"}
FILLED_BY_DATA = {"", "…"}


def spoken_in_code() -> set[str]:
    """Return every literal that a page gives to something that translates it."""
    found: set[str] = set()
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= _of_call(node)
            elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "title":
                found |= _texts(node.value)
    return found - FILLED_BY_DATA


def _of_call(node: ast.Call) -> set[str]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    found: set[str] = set()
    if name in FIRST:
        for arg in node.args[:2] if name == "_annexed" else node.args[:1]:
            found |= _texts(arg)
    if name == "plural":
        found |= _texts(node.args[0])
    if name in ("Column", "table", "chart"):
        for keyword in node.keywords:
            if keyword.arg in NAMED and not (name == "chart" and keyword.arg == "title"):
                found |= _texts(keyword.value)
    return found


def _texts(node: ast.expr | None) -> set[str]:
    """Return the literal texts of an expression: a constant, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return set()


def spoken_in_templates() -> set[str]:
    found: set[str] = set()
    for path in (ROOM / "html" / "templates").glob("*.j2"):
        found |= set(re.findall(r'text\("([^"]+)"\)', path.read_text(encoding="utf-8")))
    return found


def test_everything_said_is_translated() -> None:
    known = catalogue("he")
    said = (
        spoken_in_code()
        | spoken_in_templates()
        | {*TABLE_NAMES.values(), *COLUMN_NAMES.values()}
        | set(ASPECTS.values())
    )
    said |= {label for label, _ in (*PARTS, *CHAIN)} | {*COUNTS.values(), *ARRIVED.values()}
    assert len(said) > 100
    missing = sorted(said - set(known.texts) - set(known.plurals))
    assert not missing, "\n".join(missing)
