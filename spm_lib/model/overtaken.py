"""A reader that was overtaken: its files went with a state of the store that is no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from spm_lib.core.errors import DataError


@contextmanager
def told_when_overtaken(folder: Path | None) -> Iterator[None]:
    """Say in words that the store in a folder was written since it was opened, where files went.

    A writer keeps the files of the state before its own, and sweeps older ones. A file elsewhere
    that is not there, such as one that a metric of one's own reads, is no matter of the store's.

    Raises
    ------
    DataError
        If a file of the store that is read inside is not there.

    Examples
    --------
    >>> with told_when_overtaken(Path("store")):  # doctest: +ELLIPSIS
    ...     open("store/rows/no-such-file")
    Traceback (most recent call last):
        ...
    spm_lib.core.errors.DataError: Files of the store are gone: it was extended ...
    """
    try:
        yield
    except FileNotFoundError as gone:
        if folder is None or not _lies_in(folder, gone):
            raise
        raise DataError(
            "Files of the store are gone: it was extended since it was opened.",
            found=str(gone).partition("\n")[0],
            do="Open it again",
        ) from gone


def _lies_in(folder: Path, gone: FileNotFoundError) -> bool:
    """Say whether an error names a file of a folder's folders; of a long path polars tells the end.

    Examples
    --------
    >>> gone = FileNotFoundError("No file (os error 2): .../of/a/store/rows/a.parquet (set ..)")
    >>> _lies_in(Path("/folder/of/a/store"), gone), _lies_in(Path("/folder/of/b/store"), gone)
    (True, False)
    """
    found = _TOLD.search(str(gone))
    named = PurePath(gone.filename or (found["end"] if found else ""))
    known = folder.absolute() / named.parent.name / named.name
    return bool(named.name) and known.as_posix().endswith(named.as_posix())


_TOLD = re.compile(r"\(os error \d+\): (?:\.\.\.)?(?P<end>.+?)(?: \(set .*)?$", re.MULTILINE)
