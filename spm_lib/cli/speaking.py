"""How the command speaks of errors: one paragraph on stderr, and an exit status that is true."""

from __future__ import annotations

import traceback
from typing import Any

import typer
from typer.core import TyperGroup

from spm_lib.core.errors import SpmError

FAILED, STOPPED = 1, 130


class SpeakingGroup(TyperGroup):
    """The group of all commands; ``--debug`` may stand anywhere on the line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take ``--debug`` out of the line wherever it stands."""
        before = args[: args.index("--")] if "--" in args else args
        ctx.obj = {"debug": "--debug" in before}
        kept = [arg for arg in before if arg != "--debug"]
        return super().parse_args(ctx, [*kept, *args[len(before) :]])

    def invoke(self, ctx: Any) -> Any:
        """Run the command; whatever goes wrong is told in one paragraph."""
        try:
            return super().invoke(ctx)
        except SpmError as error:
            told = str(error)
            cause: BaseException = error
        except KeyboardInterrupt:
            typer.echo("Stopped. Nothing is left half-written.", err=True)
            raise typer.Exit(STOPPED) from None
        except Exception as error:
            if not _is_fault(error):
                raise
            told, cause = unexpected(error), error
        if ctx.obj["debug"]:
            typer.echo("".join(traceback.format_exception(cause)), err=True, nl=False)
        typer.echo(f"Error: {told}", err=True)
        raise typer.Exit(FAILED) from None


def unexpected(error: Exception) -> str:
    """Return the paragraph on an error that nobody foresaw."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}."
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"This should not have happened, and is a fault of the program. Found: {text}. "
        "What to do: run the same line with --debug and report what it prints."
    )


def _is_fault(error: Exception) -> bool:
    """Say whether an exception is more than the command line's own way of ending."""
    own = type(error).__module__.startswith("typer")
    return not own and not isinstance(error, EOFError | BrokenPipeError)
