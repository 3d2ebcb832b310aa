"""Still zips: office files whose bytes depend on nothing but what is in them."""

from __future__ import annotations

import io
import zipfile

_FIRST = "[Content_Types].xml"
_DAY = (1980, 1, 1, 0, 0, 0)  # the first day a zip can name; Excel's own files bear it too


def still_zip(blob: bytes) -> bytes:
    """Return a zip with the same files in a fixed order, without times and attributes.

    Examples
    --------
    >>> made = io.BytesIO()
    >>> with zipfile.ZipFile(made, "w") as archive:
    ...     archive.writestr("b.xml", "b")
    ...     archive.writestr("a.xml", "a")
    >>> zipfile.ZipFile(io.BytesIO(still_zip(made.getvalue()))).namelist()
    ['a.xml', 'b.xml']
    """
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(blob)) as given,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in sorted(given.namelist(), key=lambda name: (name != _FIRST, name)):
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, given.read(name))
    return made.getvalue()
