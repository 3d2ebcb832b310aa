"""Serving dashboards: Voila on this machine, or behind a login; offline; idle kernels ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any

from spm_lib.core.errors import MissingExtraError, ParameterError, SpmError
from spm_lib.core.language import language as language_of
from spm_lib.dashboards.address import Visits
from spm_lib.dashboards.bundle import (
    SOURCE,
    STUDIO,
    bundle_path,
    host_script,
    live_chart_bundle,
)
from spm_lib.dashboards.early_files import early_files
from spm_lib.dashboards.gate.guard import Guard
from spm_lib.dashboards.gate.identity import Gatekeeper
from spm_lib.dashboards.gate.reach import check_reach, names_of
from spm_lib.dashboards.gate.shelf import Shelf
from spm_lib.dashboards.kept_view import Kept, KeptView, play_ahead
from spm_lib.dashboards.page_style import page_css
from spm_lib.dashboards.served import LOOPBACK, TEMPLATE, Gate, Served
from spm_lib.dashboards.shown import DASHBOARDS, PAY_PLAN, TARGETS, WHAT_IF
from spm_lib.dashboards.told import SCOPE, SCRIPTS, VIEW, VIEWER, WORKSPACE
from spm_lib.kernels import keep_warm, offer_kernel
from spm_lib.model import open_company
from spm_lib.workspace import Settings, load_settings

HOST = "127.0.0.1"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks" / "dashboards"
SHARE = Path(__file__).parent / "voila"
FILES = "/voila/static/"
_WIDGETS = {TARGETS.name: STUDIO, PAY_PLAN.name: STUDIO, WHAT_IF.name: SOURCE}
_HOSTED = (TARGETS.name, PAY_PLAN.name)  # their widgets are of the few kinds that our host knows
_CLIENT = "spm_lib.kernels.ready_client.ReadyClient"
_LEFT_SECONDS, _LOOK_SECONDS = 120, 15  # kernels that no page is connected to, busy or not
# Jupyter's default ends a connection whose first ping is as old as its limit, so every half minute;
# on this machine a page that is gone closes its connection, and nobody needs to ask.
_NO_PINGS = {"ws_ping_interval": 0, "ws_ping_timeout": 0}


def serve(
    workspace: str | Path,
    *,
    name: str = "",
    language: str | None = None,
    host: str = HOST,
    port: int = 8866,
    scope: str = "company",
) -> None:
    """Serve the dashboards until stopped, and print the address.

    Without a login only this machine can reach them, and what a visitor may see is decided here, by
    `scope`. With users (`spm users add`) or a proxy that signs people in, each viewer sees what
    ``[access]`` of the workspace file grants on the day. An address can choose language, day and
    period, never whose rows.

    Parameters
    ----------
    workspace
        The client's workspace file.
    name
        The dashboard to begin with: a notebook of ``notebooks/dashboards``; empty: the list.
    language
        Language where the address names none; None: the workspace's own.
    host
        Address to serve on; another than this machine's own needs a login.
    port
        Port to serve on; 0 takes any free one.
    scope
        Whose rows, where there is no login: "company", "rep:ID", "team:NAME" or "manager:ID".

    Raises
    ------
    SpmError
        If the workspace cannot be opened, the scope names nobody, there is no such dashboard, the
        port is taken, or others could reach what nobody has to sign in to.
    """
    if name:
        find_dashboard(name)
    path = Path(workspace).resolve()
    gated = check_reach(path, host=host, scope=scope)
    _check_port(port, host)
    live_chart_bundle()
    live_chart_bundle(STUDIO)
    with _kernels_kept_warm() as warm, ExitStack() as held:
        told = {WORKSPACE: str(path), SCOPE: scope, VIEW: "", VIEWER: "", SCRIPTS: FILES}
        os.environ.update(told)
        _add_template_path()
        settings = load_settings(path)
        gate = _gate(path, held, settings, language) if gated else None
        view = None
        if gate is None:
            studio = name in ("", TARGETS.name)
            made = KeptView(path, scope=scope, language=language, studio=studio)
            view = held.enter_context(closing(made))
        own = language_of(language or settings.workspace.language).code
        names = names_of(settings, host)
        served = Served(tuple(DASHBOARDS.values()), NOTEBOOKS, name, own, names, gate)
        shared = {"kernel": offer_kernel(), "view": view}
        visits = {
            one.name: Visits(
                find_dashboard(one.name),
                path,
                own,
                scope,
                one.title,
                script=_script_of(one.name),
                hosted=one.name in _HOSTED,
                **shared,
            )
            for one in served.dashboards
        }
        _run(served, _config(visits, host, port, gated=gated), ready=warm)


def _script_of(name: str) -> str:
    source = _WIDGETS.get(name)
    return f"{FILES}{bundle_path(source).name}" if source else ""


def _gate(path: Path, held: ExitStack, settings: Settings, code: str | None) -> Gate:
    for grant in settings.access.viewers if settings.access else ():
        for name in grant.dashboards:
            find_dashboard(name)

    def ahead(file: Path) -> None:
        with suppress(SpmError, OSError):  # the page says what is wrong, or does it itself
            play_ahead(open_company(file), Kept(file), code)

    keeper = Gatekeeper(path)
    shelf = held.enter_context(closing(Shelf(path, today=keeper.today, ahead=ahead)))
    return Gate(Guard(keeper, tuple(DASHBOARDS)), shelf)


def find_dashboard(name: str) -> Path:
    """Return the notebook of a dashboard.

    Raises
    ------
    ParameterError
        If there is none of that name; those that there are are listed.
    """
    known = {p.stem: p for p in sorted(NOTEBOOKS.glob("*.ipynb")) if p.stem in DASHBOARDS}
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


def _config(visits: Mapping[str, Visits], host: str, port: int, *, gated: bool) -> dict[str, Any]:
    def prepare(handler: Any, *, notebook: Any, cwd: str) -> Any:
        return visits[Path(handler.notebook_path).stem].prepare(handler, notebook=notebook, cwd=cwd)

    behind = "spm_lib.dashboards.local_server.ViewerIdentity"
    kernels = "spm_lib.dashboards.gate.kernels.GatedKernels"
    return {
        "Voila": {
            "ip": host,
            "port": port,
            "open_browser": False,
            "tornado_settings": _NO_PINGS if host in LOOPBACK else {},
            **({"identity_provider_class": behind} if gated else {}),
        },
        "VoilaConfiguration": {
            "template": TEMPLATE,
            "theme": "light",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "strip_sources": True,
            "show_tracebacks": False,
            "show_margins": False,
            "file_allowlist": [],
            "extension_denylist": ["@jupyter-notebook/lab-extension", "jupyterlab_pygments"],
            "prelaunch_hook": prepare,
            "resources": {
                "spm_css": page_css(),
                "spm_early": early_files(FILES),
                "spm_host": host_script(),
            },
            **({"multi_kernel_manager_class": kernels} if gated else {}),
        },
        "KernelManager": {"transport": "ipc", "client_class": _CLIENT},
        "MappingKernelManager": {
            "cull_idle_timeout": _LEFT_SECONDS,
            "cull_interval": _LOOK_SECONDS,
            "cull_busy": True,
        },
    }


def _check_port(port: int, host: str) -> None:
    try:
        from spm_lib.dashboards.port import check_port
    except ImportError:
        raise MissingExtraError.of("dashboards", "The dashboard") from None
    check_port(port, host)


def _run(served: Served, config: dict[str, Any], *, ready: Callable[[], object]) -> None:
    try:
        from traitlets.config import Config

        from spm_lib.dashboards.compiled_once import compile_once
        from spm_lib.dashboards.local_server import LocalVoila
    except ImportError:
        raise MissingExtraError.of("dashboards", "The dashboard") from None
    compile_once()
    app = LocalVoila(config=Config(config), log_level="ERROR")
    app.served = served
    app.initialize([str(served.notebooks / f"{served.dashboards[0].name}.ipynb")])
    ready()
    app.start()


def _add_template_path() -> None:
    known = os.environ.get("JUPYTER_PATH", "")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE.parent), known]))
