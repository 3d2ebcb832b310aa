"""What one server serves: which dashboards, under which names, and the gate before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spm_lib.dashboards.gate.guard import Guard
from spm_lib.dashboards.gate.shelf import Shelf
from spm_lib.dashboards.shown import Dashboard

ANYWHERE = ("0.0.0.0", "::", "")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
TEMPLATE = "spm"  # of the pages, under the name by which Voila finds it


@dataclass(frozen=True)
class Gate:
    """The gate of a server: the guard before every request, and the views it cuts for viewers."""

    guard: Guard
    shelf: Shelf


@dataclass(frozen=True)
class Served:
    """What a server serves.

    Attributes
    ----------
    dashboards
        All that may be opened, each under its name.
    notebooks
        The folder of their notebooks.
    first
        The name of the one that stands at the root; empty: the list of all.
    language
        Language where the address names none.
    names
        The names that the server answers to.
    gate
        The gate; None: whoever is on this machine may look.
    """

    dashboards: Sequence[Dashboard]
    notebooks: Path
    first: str
    language: str
    names: tuple[str, ...] = LOOPBACK
    gate: Gate | None = None

    def address(self, ip: str, port: int) -> str:
        """Return where a visitor begins; where it listens on all addresses, by the first name.

        Examples
        --------
        >>> served = Served((), Path(), "", "en", (*LOOPBACK, "dashboards.example.com"))
        >>> served.address("0.0.0.0", 8866), served.address("::1", 8866)
        ('http://dashboards.example.com:8866/', 'http://[::1]:8866/')
        """
        own = [name for name in self.names if name not in LOOPBACK]
        host = own[0] if ip in ANYWHERE and own else f"[{ip}]" if ":" in ip else ip
        return f"http://{host}:{port}/{self.first if self.gate else ''}"
