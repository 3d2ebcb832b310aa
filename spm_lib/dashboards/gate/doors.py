"""The doors: sign in, sign out, the list of dashboards, and what stands where one is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from tornado.web import RequestHandler

from spm_lib.core.language import Language
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.gate.guard import LOGIN, Refused, is_same_origin, safe_next
from spm_lib.dashboards.gate.identity import Gatekeeper, cookie_name
from spm_lib.dashboards.gate.plain_pages import HEADERS, plain_page
from spm_lib.dashboards.shown import Dashboard

_CODES = ("en", "he")
_AT_ONCE = asyncio.Semaphore(2)  # passwords hashed at a time: each takes 32 MB


def nobody_today(own_language: str, asked: str = "") -> str:
    """Return the page of a viewer whose grant names nobody on this day, or nobody at all."""
    language = language_of(asked if asked in _CODES else own_language)
    text = language.text
    told = [
        text(
            "Your access is for people or a part of the company that the data does not name today. "
            "Ask whoever looks after these dashboards to look at your entry under [access]."
        )
    ]
    title = text("There is nobody to show.")
    return plain_page("refused.html.j2", language, title=title, told=told, back=True, leaves=False)


class PlainHandler(RequestHandler):
    """Answers with a plain page in the language that the address names, else the server's."""

    own_language = "en"

    def set_default_headers(self) -> None:
        """Allow nothing that a plain page does not need."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    @property
    def language(self) -> Language:
        """The language of the page."""
        asked = self.get_argument("language", "")
        return language_of(asked if asked in _CODES else self.own_language)

    def show(self, template: str, **values: Any) -> None:
        """Answer with a page of a template."""
        self.finish(plain_page(template, self.language, **values))

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ARG002
        """Say that something went wrong, without what it was."""
        title = self.language.text("This did not work.")
        self.show("refused.html.j2", title=title, told=[], back=True, leaves=False)


class LoginHandler(PlainHandler):
    """The page to sign in with name and password."""

    def initialize(self, *, keeper: Gatekeeper, names: Sequence[str], own_language: str) -> None:
        """Take what the server knows."""
        self.keeper, self.names, self.own_language = keeper, names, own_language

    def get(self) -> None:
        """Show the form."""
        self._form("")

    async def post(self) -> None:
        """Begin a session, or say that name and password do not belong together."""
        if not is_same_origin(self.request):
            self.set_status(403)
            return self._form(self.language.text("Please sign in here."))
        name, address = self.get_body_argument("name", ""), self.request.remote_ip or ""
        attempts = self.keeper.attempts
        wait = attempts.wait(name, address)
        if wait:
            self.set_status(429)
            self.set_header("Retry-After", str(wait))
            minutes = -(-wait // 60)
            said = "Too many wrong passwords. Try again in {n:1 minute|{n} minutes}."
            return self._form(self.language.text(said, n=minutes), name)
        attempts.note_wrong(name, address)  # before we wait, so that many at once count as many
        async with _AT_ONCE:
            password = self.get_body_argument("password", "", strip=False)
            word = await asyncio.to_thread(self.keeper.signs_in, name, password)
        if word is None:
            self.set_status(401)
            return self._form(self.language.text("Name and password do not match."), name)
        attempts.note_right(name, address)
        self._set_cookie(word)
        return self.redirect(self._next(), status=303)

    def _form(self, told: str, name: str = "") -> None:
        self.show("login.html.j2", told=told, name=name[:100], next=self._next())

    def _next(self) -> str:
        return safe_next(self.get_argument("next", "/"), self.names)

    def _set_cookie(self, word: str) -> None:
        origin = urlsplit(self.request.headers.get("Origin", ""))
        secure = self.request.protocol == "https" or origin.scheme == "https"
        self.set_cookie(
            cookie_name(self.request), word, path="/", httponly=True, samesite="Lax", secure=secure
        )


class LogoutHandler(PlainHandler):
    """Ends a session, and the kernels of its pages."""

    def initialize(self, *, keeper: Gatekeeper, ended: Any, own_language: str) -> None:
        """Take what the server knows, and what ends the kernels of a session."""
        self.keeper, self.ended, self.own_language = keeper, ended, own_language

    async def post(self) -> None:
        """End the session of the request's cookie."""
        if not is_same_origin(self.request):
            self.set_status(403)
            return self.show(
                "refused.html.j2",
                title=self.language.text("Please sign out here."),
                told=[],
                back=True,
                leaves=False,
            )
        session = self.keeper.session_of(self.request)
        if session:
            self.keeper.sessions.end(session.key)
            await self.ended(session.key)
        self.clear_cookie(cookie_name(self.request), path="/", samesite="Lax", httponly=True)
        return self.redirect(LOGIN, status=303)


class RefusedHandler(PlainHandler):
    """What stands where the guard refused: the way to sign in, or what to ask for."""

    def initialize(self, *, refused: Refused, keeper: Gatekeeper, own_language: str) -> None:
        """Take why it was refused."""
        self.refused, self.keeper, self.own_language = refused, keeper, own_language

    def prepare(self) -> None:
        """Answer, whatever is asked and however."""
        reads_page = self.request.method == "GET" and "Upgrade" not in self.request.headers
        if self.refused.reason == "unknown" and reads_page:
            asked = quote(self.request.uri or "/", safe="")
            return self.redirect(f"{LOGIN}?next={asked}", status=303)
        self.set_status(self.refused.status)
        return self.show("refused.html.j2", **self._told())

    def _told(self) -> dict[str, Any]:
        text, viewer = self.language.text, self.refused.viewer
        by_password = self.keeper.session_of(self.request) is not None
        if self.refused.reason == "no grant":
            title = text("Nothing is open to you here yet.")
            told = [
                text("You are signed in as {name}.", name=viewer),
                text(
                    "Ask whoever looks after these dashboards to enter this name under [access] in "
                    "the workspace file, with whose figures you are to see and from when."
                ),
            ]
            return {"title": title, "told": told, "back": False, "leaves": by_password}
        if self.refused.reason == "not this dashboard":
            title = text("This dashboard is not open to you.")
            told = [text("Ask whoever looks after these dashboards to open it to you.")]
            return {"title": title, "told": told, "back": True, "leaves": by_password}
        title = text("There is no such page.")
        if self.refused.reason != "no such thing":
            title = text("This was not asked for from here.")
        return {"title": title, "told": [], "back": bool(viewer), "leaves": False}


class IndexHandler(PlainHandler):
    """The list of the dashboards that the viewer may open."""

    def initialize(self, *, dashboards: Sequence[Dashboard], own_language: str) -> None:
        """Take what is served."""
        self.dashboards, self.own_language = dashboards, own_language

    def get(self) -> None:
        """Show the list."""
        who = getattr(self.request, "spm_who", None)
        grant = getattr(self.request, "spm_grant", None)
        listed = [one for one in self.dashboards if grant is None or grant.opens(one.name)]
        said = self.language.text("You are signed in as {name}.", name=who.viewer) if who else ""
        leaves = bool(who and who.by_password)
        self.show("index.html.j2", dashboards=listed, signed_in=said, leaves=leaves)
