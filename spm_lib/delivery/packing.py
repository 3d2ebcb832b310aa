"""Bundles as folders and as zip files, whose bytes depend on their content only."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from spm_lib.delivery.bundle import Bundle
from spm_lib.store import safe_name, sha256_json, whole_folder, write_whole

_DAY = (1980, 1, 1, 0, 0, 0)
_UNIX, _READABLE, _LEVEL = 3, 0o100644 << 16, 6


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip: sorted by name, with a fixed day, the same on every system.

    Examples
    --------
    >>> zip_bytes({"a": b"1", "b": b"2"}) == zip_bytes({"b": b"2", "a": b"1"})
    True
    """
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_DAY)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name], compresslevel=_LEVEL)
    return sink.getvalue()


def place_names(bundles: Sequence[Bundle]) -> list[str]:
    """Return a name for the folder or zip of each bundle; no two are the same on any system."""
    plain = [
        safe_name(f"{bundle.recipient.address.replace('@', ' at ')} {bundle.recipient.language}")
        for bundle in bundles
    ]
    counts = Counter(name.casefold() for name in plain)
    return [
        name
        if counts[name.casefold()] == 1
        else f"{name} {sha256_json(list(bundle.recipient.key))[:8]}"
        for name, bundle in zip(plain, bundles, strict=True)
    ]


def write_bundles(
    bundles: Sequence[Bundle], *, out: str | Path, form: Literal["folder", "zip"]
) -> list[Path]:
    """Write one folder or zip per recipient under ``out`` and return their paths.

    Each appears whole or not at all, and takes the place of an older one of its name.

    Raises
    ------
    DeliveryError
        If a password is not in the environment, or a PDF cannot carry it.
    """
    written = []
    for bundle, name in zip(bundles, place_names(bundles), strict=True):
        files = bundle.read().files
        if form == "zip":
            written.append(write_whole(Path(out, f"{name}.zip"), zip_bytes(files)))
            continue
        with whole_folder(Path(out, name)) as fresh:
            for file, content in files.items():
                write_whole(fresh / file, content)
        written.append(Path(out, name))
    return written
