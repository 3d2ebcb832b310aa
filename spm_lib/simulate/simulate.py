"""Write a simulated company into a folder: the raw files of its CRM, spm.toml, README, truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spm_lib.simulate.company import all_frames
from spm_lib.simulate.export import raw_files
from spm_lib.simulate.presets import Preset, in_memory
from spm_lib.simulate.records import make_records
from spm_lib.simulate.truth import truth_files
from spm_lib.simulate.workspace_file import readme_text, workspace_text
from spm_lib.simulate.world import make_world
from spm_lib.store import write_whole


def simulate(preset: str | Preset, seed: int, folder: str | Path) -> Path:
    """Write a company into a folder and return the path of its workspace file.

    The same preset and seed give the same bytes. The folder gets the CRM's files, `spm.toml`,
    `README.md`, and the truth under `truth/`.

    Raises
    ------
    ParameterError
        If there is no such preset, or it is too big to be made in memory.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     simulate("tiny", 1, folder).name
    'spm.toml'
    """
    world = make_world(in_memory(preset), seed)
    records = make_records(world, np.arange(world.preset.opportunities))
    files, planted = raw_files(world, all_frames(world, records))
    files["spm.toml"] = workspace_text(world.preset).encode()
    files["README.md"] = readme_text(world.preset, seed).encode()
    truth = truth_files(world, records, planted)
    home = Path(folder)
    for name, content in (files | {f"truth/{name}": text for name, text in truth.items()}).items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(home / name, content)
    return home / "spm.toml"
