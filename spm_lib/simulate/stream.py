"""Companies too big for memory: made in chunks and written as Parquet parts, one folder per table.

Deals are made in the order of their creation, so the parts of a table follow each other in time.
Of all deals only the wins are held until the end: people's calls are about them.
Rows do not depend on the size of the chunks, only the cut into parts does.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from spm_lib.core.errors import ParameterError
from spm_lib.simulate.activities import prospecting
from spm_lib.simulate.calls import Wins, make_calls
from spm_lib.simulate.chance import Ints
from spm_lib.simulate.company import company_frames, deal_frames
from spm_lib.simulate.leads import unconverted_leads
from spm_lib.simulate.major_units import in_major_units
from spm_lib.simulate.mess import Frames
from spm_lib.simulate.presets import Preset
from spm_lib.simulate.records import make_records
from spm_lib.simulate.truth import deal_truth, parameters_text, rep_truth
from spm_lib.simulate.workspace_file import columns_of, stream_workspace_text
from spm_lib.simulate.world import World, make_world

CHUNK = 50_000
REPS_PER_PART = 100


def _write(home: Path, table: str, part: str, frame: pl.DataFrame) -> None:
    """Write one part of a table; money as decimal major units, as a client's file would say it."""
    frame = in_major_units({table: frame})[table]
    (home / table).mkdir(parents=True, exist_ok=True)
    frame.write_parquet(home / table / f"{part}.parquet", compression="zstd", compression_level=1)


def _chunk(world: World, number: Ints) -> tuple[Frames, pl.DataFrame, Wins]:
    """Return the frames of some deals, their truth, and what was won of them."""
    records = make_records(world, number)
    return deal_frames(world, records), deal_truth(world, records), Wins.of(records)


def _write_others(world: World, home: Path) -> Frames:
    """Write what belongs to no deal: people, plans, prospecting calls."""
    found = company_frames(world)
    for table, frame in found.items():
        _write(home, table, "part-00000", frame)
    reps = np.arange(len(world.staff.rep_ids))
    for start in range(0, len(reps), REPS_PER_PART):
        part = f"prospecting-{start // REPS_PER_PART:05d}"
        _write(home, "activities", part, prospecting(world, reps[start : start + REPS_PER_PART]))
    return found


def stream(preset: str | Preset, seed: int, folder: str | Path, *, chunk: int = CHUNK) -> Path:
    """Write a company of any size as canonical Parquet tables and return its workspace file.

    Parameters
    ----------
    chunk
        How many deals are held in memory at once; the rows do not depend on it.

    Raises
    ------
    ParameterError
        If `chunk` is not at least 1.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     stream("tiny", 1, folder, chunk=150).name
    'spm.toml'
    """
    if chunk < 1:
        raise ParameterError(
            "A chunk holds at least one deal.", found=str(chunk), do="Give 1 or more"
        )
    world, home = make_world(preset, seed), Path(folder)
    others = _write_others(world, home)
    frames: Frames = {}
    wins: list[Wins] = []
    for start in range(0, world.preset.opportunities, chunk):
        number = np.arange(start, min(start + chunk, world.preset.opportunities))
        part = f"part-{start // chunk:05d}"
        frames, truth, won = _chunk(world, number)
        wins.append(won)
        for table, frame in frames.items():
            _write(home, table, part, frame)
        _write(home, "leads", f"lost-{part}", unconverted_leads(world, number))
        _write(home / "truth", "deals", part, truth)
    others["forecast_calls"] = make_calls(world, Wins.together(wins))
    _write(home, "forecast_calls", "part-00000", others["forecast_calls"])
    text = stream_workspace_text(world.preset, columns_of(frames | others))
    (home / "spm.toml").write_text(text, encoding="utf-8")
    rep_truth(world).write_csv(home / "truth" / "reps.csv", float_precision=6)
    (home / "truth" / "parameters.json").write_text(parameters_text(world), encoding="utf-8")
    return home / "spm.toml"
