"""The last look over what a report wrote: no secret of this machine or of the client's database."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from spm_lib.core.errors import ReportError
from spm_lib.store.secrets import find_secrets

if TYPE_CHECKING:
    from spm_lib.workspace import Settings

_PLACE = re.compile(r"\$\{(\w+)\}")
_SECRET_NAME = re.compile(
    r"(?i)pass(?:word|wd|phrase)?$|_pwd$|token|secret|api_?key|private_?key|access_?key|credential"
)
_PLAIN_WORD = re.compile(r"[A-Za-z]+|[0-9]+")
_LEAST = 8


def known_secrets(settings: Settings, *, environment: Mapping[str, str] | None = None) -> set[str]:
    """Return the values that no output of a client may hold.

    These are, from the environment: what the addresses of ``[connections]`` are filled with, the
    filled addresses, and their passwords and keys; and whatever is named like a password, a token
    or a key. Of what fills an address, plain words and numbers (a host ``localhost``, a user
    ``reader``) are no secrets unless they stand at the password's place.
    """
    found = {
        value
        for name, value in _environment(environment).items()
        if _SECRET_NAME.search(name) and len(value) >= _LEAST
    }
    for connection in settings.connections.values():
        found |= _of_address(connection.url, _environment(environment))
    return {value for value in found if value}


def _environment(given: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if given is None else given


def _of_address(url: str, environment: Mapping[str, str]) -> set[str]:
    values = [environment.get(name, "") for name in _PLACE.findall(url)]
    found = {v for v in values if len(v) >= _LEAST and not _PLAIN_WORD.fullmatch(v)}
    if not values:
        return found
    filled = _PLACE.sub(lambda place: environment.get(place[1], ""), url)
    try:
        parts = urlsplit(filled)
        secrets = [parts.password or ""]
    except ValueError:
        return found | {filled}
    secrets += [v for name, v in parse_qsl(parts.query) if _SECRET_NAME.search(name)]
    if any(secrets):
        found.add(filled)
    return found | {form for secret in secrets for form in (secret, unquote(secret))}


def check_folder(folder: Path, settings: Settings, *, files: Iterable[Path] | None = None) -> None:
    """Look over every file below a folder, or over ``files`` only; a secret is told by its kind.

    To be called once at the end of each report and of each pack.

    Raises
    ------
    ReportError
        If a file holds a secret: the files and the kinds are named, the secrets are not.
    """
    known = known_secrets(settings)
    chosen = sorted(p for p in (files or Path(folder).rglob("*")) if p.is_file())
    told = [line for path in chosen if (line := _told(path, folder, known))]
    if told:
        raise ReportError(
            "Files of this report hold secrets.",
            found="; ".join(told),
            do="Delete these files, take what prints the secret out of the notebook or the data, "
            "and change the secret if anybody may have seen them",
        )


def _told(path: Path, folder: Path, known: set[str]) -> str:
    name = path.relative_to(folder).as_posix()
    if find_secrets(name, known=known):
        return "the name of a file is or holds a secret"
    found = find_secrets(path.read_bytes(), known=known)
    return f"{name}: {', '.join(map(str, found))}" if found else ""
