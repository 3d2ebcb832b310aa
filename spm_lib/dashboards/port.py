"""The port that a server listens on, and what is said where it cannot."""

from __future__ import annotations

from socket import socket

from tornado.netutil import bind_sockets

from spm_lib.core.errors import ParameterError


def bound(port: int, ip: str) -> list[socket]:
    """Return sockets bound to a port; 0 takes any that is free.

    Raises
    ------
    ParameterError
        If the port is taken, or may not be served on.
    """
    try:
        return bind_sockets(port, ip)
    except OSError as error:
        raise ParameterError(
            f"The port {port} cannot be served on.",
            found=error.strerror or str(error),
            do="Give another one with --port; 0 takes any that is free",
        ) from None


def check_port(port: int, ip: str = "127.0.0.1") -> None:
    """Refuse a port that is taken before anything is opened or warmed.

    Raises
    ------
    ParameterError
        If the port is taken, or may not be served on.
    """
    for one in bound(port, ip):
        one.close()
