"""docs/reference.md is generated from the rooms' doors and is current."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(p.parent.name for p in (ROOT / "spm_lib").glob("*/__init__.py"))


def signature(value: object) -> str:
    """Return the call as it is written, without default objects that print an address."""
    if not callable(value):
        return ""
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    text = re.sub(
        r"=\s*\(?<[^=]*?object at 0x.*?>,?\)(?=[,)])|= <[^>]*object at 0x[^>]*>", "= ...", text
    )
    return text.split(" -> ")[0].replace("typing.", "")


def first_sentence(value: object) -> str:
    return (inspect.getdoc(value) or "").strip().split("\n\n")[0].replace("\n", " ")


def page() -> str:
    parts = [
        "# Reference",
        "",
        "Generated from the code (`make golden`): rooms in the order of their names.",
        "",
    ]
    for room in ROOMS:
        module = importlib.import_module(f"spm_lib.{room}")
        parts += [
            f"## spm_lib.{room}",
            "",
            first_sentence(module),
            "",
            "| name | what it does |",
            "|---|---|",
        ]
        for name in module.__all__:
            value = getattr(module, name)
            text = first_sentence(value) if callable(value) else "A constant."
            call = signature(value) if inspect.isfunction(value) else ""
            cells = [f"`{name}{call}`", text]
            parts.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
        parts.append("")
    return "\n".join(parts)


def test_the_reference_is_current(golden) -> None:
    golden.check(ROOT / "docs" / "reference.md", page())


def test_every_public_callable_is_described() -> None:
    silent = [
        f"{room}.{name}"
        for room in ROOMS
        for module in [importlib.import_module(f"spm_lib.{room}")]
        for name in module.__all__
        if callable(getattr(module, name)) and not first_sentence(getattr(module, name))
    ]
    assert not silent
