"""Names of a file's columns."""

from __future__ import annotations

from collections.abc import Sequence

from spm_lib.core.errors import SourceError

_INVISIBLE = dict.fromkeys(
    map(ord, "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def column_names(found: Sequence[str], *, given: Sequence[str], file: str) -> list[str]:
    """Return column names: trimmed, invisible marks gone, empty ones and repeated ones numbered.

    ``given`` names take the place of those found; there must be as many.

    Raises
    ------
    SourceError
        If the number of given names is not the number of columns.

    Examples
    --------
    >>> column_names([" Id", "", "Id"], given=(), file="a.csv")
    ['Id', 'column_2', 'Id_2']
    """
    if given and len(given) != len(found):
        raise SourceError(
            f"{file} has {len(found)} columns, and {len(given)} names are given.",
            found=", ".join(found),
            do="Write as many names as there are columns",
        )
    names: list[str] = []
    for place, text in enumerate(given or found, start=1):
        clean = " ".join(text.translate(_INVISIBLE).split()) or f"column_{place}"
        names.append(_free(clean, names))
    return names


def _free(name: str, taken: list[str]) -> str:
    count, candidate = 1, name
    while candidate in taken or candidate in ("_file", "_row"):
        count += 1
        candidate = f"{name}_{count}"
    return candidate
