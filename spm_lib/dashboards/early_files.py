"""The files of Voila's page that each browser will ask for: told early, while the kernel works."""

from __future__ import annotations

import re
from pathlib import Path

_PART = re.compile(r"\b\w\.e\((\d+)\)")


def early_files(address: str) -> list[str]:
    """Return the addresses of Voila's own script and of the parts that it loads at once.

    The parts tell the script what is in them, and may run before it.

    Parameters
    ----------
    address
        Where Voila's files are served, such as ``/voila/static/``.

    Returns
    -------
    list of str
        The script first, its parts sorted; empty where Voila's files are not found.
    """
    from voila.paths import collect_static_paths

    for folder in map(Path, collect_static_paths(["voila", "nbconvert"], "lab")):
        main = folder / "voila.js"
        if main.is_file():
            parts = set(_PART.findall(main.read_text(encoding="utf-8")))
            names = sorted(f"{part}.voila.js" for part in parts)
            here = [name for name in names if (folder / name).is_file()]
            return [f"{address}{name}" for name in ("voila.js", *here)]
    return []
