"""Arrays that took long to make, kept as files for whoever needs the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from spm_lib.store import whole_folder

Arrays = Mapping[str, np.ndarray]


def kept_arrays(folder: Path | None, make: Callable[[], Arrays]) -> Arrays:
    """Return the arrays that lie in a folder, else new ones, which are then laid there.

    Parameters
    ----------
    folder
        Of what would be made now; null: nothing is kept.
    make
        Makes them anew, by name.
    """
    if folder is None:
        return make()
    found = read_arrays(folder)
    if found is None:
        found = make()
        with suppress(OSError):
            write_arrays(found, folder)
    return found


def write_arrays(arrays: Arrays, folder: Path) -> None:
    """Write arrays as plain files; the folder appears whole or not at all."""
    with whole_folder(folder) as fresh:
        for name, values in arrays.items():
            np.save(fresh / f"{name}.npy", values, allow_pickle=False)


def read_arrays(folder: Path) -> Arrays | None:
    """Return kept arrays, mapped into memory: they cannot be written to. None where there are none.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_arrays({"days": np.arange(3)}, Path(place, "kept"))
    ...     read_arrays(Path(place, "kept"))["days"].tolist()
    [0, 1, 2]
    >>> read_arrays(Path(place, "kept")) is None
    True
    """
    try:
        found = {file.stem: _mapped(file) for file in folder.iterdir()}
    except (OSError, ValueError):
        return None
    return found or None


def _mapped(file: Path) -> np.ndarray:
    values = np.load(file, mmap_mode="r", allow_pickle=False)
    return np.asarray(values)  # a memmap tells each of its parts whose it is
