"""Bytes of a client's file turned into text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

DAMAGED = "\ufffd"
_MARKS = (  # that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HEBREW_WORD = re.compile(rb"[\xe0-\xfa]{2,}")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True)
class Decoded:
    """Text of a file; ``damaged`` says that some bytes could not be read (U+FFFD in the text)."""

    text: str
    encoding: str
    damaged: bool


def decode(content: bytes, *, encoding: str | None = None) -> Decoded:
    """Return the text of a file's bytes; without ``encoding`` it is recognised.

    A byte order mark decides; then zero bytes (UTF-32, UTF-16), then what is mostly valid UTF-8,
    then windows-1255 where its letters stand together in words, else windows-1252.

    Examples
    --------
    >>> decode("שלום,1".encode("windows-1255")).encoding
    'windows-1255'
    >>> decode("שלום,1".encode("utf-16-le")).text
    'שלום,1'
    """
    for mark, name in _MARKS:
        if content.startswith(mark) and _agrees(encoding, name):
            return _decoded(content[len(mark) :], name)
    return _decoded(content, _plain(encoding) or guess_encoding(content))


def _plain(encoding: str | None) -> str | None:
    """Return the encoding without a byte order mark of its own (UTF-16 and -32 without one: LE)."""
    if encoding is None:
        return None
    name = codecs.lookup(encoding).name
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, encoding)


def _agrees(encoding: str | None, name: str) -> bool:
    if encoding is None:
        return True
    return codecs.lookup(encoding).name.split("-")[:2] == name.split("-")[:2]


def _decoded(content: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(content.decode(encoding), encoding, damaged=False)
    except UnicodeDecodeError:
        return Decoded(content.decode(encoding, errors="replace"), encoding, damaged=True)


def guess_encoding(content: bytes) -> str:
    """Return the likely encoding of bytes without a byte order mark."""
    head = content[:65536]
    if wide := _four_bytes(head, whole=len(content) % 4 == 0):
        return wide
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) / 10:
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_eight_bit(content)
    return "utf-8"


def _four_bytes(head: bytes, *, whole: bool) -> str | None:
    """Return UTF-32 where every four bytes can be one letter: U+0000 to U+10FFFF."""
    if not head or not whole:
        return None
    for name, top, plane in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if not any(head[top::4]) and max(head[plane::4]) <= 0x10:
            return name
    return None


def _guess_eight_bit(content: bytes) -> str:
    rest, valid = _MULTIBYTE.subn(b"", content)
    stray = len(_HIGH.findall(rest))
    if valid > stray:
        return "utf-8"
    high = _HIGH.findall(content)
    hebrew = sum(len(word) for word in _HEBREW_WORD.findall(content))
    return "windows-1255" if hebrew >= len(high) / 2 else "windows-1252"
