"""The guard before all of Voila's ways in: deny by default, decided before a handler is chosen."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tornado.routing import Matcher

from spm_lib.dashboards.gate.identity import Gatekeeper, Who
from spm_lib.workspace import Grant

LOGIN, LOGOUT = "/login", "/logout"
_FILES = re.compile(
    r"/voila/(static|labextensions|api/themes)/[^?]*|/voila/templates/[\w-]+/static/[^?]*"
)
_KERNEL = re.compile(r"/api/kernels/([^/]+)(?:/channels)?|/voila/api/shutdown/([^/]+)")
_ASTRAY = re.compile(r"\.\.|//|\\")
_SAFE = ("GET", "HEAD")


@dataclass(frozen=True)
class Refused:
    """Why a request is not let through: a status, and a reason that the answer is chosen by."""

    status: int
    reason: str
    viewer: str = ""


@dataclass(frozen=True)
class Owner:
    """Whose page a kernel runs for, and what was granted when it was started."""

    key: str
    viewer: str
    grant: Grant


@dataclass
class Guard:
    """Decides about every request of one server.

    Attributes
    ----------
    gatekeeper
        Knows viewers and grants.
    dashboards
        The names of the dashboards that are served.
    owners
        The owner of each kernel that runs.
    """

    gatekeeper: Gatekeeper
    dashboards: Collection[str]
    owners: dict[str, Owner] = field(default_factory=dict)

    def refusal(self, request: Any) -> Refused | None:
        """Return why a request is refused; None lets it through, with its viewer noted on it."""
        who = self.gatekeeper.identify(request)
        if not is_same_origin(request):
            return Refused(403, "another site")
        if who is None:
            return Refused(401, "unknown")
        grant = self.gatekeeper.grant_of(who.viewer)
        if grant is None:
            return Refused(403, "no grant", who.viewer)
        refused = self._of_path(request.path, who, grant)
        if refused is None:
            request.spm_who, request.spm_grant = who, grant
        return refused

    def _of_path(self, path: str, who: Who, grant: Grant) -> Refused | None:
        kernel = _KERNEL.fullmatch(unquote(path))
        if kernel:
            owner = self.owners.get(kernel[1] or kernel[2])
            mine = owner is not None and (owner.key, owner.viewer) == (who.key, who.viewer)
            return None if mine and path == unquote(path) else Refused(404, "no such thing")
        if path == "/" or (_FILES.fullmatch(path) and not _ASTRAY.search(unquote(path))):
            return None
        name = path.removeprefix("/")
        if name not in self.dashboards:
            return Refused(404, "no such thing", who.viewer)
        return None if grant.opens(name) else Refused(403, "not this dashboard", who.viewer)


class Unadmitted(Matcher):
    """Matches every request that the guard does not let through."""

    def __init__(self, guard: Guard, *, language: str) -> None:
        self.guard, self.language = guard, language

    def match(self, request: Any) -> dict[str, Any] | None:
        """Return the refusal for its handler; None where the request may pass."""
        refused = self.guard.refusal(request)
        if refused is None:
            return None
        told = {"refused": refused, "keeper": self.guard.gatekeeper, "own_language": self.language}
        return {"target_kwargs": told}


def is_same_origin(request: Any) -> bool:
    """Say whether a request that does something comes from a page of this server.

    What only reads may come from anywhere: cookies of ours are not sent along from other sites but
    where a person follows a link. Websockets read and do, so they count among the others.
    """
    upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in _SAFE and not upgrade:
        return True
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return bool(origin) and urlsplit(origin).netloc == request.host and site == "same-origin"


def safe_next(asked: str, known: Collection[str]) -> str:
    """Return where to go after signing in: a page of this server, whatever was asked.

    Examples
    --------
    >>> safe_next("/funnel?months=6", ["funnel"]), safe_next("//evil.example/funnel", ["funnel"])
    ('/funnel?months=6', '/')
    """
    try:
        parts = urlsplit(asked)
    except ValueError:
        return "/"
    name = parts.path.removeprefix("/")
    if parts.scheme or parts.netloc or parts.path != f"/{name}" or name not in known:
        return "/"
    return f"/{name}?{parts.query}" if parts.query.isprintable() and parts.query else f"/{name}"
