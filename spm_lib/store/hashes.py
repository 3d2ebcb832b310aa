"""Fingerprints of bytes, files, values and frames (SHA-256, hexadecimal)."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    import polars as pl
    from typing_extensions import Buffer


def sha256_bytes(content: bytes) -> str:
    """Return the fingerprint of bytes.

    Examples
    --------
    >>> sha256_bytes(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: str | Path) -> str:
    """Return the fingerprint of a file's bytes, read in pieces."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_hash(package: str | Path) -> str:
    """Return the fingerprint of all Python code below a folder."""
    files = sorted(Path(package).rglob("*.py"))
    return sha256_bytes(b"".join(file.read_bytes() for file in files))


def sha256_json(value: object) -> str:
    """Return the fingerprint of a value as JSON; the order of keys does not matter.

    Examples
    --------
    >>> sha256_json({"a": 1, "b": 2}) == sha256_json({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return sha256_bytes(text.encode("utf-8"))


def frame_hash(frame: pl.DataFrame) -> str:
    """Return the fingerprint of a frame's columns, types and rows, in their order.

    The same on every machine and in every process, whatever the frame's chunks.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"a": [1, 2]})
    >>> frame_hash(frame) == frame_hash(pl.concat([frame[:1], frame[1:]]))
    True
    """
    sink = _Sink()
    sink.write(str(list(frame.schema.items())).encode("utf-8"))
    frame.rechunk().write_csv(cast(IO[bytes], sink), null_value="\\N", quote_style="non_numeric")
    return sink.digest.hexdigest()


class _Sink(io.BufferedIOBase):
    """A file that keeps only the fingerprint of what is written to it."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def write(self, b: Buffer) -> int:
        """Add bytes to the fingerprint."""
        self.digest.update(b)
        return len(memoryview(b))
