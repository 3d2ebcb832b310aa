"""The house rules that can be read off the code: rooms, doors, sizes."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "spm_lib"
ROOMS = sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
SOURCES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py"}


@pytest.mark.slow
def test_rooms_import_upstream_only() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_one_door(room: str) -> None:
    module = importlib.import_module(f"spm_lib.{room}")
    assert module.__doc__, "the room says what comes in and what goes out"
    exported = module.__all__
    assert list(exported) == sorted(exported, key=_order), "__all__ is sorted"
    for name in exported:
        assert getattr(module, name) is not None


def _order(name: str) -> tuple[int, str]:
    """Return a name's place in ``__all__`` (as ruff sorts it): constants, classes, functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_stay_small(path: Path) -> None:
    assert path.name not in FORBIDDEN_NAMES
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400, "one concept, one file: split it"
    long = {
        f"{node.name}:{node.lineno}": size
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := _body_lines(node)) > 60
    }
    assert not long


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    body = node.body[1:] if is_doc else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_import_is_light() -> None:
    heavy = ("altair", "papermill", "pandas", "polars")
    code = f"import sys, spm_lib; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_funnel_report_loads_nothing_of_people_or_forecasts() -> None:
    code = (
        "import sys; from spm_lib.reports import FunnelPage; "
        "print([m for m in sys.modules if m in ('spm_lib.reps', 'spm_lib.forecast', "
        "'scipy.optimize')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_test_tells_an_example() -> None:
    """It would not be run: examples are looked for in the library only."""
    prompt = ">" * 3 + " "
    assert not [p for p in (ROOT / "tests").rglob("*.py") if prompt in p.read_text("utf-8")]
