"""Who asks: a session begun with a password, or a named proxy's header; and what is granted."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from spm_lib.core.errors import SpmError
from spm_lib.dashboards.gate.attempts import Attempts
from spm_lib.dashboards.gate.sessions import Session, Sessions
from spm_lib.workspace import (
    AccessSettings,
    Grant,
    UsersFile,
    is_password,
    load_settings,
    password_hash,
)
from spm_lib.workspace.access import is_viewer_name

COOKIE = "spm-session"


@dataclass(frozen=True)
class Who:
    """Somebody known: the viewer, and the key that owns the kernels of the viewer's pages."""

    viewer: str
    key: str
    by_password: bool


@dataclass(frozen=True)
class _Read:
    """What the workspace file and the users file said when they were last read."""

    stamp: tuple[Any, ...]
    access: AccessSettings
    hashes: dict[str, str]
    zone: str
    sound: bool = True


class Gatekeeper:
    """Knows viewers and their grants; both files are read again as soon as one of them changes.

    Parameters
    ----------
    workspace
        The client's workspace file.
    now
        Tells the moment; None: the machine's clock.
    """

    def __init__(self, workspace: Path, *, now: Callable[[], datetime] | None = None) -> None:
        self.workspace, self.users = workspace, UsersFile.of(workspace)
        self.sessions, self.attempts = Sessions(), Attempts()
        self._now = now
        self._read: _Read | None = None

    @property
    def told(self) -> _Read:
        """What the files say now; where they cannot be read nobody is known and nothing granted."""
        stamp = tuple(_stamp(path) for path in (self.workspace, self.users.path))
        if self._read is None or self._read.stamp != stamp:
            self._read = self._read_anew(stamp)
        return self._read

    def _read_anew(self, stamp: tuple[Any, ...]) -> _Read:
        try:
            settings = load_settings(self.workspace)
            access, hashes = settings.access or AccessSettings(), self.users.hashes()
        except (SpmError, OSError):
            return _Read(stamp, AccessSettings(), {}, "UTC", sound=False)
        return _Read(stamp, access, hashes, settings.workspace.timezone)

    def today(self) -> date:
        """Return the day of the visit, in the client's zone."""
        zone = ZoneInfo(self.told.zone)
        return self._now().astimezone(zone).date() if self._now else datetime.now(zone).date()

    def grant_of(self, viewer: str) -> Grant | None:
        """Return what a viewer may see today; None: nothing."""
        return self.told.access.grant_of(viewer, self.today())

    def identify(self, request: Any) -> Who | None:
        """Return who asks; None where nobody is known to.

        A header of the proxy's name is taken out of every request that did not come from it.
        """
        named = self._named_by_proxy(request)
        if named:
            return Who(named, f"proxy:{named}", by_password=False)
        session = self.session_of(request)
        return Who(session.viewer, session.key, by_password=True) if session else None

    def session_of(self, request: Any) -> Session | None:
        """Return the session of a request's cookie, if its user is still as it was."""
        found = request.cookies.get(cookie_name(request))
        session = self.sessions.of(found.value if found else None)
        if session and not self.still(session):
            self.sessions.end(session.key)
            return None
        return session

    def still(self, session: Session) -> bool:
        """Say whether the user of a session is there, with the password it was begun with."""
        kept = self.told.hashes.get(session.viewer)
        return kept is not None and _proof(kept) == session.proof

    def signs_in(self, name: str, password: str) -> str | None:
        """Return the word of a new session; None where name and password do not belong together.

        An unknown name takes as long as a wrong password.
        """
        kept = self.told.hashes.get(name)
        right = is_password(password, kept or _nobodys())
        return self.sessions.begin(name, proof=_proof(kept)) if kept and right else None

    def _named_by_proxy(self, request: Any) -> str | None:
        proxy = self.told.access.proxy
        if proxy is None:
            return None
        values = request.headers.get_list(proxy.header)
        if not is_one_of(request.remote_ip, proxy.addresses):
            with suppress(KeyError):
                del request.headers[proxy.header]
            return None
        return values[0] if len(values) == 1 and is_viewer_name(values[0]) else None


def cookie_name(request: Any) -> str:
    """Return the name of the cookie: another for each port, which browsers do not tell apart."""
    port = request.host.rpartition(":")[2]
    return f"{COOKIE}-{port}" if port.isdigit() else COOKIE


def is_one_of(address: str, known: tuple[str, ...]) -> bool:
    """Say whether an address is one of those named.

    Examples
    --------
    >>> is_one_of("::ffff:10.0.0.5", ("10.0.0.5",)), is_one_of("10.0.0.6", ("10.0.0.5",))
    (True, False)
    """
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(asked, "ipv4_mapped", None)
    return str(mapped or asked) in known


def _proof(kept: str) -> str:
    return hashlib.sha256(kept.encode()).hexdigest()


@cache
def _nobodys() -> str:
    return password_hash("nobody has this password")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
