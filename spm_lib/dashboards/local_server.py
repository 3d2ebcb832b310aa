"""Voila behind our guards: it answers to names it knows, and to viewers it knows."""

from __future__ import annotations

import asyncio
from shutil import rmtree
from typing import Any

from jupyter_core.utils import run_sync
from jupyter_server.auth import IdentityProvider, User
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.routing import Matcher, PathMatches, Rule
from tornado.web import HTTPError, RequestHandler
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from spm_lib.core.errors import ScopeError, SpmError
from spm_lib.dashboards.bundle import scripts_folder
from spm_lib.dashboards.compiled_once import compile_ahead
from spm_lib.dashboards.gate.doors import (
    IndexHandler,
    LoginHandler,
    LogoutHandler,
    RefusedHandler,
    nobody_today,
)
from spm_lib.dashboards.gate.guard import LOGIN, LOGOUT, Unadmitted
from spm_lib.dashboards.gate.kernels import GatedKernels
from spm_lib.dashboards.kernel_line import with_lines
from spm_lib.dashboards.port import bound
from spm_lib.dashboards.served import TEMPLATE, Gate, Served
from spm_lib.dashboards.told import VISIT, Visit

_MOST_BODY = 2**20
_SWEEP = 5_000  # milliseconds


class ForeignName(Matcher):
    """Matches what was asked of a name that is not this server's.

    A page of another site can give its own name the address 127.0.0.1 and then read what this
    server answers, as if it were its own (DNS rebinding); the name it asked for gives it away.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def match(self, request: Any) -> dict[str, Any] | None:
        """Return None where the request is of this server."""
        return None if request.host_name in self.names else {}


class Refused(RequestHandler):
    """The answer to a request that was meant for another machine."""

    def prepare(self) -> None:
        """Answer 403, whatever is asked and however."""
        self.set_status(403, "Not this machine")
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(
            "This dashboard answers to 127.0.0.1 and localhost only, and to the names that the "
            "workspace file lists under [access].\n"
        )


class ViewerIdentity(IdentityProvider):
    """Jupyter's own question who asks, answered by the gate: a second door behind the first."""

    def get_user(self, handler: Any) -> User | None:
        """Return the viewer whom the gate let through."""
        who = getattr(handler.request, "spm_who", None)
        return User(username=who.viewer) if who else None

    def get_handlers(self) -> list[tuple[str, object]]:
        """Return no doors: ours stand before Jupyter's."""
        return []


class DashboardHandler(TornadoVoilaHandler):
    """Opens a dashboard for the viewer whom the gate let through."""

    async def get(self, path: str | None = None) -> None:
        """Cut the viewer's view, and let Voila start the page's kernel on it."""
        served: Served = self.settings["spm_served"]
        opened: Any = super().get
        if served.gate is None:
            _ = self.xsrf_token  # asked for, it is set as a cookie: see `leave` of widget_host.js
            return await opened(path)
        try:
            visit = await self._visit(served.gate)
        except ScopeError:  # it would list who else there is
            self.set_status(403)
            self.finish(nobody_today(served.language, self.get_argument("language", "")))
            return None
        except SpmError as error:
            raise HTTPError(503, log_message=str(error), reason="Nothing to show") from None
        mark = VISIT.set(visit)
        try:
            return await opened(path)
        finally:
            VISIT.reset(mark)

    async def _visit(self, gate: Gate) -> Visit:
        who, grant = self.request.spm_who, self.request.spm_grant  # type: ignore[attr-defined]
        file = await asyncio.to_thread(gate.shelf.file, grant.asked)
        return Visit(who.viewer, who.key, grant.asked, file, gate.shelf.workspace)


class LocalVoila(Voila):
    """Voila behind guards that look at every request before anything else.

    It tells its address once it answers there, and ends at once when it is told to.
    """

    served: Served

    def init_settings(self) -> Any:
        """Let handlers and kernels know what is served to whom."""
        settings: Any = super().init_settings()
        settings = {**settings, "spm_served": self.served}
        if self.served.gate:
            self.kernel_manager.guard = self.served.gate.guard
            # The guard has seen to it that what does something comes from our own pages; a page
            # that is left cannot send Jupyter's token along, and its kernel would stay.
            settings["disable_check_xsrf"] = True
        return settings

    def init_handlers(self) -> Any:
        """Put each dashboard under its name, and the list or the first one at the root."""
        self.static_paths = [*self.static_paths, str(scripts_folder())]  # of our widgets
        found: Any = super().init_handlers()
        *handlers, (_, _, shown) = with_lines(found)
        served = self.served
        for one in served.dashboards:
            told = {**shown, "notebook_path": f"{one.name}.ipynb"}
            handlers.append((f"/{one.name}", DashboardHandler, told))
        if served.first and not served.gate:
            told = {**shown, "notebook_path": f"{served.first}.ipynb"}
            return [*handlers, ("/", DashboardHandler, told)]
        listed = {"dashboards": served.dashboards, "own_language": served.language}
        return [*handlers, ("/", IndexHandler, listed)]

    def _prepare(self) -> None:
        """Do what the first page would wait for: compile its templates and Jupyter's checks."""
        compile_ahead(self.template_paths, TEMPLATE)
        self.contents_manager.get(f"{self.served.dashboards[0].name}.ipynb")

    def listen(self) -> None:
        """Serve, with the guards before all other rules, until it is stopped.

        Raises
        ------
        ParameterError
            If the port is taken.
        """
        router = self.app.default_router
        for rule in reversed([Rule(ForeignName(self.served.names), Refused), *self._gate_rules()]):
            router.rules.insert(0, router.process_rule(rule))
        self.ioloop = IOLoop.current()
        self._prepare()
        try:
            self._open()
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping...")
        finally:
            self.stop()

    def _gate_rules(self) -> list[Rule]:
        if self.served.gate is None:
            return []
        guard, kernels = self.served.gate.guard, self.kernel_manager
        assert isinstance(kernels, GatedKernels)
        PeriodicCallback(kernels.sweep, _SWEEP).start()
        keeper, own = guard.gatekeeper, self.served.language
        shared = {"keeper": keeper, "own_language": own}
        login = {**shared, "names": tuple(guard.dashboards)}
        return [
            Rule(PathMatches(LOGIN), LoginHandler, login),
            Rule(PathMatches(LOGOUT), LogoutHandler, {**shared, "ended": kernels.end_all_of}),
            Rule(Unadmitted(guard, language=own), RefusedHandler),
        ]

    def _open(self) -> None:
        sockets = bound(self.port, self.ip)
        HTTPServer(self.app, max_body_size=_MOST_BODY).add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        address = self.served.address(self.ip, self.port)
        print(address, flush=True)  # noqa: T201  (the command's answer)

    def stop(self) -> None:
        """End the kernels without waiting for them: they have nothing to keep."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        rmtree(self.connection_dir, ignore_errors=True)
