"""Every text of this room that people read is translated."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from spm_lib.core import language
from spm_lib.model import TABLES
from spm_lib.model.asof import DEAL_ASIDE, NO_DEAL, UNDATED
from spm_lib.model.canonical import UNREADABLE_ROW
from spm_lib.model.checks import RULES
from spm_lib.model.currency import NO_RATE
from spm_lib.model.keys import CONFLICT, EXACT, OLDER

ROOM = Path(__file__).resolve().parents[2] / "spm_lib" / "model"
FILES = [
    *("key_notices.py", "row_notices.py", "history_notices.py", "intake.py"),
    *("export_day.py", "targets.py", "repeat_notices.py"),
]


def messages() -> list[str]:
    """Texts of notices: the sixth argument of ``Notice``, or a constant that ends in a stop."""
    found = []
    for name in FILES:
        for node in ast.walk(ast.parse((ROOM / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if "{" in text and text.endswith(".") and " " in text:
                    found.append(text)
    return sorted(set(found))


def reasons() -> list[str]:
    made = [
        UNDATED,
        UNREADABLE_ROW,
        NO_RATE,
        EXACT,
        CONFLICT,
        OLDER,
        NO_DEAL,
        DEAL_ASIDE,
        "no stage",
    ]
    made += [reason for rules in RULES.values() for reason in rules]
    for table in TABLES.values():
        made += [f"no {c.name}" for c in table.columns if c.required]
        made += [f"unreadable {c.name}" for c in table.columns if c.kind not in ("id", "text")]
    return sorted(set(made))


def test_there_are_messages() -> None:
    assert len(messages()) > 20


@pytest.mark.parametrize("text", [*messages(), *reasons()])
def test_it_is_translated(text) -> None:
    hebrew = language("he")
    blanks = dict.fromkeys(["n", "open", "lost", "closed", "all", "rows_in", "rows_out", "days"], 1)
    names = ["column", "table", "target", "values", "near", "created", "outcome", "raws", "raw"]
    later = ["places", "day", "as_of"]
    given = {**blanks, **dict.fromkeys([*names, "note", "newest", "next", *later], "x")}
    assert any("\u0590" <= sign <= "\u05ff" for sign in hebrew.text(text, **given)) or text == (
        "{raw}: {note}."
    )
