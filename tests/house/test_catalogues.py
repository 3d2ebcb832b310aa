"""Every message is translated, once, with the same fields on both sides."""

from __future__ import annotations

import ast
import re
import string
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from spm_lib.core.catalogue import FOLDER, catalogue, read_po

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "spm_lib").rglob("*.py"))
FILES = sorted((FOLDER / "he").glob("*.po"))
# Calls whose first argument is a message id: methods of Language, and typed sentences.
SPEAKING = {"text", "plural", "Statement", "Phrase"}


def fields(text: str) -> set[str]:
    """Return the names of the placeholders in a message."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _is_sql(function: ast.expr) -> bool:
    """Say whether a call is ``sqlalchemy.text``, which speaks to a database."""
    owner = getattr(function, "value", None)
    return isinstance(owner, ast.Name) and owner.id == "sqlalchemy"


@cache
def spoken(path: Path) -> list[tuple[int, str, str | None]]:
    """Return line, message and plural of every call that speaks a literal message."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or _is_sql(node.func):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        literals = [
            arg.value
            for arg in node.args[:2]
            if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if name in SPEAKING and literals and isinstance(node.args[0], ast.Constant):
            plural = literals[1] if name == "plural" else None
            found.append((node.lineno, literals[0], plural))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "spm_lib")))
def test_every_message_is_translated(path: Path) -> None:
    known = catalogue("he")
    missing = [
        f"{path.name}:{line} {message!r}"
        for line, message, plural in spoken(path)
        if message and message not in (known.texts if plural is None else known.plurals)
    ]
    assert not missing


def test_the_dictionary_is_translated() -> None:
    import spm_lib.metrics  # noqa: F401 - declares its ids
    from spm_lib.model.registry import metric_ids

    known = catalogue("he").texts
    parts = ("name", "formula", "numerator", "denominator", "null_rule", "reading")
    missing = {
        text
        for metric in metric_ids()
        if metric.room != "own"  # a client's own metric speaks the client's language
        for part in parts
        if (text := getattr(metric, part)) and text not in known
    }
    assert not missing


def test_no_message_is_translated_in_two_ways() -> None:
    ways: dict[str, set[object]] = defaultdict(set)
    for path in FILES:
        for message, translation in read_po(path).items():
            ways[message].add(translation)
    assert not {message: found for message, found in ways.items() if len(found) > 1}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_fields_are_the_same_on_both_sides(path: Path) -> None:
    torn = {}
    for message, translation in read_po(path).items():
        if isinstance(translation, str):
            same = fields(message) == fields(translation)
        else:
            one, many = (fields(part) for part in translation)
            same = many - {"n"} == fields(message) - {"n"} == one - {"n"}
        if not same:
            torn[message] = translation
    assert not torn


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_nothing_is_left_half_done(path: Path) -> None:
    from babel.messages.pofile import read_po as parse

    with path.open("rb") as file:
        messages = list(parse(file, locale="he"))
    undone = [m.id for m in messages if m.id and (m.fuzzy or not m.string or not all(m.string))]
    assert not undone


def test_notices_and_reasons_are_translated() -> None:
    """What the receipt tells: notices of traps, and the reasons why rows are set aside."""
    from spm_lib.model import TABLES
    from spm_lib.model.asof import UNDATED
    from spm_lib.model.canonical import UNREADABLE_ROW
    from spm_lib.model.checks import RULES
    from spm_lib.model.currency import NO_RATE
    from spm_lib.model.keys import CONFLICT, EXACT

    known = catalogue("he").texts
    told = {UNDATED, UNREADABLE_ROW, NO_RATE, CONFLICT, EXACT, "no such deal", "no stage"}
    parsed = ("moment", "day", "money", "number", "whole", "rate", "share")
    told |= {f"unreadable {c}" for table in TABLES.values() for c in table.names(*parsed)}
    columns = [column for table in TABLES.values() for column in table.columns]
    told |= {f"no {column.name}" for column in columns if column.required}
    told |= {reason for rules in RULES.values() for reason in rules}
    for path in (ROOT / "spm_lib" / "model").glob("*.py"):
        if "notice" in path.name or path.name == "intake.py":
            told |= _messages(path)
    assert not {message for message in told if message not in known}


def _messages(path: Path) -> set[str]:
    """Return the literal texts of a file that have a placeholder and several words."""
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\{[a-z_]+(:,)?\}", node.value)
        and " " in node.value.strip()
        and not node.value.startswith(" ")  # a tail that is added to another message
    }
