"""How the command speaks of errors: one paragraph on stderr, and an exit status that is true."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup

from spm_lib.core.errors import SpmError

FAILED, MISUSED, STOPPED = 1, 2, 130


class SpeakingGroup(TyperGroup):
    """The group of all commands; ``--debug`` may stand anywhere on the line."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run a line; one that cannot be understood is refused in one paragraph too."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        try:
            status = super().main(*args, standalone_mode=False, **extra)
        except typer.Abort:
            typer.echo("Stopped. Nothing is left half-written.", err=True)
            status = FAILED
        except typer.TyperException as error:
            status = _refused(error)
        sys.exit(status if isinstance(status, int) else 0)

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


def _refused(error: Any) -> int:
    """Tell what is wrong with a line, and return the exit status."""
    if type(error).__name__ == "NoArgsIsHelpError":  # the answer to a line without a command
        error.show()
        return MISUSED
    told = " ".join(error.format_message().split())
    where = error.ctx.command_path if getattr(error, "ctx", None) else "spm"
    told = told if told.endswith((".", "?")) else f"{told}."
    typer.echo(f"Error: {told} What to do: see `{where} --help`.", err=True)
    return int(error.exit_code)


def _is_fault(error: Exception) -> bool:
    """Say whether an exception is more than the command line's own way of ending."""
    own = type(error).__module__.startswith("typer")
    return not own and not isinstance(error, EOFError | BrokenPipeError)
