"""Every message is translated, once, with the same fields on both sides."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from spm_lib.core.catalogue import FOLDER, catalogue, read_po
from spm_lib.core.language import language

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "spm_lib").rglob("*.py"))
FILES = sorted((FOLDER / "he").glob("*.po"))
# Calls whose first argument is a message id: methods of Language, and typed sentences.
SPEAKING = {"text", "plural", "Statement", "Phrase"}


def fields(text: str) -> set[str]:
    """Return the names of the placeholders in a message, those inside a choice of words too."""
    found: set[str] = set()
    for _, name, spec, _ in string.Formatter().parse(text):
        if name is not None:
            found |= {name} | fields(spec or "")
    return found


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
    from spm_lib.cli.dictionary import DECLARING_ROOMS
    from spm_lib.model.registry import metric_ids

    for room in DECLARING_ROOMS:
        importlib.import_module(f"spm_lib.{room}")

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


# Nouns that a bare number would be set before, also where it is 1.
NOUNS = "deals|people|rows|orders|targets|changes|figures|months|quarters|opportunities"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_one_thing_is_not_told_as_many(path: Path) -> None:
    """A counted noun stands inside the number's own choice of words: {n:1 row|{n} rows}."""
    bare = re.compile(r"\{(n|count|rows|deals|open)(:,)?\} (\w+ )?(" + NOUNS + r")\b")
    plural = []
    for message, translation in read_po(path).items():
        if isinstance(translation, str):
            chosen = re.sub(
                r"\{\w+:[^{}|]*(\{[^{}]*\}[^{}|]*)*\|([^{}]|\{[^{}]*\})*\}", "", message
            )
            plural += [message] if bare.search(chosen) and message not in ALWAYS_MANY else []
    assert not plural


ALWAYS_MANY = {
    # thirty deals at least, two deals at least, or all of many
    "The narrowest point is {stage}: of {n} deals that reached it, {rate} have gone on so far.",
    "The narrowest point of {pipeline} is {stage}: of {n} deals that reached it, {rate} have gone "
    "on so far.",
    "Look first at the {deals} open deals that weigh most: {amount} expected, {share} of what all "
    "open deals should bring in the quarter.",
    "The first {shown} of {n} rows.",
}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
@pytest.mark.parametrize("n", [1, 2])
def test_every_choice_of_words_can_be_made(path: Path, n: int) -> None:
    values = {"interval": "1%–2%", "values": "a"}
    for message, translation in read_po(path).items():
        if not isinstance(translation, str) or not re.search(r"\{\w+:[^}]*\|", message):
            continue
        named = set(re.findall(r"\{(\w+)", message))
        filled = {name: values.get(name, n) for name in named}
        for code in ("en", "he"):
            text = language(code).text(message, **filled)
            assert not set("{}|") & set(text), (message, text)


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
