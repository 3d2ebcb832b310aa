"""Voila on this machine only: it answers to the names of this machine, and to no others."""

from __future__ import annotations

from shutil import rmtree
from typing import Any

from jupyter_core.utils import run_sync
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.routing import Matcher, Rule
from tornado.web import RequestHandler
from voila.app import Voila

from spm_lib.dashboards.port import bound

NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")


class ForeignName(Matcher):
    """Matches what was asked of a name that is not this machine's.

    A page of another site can give its own name the address 127.0.0.1 and then read what this
    server answers, as if it were its own (DNS rebinding); the name it asked for gives it away.
    """

    def match(self, request: Any) -> dict[str, Any] | None:
        """Return None where the request is of this machine."""
        return None if request.host_name in NAMES else {}


class Refused(RequestHandler):
    """The answer to a request that was meant for another machine."""

    def prepare(self) -> None:
        """Answer 403, whatever is asked and however."""
        self.set_status(403, "Not this machine")
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish("This dashboard answers to 127.0.0.1 and localhost only.\n")


class LocalVoila(Voila):
    """Voila behind a guard that looks at the name a request was sent to, before anything else.

    It tells its address once it answers there, and ends at once when it is told to.
    """

    def listen(self) -> None:
        """Serve, with the guard before all other rules, until it is stopped.

        Raises
        ------
        ParameterError
            If the port is taken.
        """
        router = self.app.default_router
        router.rules.insert(0, router.process_rule(Rule(ForeignName(), Refused)))
        self.ioloop = IOLoop.current()
        try:
            self._open()
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Stopping...")
        finally:
            self.stop()

    def _open(self) -> None:
        sockets = bound(self.port, self.ip)
        HTTPServer(self.app).add_sockets(sockets)
        self.port = sockets[0].getsockname()[1]
        print(f"http://{self.ip}:{self.port}/", flush=True)  # noqa: T201  (the command's answer)

    def stop(self) -> None:
        """End the kernels without waiting for them: they have nothing to keep."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        rmtree(self.connection_dir, ignore_errors=True)
