"""``spm simulate``: write a company with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spm_lib.cli.printing import print_table

_STREAMED_FROM = 200_000  # opportunities that are no longer held in memory at once


def simulate(
    preset: Annotated[
        str | None, typer.Argument(help="Which company; without it, what there is.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.", min=0)] = 1,
    folder: Annotated[
        Path | None, typer.Option(help="Where to write it; default: ./<preset>.")
    ] = None,
    opportunities: Annotated[
        int | None, typer.Option(help="How many, instead of the preset's own.", min=1)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a company simulated before.")
    ] = False,
) -> None:
    """Write the raw files of an invented company, and the truth about it, into a folder."""
    from spm_lib.simulate import PRESETS, preset_of

    if preset is None:
        rows = [(p.name, f"{p.opportunities:,}", p.claim) for p in PRESETS.values()]
        print_table(
            ["preset", "opportunities", "what it is"],
            rows,
            right=["opportunities"],
            wrapped=["what it is"],
        )
        return
    from dataclasses import replace

    chosen = preset_of(preset)
    if opportunities:
        chosen = replace(chosen, opportunities=opportunities)
    home = folder or Path(chosen.name)
    _check_free(home, force=force)
    typer.echo(f"Wrote {_write(chosen, seed, home)}")


def _write(chosen: object, seed: int, home: Path) -> Path:
    from spm_lib.simulate import Preset, simulate
    from spm_lib.simulate.stream import stream
    from spm_lib.store import whole_folder

    assert isinstance(chosen, Preset)
    write = stream if chosen.opportunities >= _STREAMED_FROM else simulate
    with whole_folder(home) as fresh:
        name = write(chosen, seed, fresh).name
    return home / name


def _check_free(home: Path, *, force: bool) -> None:
    """Refuse a folder in use; --force replaces only what is itself a simulated company."""
    from spm_lib.core.errors import WorkspaceError

    if not home.is_dir() or not any(home.iterdir()):
        return
    simulated = (home / "truth" / "parameters.json").is_file()
    if not (force and simulated):
        raise WorkspaceError(
            "The folder is in use.",
            found=f"{home}, {'a simulated company' if simulated else 'files of another origin'}",
            do="Add --force to replace it" if simulated else "Choose another with --folder",
        )
