"""Serving a dashboard: Voila on this machine only, offline, with idle kernels ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any

from spm_lib.core.errors import MissingExtraError, ParameterError
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.address import Visits
from spm_lib.dashboards.bundle import live_chart_bundle
from spm_lib.dashboards.kept_view import KeptView
from spm_lib.dashboards.page_style import page_css
from spm_lib.dashboards.what_if_page import SCOPE, WORKSPACE
from spm_lib.kernels import keep_warm, offer_kernel

HOST = "127.0.0.1"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks" / "dashboards"
SHARE = Path(__file__).parent / "voila"
TITLES = {"what_if": "What if"}
_LEFT_SECONDS, _LOOK_SECONDS = 120, 15  # kernels that no page is connected to, busy or not
# Jupyter's default ends a connection whose first ping is as old as its limit, so every half minute;
# on this machine a page that is gone closes its connection, and nobody needs to ask.
_NO_PINGS = {"ws_ping_interval": 0, "ws_ping_timeout": 0}


def serve(
    workspace: str | Path,
    *,
    name: str = "what_if",
    language: str | None = None,
    port: int = 8866,
    scope: str = "company",
) -> None:
    """Serve a dashboard until it is stopped, and print its address.

    Only this machine can reach it, and only by its own names. What a visitor may see is decided
    here, by `scope`; an address can choose language, day and scenario, never whose rows.

    Parameters
    ----------
    workspace
        The client's workspace file.
    name
        The dashboard: a notebook of ``notebooks/dashboards``.
    language
        Language where the address names none; None: the workspace's own.
    port
        Port to serve on; 0 takes any free one.
    scope
        Whose rows: "company", "rep:ID", "team:NAME" or "manager:ID".

    Raises
    ------
    SpmError
        If the workspace cannot be opened, the scope names nobody, there is no such dashboard, or
        the port is taken.
    """
    notebook = find_dashboard(name)
    path = Path(workspace).resolve()
    _check_port(port)
    live_chart_bundle()
    with (
        _kernels_kept_warm() as warm,
        closing(KeptView(path, scope=scope, language=language)) as view,
    ):
        own = language or view.company.settings.workspace.language
        os.environ.update({WORKSPACE: str(path), SCOPE: scope})
        _add_template_path()
        spoken = language_of(own).code
        visits = Visits(notebook, path, spoken, scope, TITLES[name], offer_kernel(), view)
        _run(notebook, _config(visits, port), ready=warm)


def find_dashboard(name: str) -> Path:
    """Return the notebook of a dashboard.

    Raises
    ------
    ParameterError
        If there is none of that name; those that there are are listed.
    """
    known = {p.stem: p for p in sorted(NOTEBOOKS.glob("*.ipynb")) if p.stem in TITLES}
    if name not in known:
        raise ParameterError(
            f"There is no dashboard '{name}'.",
            found=", ".join(known) or f"none in {NOTEBOOKS}",
            do="Name one of them",
        )
    return known[name]


@contextmanager
def _kernels_kept_warm() -> Iterator[Callable[[], object]]:
    """Let the fork server import all that a page needs, while ours opens data and begins.

    Yields a function that waits until it has: so the first visitor does not.
    """
    held: list[socket | None] = []
    begun = dict(os.environ)
    beside = Thread(target=lambda: held.append(keep_warm(begun)), daemon=True)
    beside.start()
    try:
        yield beside.join
    finally:  # where something else was wrong, nobody waits for it any longer
        for connection in filter(None, held):
            connection.close()


def _config(visits: Visits, port: int) -> dict[str, Any]:
    return {
        "Voila": {
            "ip": HOST,
            "port": port,
            "open_browser": False,
            "tornado_settings": _NO_PINGS,
        },
        "VoilaConfiguration": {
            "template": "spm",
            "theme": "light",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "strip_sources": True,
            "show_tracebacks": False,
            "show_margins": False,
            "file_allowlist": [],
            "extension_denylist": ["@jupyter-notebook/lab-extension", "jupyterlab_pygments"],
            "prelaunch_hook": visits.prepare,
            "resources": {"spm_css": page_css()},
        },
        "KernelManager": {"transport": "ipc"},
        "MappingKernelManager": {
            "cull_idle_timeout": _LEFT_SECONDS,
            "cull_interval": _LOOK_SECONDS,
            "cull_busy": True,
        },
    }


def _check_port(port: int) -> None:
    try:
        from spm_lib.dashboards.port import check_port
    except ImportError:
        raise MissingExtraError.of("dashboards", "The dashboard") from None
    check_port(port)


def _run(notebook: Path, config: dict[str, Any], *, ready: Callable[[], object]) -> None:
    try:
        from traitlets.config import Config

        from spm_lib.dashboards.compiled_once import compile_once
        from spm_lib.dashboards.local_server import LocalVoila
    except ImportError:
        raise MissingExtraError.of("dashboards", "The dashboard") from None
    compile_once()
    app = LocalVoila(config=Config(config), log_level="ERROR")
    app.initialize([str(notebook)])
    ready()
    app.start()


def _add_template_path() -> None:
    known = os.environ.get("JUPYTER_PATH", "")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE.parent), known]))
