"""Secrets in files: known values, addresses with passwords, tokens, keys, dumps of an environment.

A finding names the kind and the place, never the secret.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

_SHORTEST = 6  # a shorter value is in every file by chance
_WORD_UP_TO = 8  # up to here a value counts as a whole word only
_DEEPEST = 3
_LARGEST = 256_000_000  # bytes of a member, unpacked
_DUMPED = 3  # variables of an environment that make a dump
# Per kind: texts one of which must be there before the pattern is tried, and the pattern.
_PATTERNS = {
    "an address with a password": (
        (b"://", b":\\/\\/"),
        r":\\?/\\?/[^\s/:@'\"<>]*:(?!\*+@|\$\{|\{)[^\s/@'\"<>]+@[^\s'\"<>]",
    ),
    "an AWS key": (
        (b"AKIA", b"ASIA"),
        r"(?<![A-Za-z0-9+/])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9+/])",
    ),
    "a GitHub token": (
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"),
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})",
    ),
    "a GitLab token": ((b"glpat-",), r"\bglpat-[\w\-]{20,}"),
    "a Slack token": ((b"xox",), r"\bxox[abeoprs]-[0-9A-Za-z\-]{10,}"),
    "a Google key": (
        (b"AIza",),
        r"(?<![A-Za-z0-9+/])AIza[0-9A-Za-z_\-]{35}(?![A-Za-z0-9+/])",
    ),
    "a Stripe key": ((b"k_live_",), r"\b[sr]k_live_[0-9A-Za-z]{16,}"),
    "a private key": ((b"PRIVATE KEY",), r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "a JSON web token": ((b"eyJ",), r"\beyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]{8,}"),
    "a bearer token": (
        (b"earer", b"EARER"),
        r"(?i)\bbearer\s+(?=[\w\-.~+/]*[0-9])[\w\-.~+/]{16,}",
    ),
    "a password of a sign-in": (
        (b"uthorization", b"UTHORIZATION"),
        r"(?i)\bauthorization['\"]?\s*[:=]\s*['\"]?basic\s+\S{8,}",
    ),
}
_QUOTE = r"(?:\\*(?:['\"]|&#(?:3[49]|x27);|&quot;))?"
_VARIABLE = re.compile(
    r"(?<![A-Z_])(PATH|HOME|SHELL|PWD|OLDPWD|TERM|USER|LOGNAME|HOSTNAME|SHLVL|LANG|TZ|TMPDIR|EDITOR|"
    r"VIRTUAL_ENV|PYTHONPATH|LD_LIBRARY_PATH|SSH_AUTH_SOCK|XDG_RUNTIME_DIR|JPY_PARENT_PID|"
    r"APPDATA|LOCALAPPDATA|USERPROFILE|COMPUTERNAME|SYSTEMROOT|COMSPEC|USERNAME)"
    rf"{_QUOTE}\s*(?:=|:\s|,\s){_QUOTE}[^\s'\",;=]"
)


@dataclass(frozen=True, order=True)
class Finding:
    """A secret in a file: its kind, and the member of the archive where there is one."""

    kind: str
    member: str = ""

    def __str__(self) -> str:
        """Return the finding in words."""
        return f"{self.kind} in {self.member}" if self.member else self.kind


def find_secrets(content: bytes | str, *, known: Iterable[str] = ()) -> list[Finding]:
    """Return the secrets in a file's content, each kind once per member; none is repeated.

    Archives (also XLSX and PPTX) are unpacked, packed streams of a PDF too.

    Parameters
    ----------
    content
        A whole file.
    known
        Values that must not be there. They are also found percent-encoded, in base64, and with
        the escapes of HTML and JSON; those shorter than 6 characters are passed over, those up to
        8 count as whole words.

    Examples
    --------
    >>> find_secrets("postgresql://ann:hunter2@db.test/crm")
    [Finding(kind='an address with a password', member='')]
    >>> find_secrets('{"inputs": {"deals.csv": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}}')
    []
    """
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    needles = sorted({value for value in known if len(value) >= _SHORTEST})
    found = {
        Finding(kind, _harmless(member, needles))
        for member, part in _parts(data)
        for kind in _kinds(part, needles)
    }
    return sorted(found)


def _harmless(member: str, needles: list[str]) -> str:
    """Return the name of a member, unless the name itself is or holds a secret."""
    return "a member" if any(_kinds(member.encode(), needles)) else member


def _parts(data: bytes, member: str = "", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Give a file's bytes, and those of everything packed in it."""
    yield member, data
    if depth >= _DEEPEST:
        return
    if data.startswith(b"PK"):
        for name, inner in _members(data):
            yield from _parts(inner, f"{member}/{name}".lstrip("/"), depth + 1)
    if data.startswith(b"%PDF"):
        for stream in _streams(data):
            yield member, stream


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield f"{info.filename} (name)", info.filename.encode()
                yield f"{info.filename} (comment)", info.comment
                if info.file_size <= _LARGEST and not info.flag_bits & 1:
                    yield info.filename, archive.read(info)
            yield "(comment)", archive.comment
    except (zipfile.BadZipFile, zlib.error, NotImplementedError):
        return


def _streams(data: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"stream\r?\n", data):
        try:
            yield zlib.decompressobj().decompress(data[found.end() :], _LARGEST)
        except zlib.error:
            continue


def _kinds(data: bytes, needles: list[str]) -> Iterator[str]:
    """Give the kinds of secrets in a text; as bytes it is sooner searched than as letters."""
    if any(_holds(data, form) for value in needles for form in _forms(value)):
        yield "a value of the environment"
    for kind, (hints, pattern) in _PATTERNS.items():
        if any(hint in data for hint in hints) and re.search(pattern, _text(data)):
            yield kind
    usual = any(name in data for name in (b"HOME", b"PATH", b"USERPROFILE"))  # no dump is without
    if usual and len(set(_VARIABLE.findall(_text(data)))) >= _DUMPED:
        yield "a dump of the environment"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _forms(value: str) -> frozenset[bytes]:
    """Return a value as it may be written: plain, percent-encoded, escaped, in base64."""
    raw = _raw(value)
    encoded = {_inner_base64(raw, shift) for shift in range(3)}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    page = html.escape(value)
    escaped |= {
        page,
        html.escape(value, quote=False),
        page.replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    }
    escaped |= {quote(raw, safe=""), quote_plus(raw)}
    forms = {value, *escaped, *(form for form in encoded if len(form) > _WORD_UP_TO)}
    return frozenset(map(_raw, forms))


def _raw(value: str) -> bytes:
    """Return a value's bytes; those that are no UTF-8 as the environment has them."""
    return value.encode("utf-8", "surrogateescape")


def _inner_base64(value: bytes, shift: int) -> str:
    """Return what of a value's base64 does not depend on its neighbours."""
    text = base64.b64encode(b"\0" * shift + value).decode().rstrip("=")
    start = -(-shift * 8 // 6)
    return text[start : (shift + len(value)) * 8 // 6]


def _holds(data: bytes, form: bytes) -> bool:
    word = form.decode("utf-8", "surrogateescape")
    if form not in data or len(word) > _WORD_UP_TO:
        return form in data
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", _text(data)))
