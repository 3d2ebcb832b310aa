"""A reader that was overtaken: its files went with a state of the store that is no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from spm_lib.core.errors import DataError


@contextmanager
def told_when_overtaken() -> Iterator[None]:
    """Say in words that a store was written since it was opened, where its files are gone.

    A writer keeps the files of the state before its own, and sweeps older ones.

    Raises
    ------
    DataError
        If a file that is read inside is not there.

    Examples
    --------
    >>> with told_when_overtaken():  # doctest: +ELLIPSIS
    ...     open("no such file")
    Traceback (most recent call last):
        ...
    spm_lib.core.errors.DataError: Files of the store are gone: it was extended ...
    """
    try:
        yield
    except FileNotFoundError as gone:
        raise DataError(
            "Files of the store are gone: it was extended since it was opened.",
            found=str(gone).partition("\n")[0],
            do="Open it again",
        ) from gone
