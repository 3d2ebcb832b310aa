"""The users file: names and scrypt hashes of passwords, beside the workspace file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spm_lib.core.errors import WorkspaceError
from spm_lib.store import ClientFolder, locked, write_private
from spm_lib.workspace.access import is_viewer_name

LEAST = 10  # characters of a password
MOST = 1024  # bytes of a password that anybody gets hashed
_MEMORY = 2**27


@dataclass(frozen=True)
class Cost:
    """What one guess costs: scrypt's n, r and p. The default takes 32 MB, three times over."""

    n: int = 2**15
    r: int = 8
    p: int = 3


def password_hash(password: str, *, salt: bytes | None = None, cost: Cost | None = None) -> str:
    """Return the salted scrypt hash of a password as text.

    Examples
    --------
    >>> password_hash("a long password", salt=b"salt", cost=Cost(2, 1, 1))
    'scrypt$2$1$1$c2FsdA==$5/Kemf8wv03IPrnGDNo6gsbbjSyHpqOVzhQXX7/H/Yc='
    """
    salt, cost = salt or secrets.token_bytes(16), cost or Cost()
    made = _scrypt(password, salt, cost)
    parts = [str(cost.n), str(cost.r), str(cost.p), *(_text(part) for part in (salt, made))]
    return "$".join(["scrypt", *parts])


def is_password(password: str, kept: str) -> bool:
    """Say whether a password has a hash; how long it takes does not tell how near it is.

    Examples
    --------
    >>> kept = password_hash("a long password", cost=Cost(2, 1, 1))
    >>> is_password("a long password", kept), is_password("another password", kept)
    (True, False)
    """
    if len(password.encode()) > MOST:
        return False
    _, n, r, p, salt, wanted = kept.split("$")
    made = _scrypt(password, base64.b64decode(salt), Cost(int(n), int(r), int(p)))
    return hmac.compare_digest(made, base64.b64decode(wanted))


@dataclass(frozen=True)
class UsersFile:
    """The users of one workspace; ``path`` need not be there: then there is nobody."""

    path: Path

    @classmethod
    def of(cls, workspace: str | Path) -> UsersFile:
        """Return the users file of a workspace file."""
        return cls(ClientFolder.of(workspace).users)

    def hashes(self) -> dict[str, str]:
        """Return the hash of each user by name.

        Raises
        ------
        WorkspaceError
            If the file is not one that ``spm users`` wrote.
        """
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(name): _checked_hash(kept) for name, kept in told["users"].items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WorkspaceError(
                "The users file cannot be read.",
                found=str(self.path),
                do="Remove it and add the users again with `spm users add NAME`",
            ) from None

    def add(self, name: str, password: str, *, cost: Cost | None = None) -> bool:
        """Set the password of a user; return whether the user is new.

        Raises
        ------
        WorkspaceError
            If the name cannot be one, or the password is too short or too long.
        """
        if not is_viewer_name(name):
            do = "Use one word of at most 100 characters, such as dana or dana@example.com"
            raise WorkspaceError("This cannot be the name of a user.", found=repr(name), do=do)
        if len(password) < LEAST or len(password.encode()) > MOST:
            raise WorkspaceError(
                f"A password has at least {LEAST} characters and at most {MOST} bytes.",
                found=f"{len(password)} characters",
                do="Take several words that nobody would put side by side",
            )
        kept = password_hash(password, cost=cost)
        with locked(self._lock()):
            known = self.hashes()
            self._write({**known, name: kept})
        return name not in known

    def remove(self, name: str) -> None:
        """Remove a user, whose open pages end within seconds.

        Raises
        ------
        WorkspaceError
            If there is no such user.
        """
        with locked(self._lock()):
            known = self.hashes()
            if name not in known:
                listed = ", ".join(sorted(known)) or "nobody"
                raise WorkspaceError(f"There is no user '{name}'.", found=listed, do="Name one")
            self._write({user: kept for user, kept in known.items() if user != name})

    def _lock(self) -> Path:
        return self.path.with_name(f".{self.path.name}.lock")

    def _write(self, hashes: Mapping[str, str]) -> None:
        told = {"version": 1, "users": dict(sorted(hashes.items()))}
        write_private(self.path, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _checked_hash(kept: object) -> str:
    kind, n, r, p, salt, made = str(kept).split("$")
    if kind != "scrypt" or min(int(n), int(r), int(p)) < 1:
        raise ValueError(kind)
    if not (base64.b64decode(salt, validate=True) and base64.b64decode(made, validate=True)):
        raise ValueError(kind)
    return str(kept)


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=_MEMORY, dklen=32
    )


def _text(part: bytes) -> str:
    return base64.b64encode(part).decode("ascii")
