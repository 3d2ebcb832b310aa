"""docs/commands.md is generated from the command itself and is current."""

from __future__ import annotations

from pathlib import Path

import typer

from spm_lib.cli import app

ROOT = Path(__file__).resolve().parents[2]
HEAD = """# Commands

Made from the command itself (`make golden`). `spm COMMAND --help` says the same. Exit status 0
means that all was done, 1 that something was refused or failed (one paragraph on stderr;
`--debug` anywhere on the line shows where in the program), 2 that the line could not be
understood, 130 that it was stopped. Whatever is written appears whole or not at all.
"""


def page() -> str:
    parts = [HEAD]
    for name, command in commands(typer.main.get_command(app)):
        parts += [f"## spm {name}", "", (command.help or "").replace("\n    ", "\n"), ""]
        parts += ["| | what it is |", "|---|---|"]
        parts += [row(parameter) for parameter in command.params]
        parts.append("")
    return "\n".join(parts)


def commands(group, before: str = ""):
    """Yield every command under the words that call it, those of groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def row(parameter) -> str:
    help_text = getattr(parameter, "help", None) or ""
    if parameter.param_type_name == "argument":
        return f"| `{parameter.metavar or parameter.name.upper()}` | {help_text} |"
    default = parameter.default
    shown = "" if default in (None, False, "") or callable(default) else f" Default: `{default}`."
    return f"| {', '.join(f'`{opt}`' for opt in parameter.opts)} | {help_text}{shown} |"


def test_the_page_of_commands_is_current(golden) -> None:
    golden.check(ROOT / "docs" / "commands.md", page())
