"""The ``spm`` command: a line of text comes in, a call into a room goes out, and its exit status.

Thin: nothing is computed here. Rooms are imported inside the commands, so that help comes at once.
May import everything.
"""

from spm_lib.cli.app import app


def main() -> None:
    """Run the ``spm`` command."""
    app()


__all__ = ["app", "main"]
