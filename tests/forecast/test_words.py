"""All that forecast and reps say is in the Hebrew catalogue, texts held in variables too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import spm_lib.forecast
import spm_lib.reps
from spm_lib.core.catalogue import catalogue
from spm_lib.forecast.ladder import LEVELS
from spm_lib.model import metric_ids

ROOT = Path(spm_lib.forecast.__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "forecast").rglob("*.py"), *(ROOT / "reps").rglob("*.py")])


def sentences(path: Path) -> set[str]:
    """Literals with spaces under ``text = ``, ``name = `` and ``return `` of a file."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assigned = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
            "text",
            "name",
        )
        told = isinstance(node, ast.Return) and path.name == "findings.py"
        if assigned or told:
            found |= {
                c.value
                for c in ast.walk(node)
                if isinstance(c, ast.Constant) and isinstance(c.value, str) and " " in c.value
            }
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_sentences_are_translated(path: Path) -> None:
    assert not sentences(path) - set(catalogue("he").texts)


def test_definitions_and_levels_are_translated() -> None:
    known = catalogue("he").texts
    parts = ("name", "formula", "numerator", "denominator", "null_rule", "reading")
    told = {
        getattr(metric, part)
        for metric in metric_ids()
        if metric.room in ("forecast", "reps")
        for part in parts
    }
    assert not {text for text in (told | set(LEVELS.values())) - set(known) if text}
