"""Addresses of databases: secrets filled in from the environment, and never told."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from spm_lib.core.errors import SourceError

_PLACE = re.compile(r"\$\{(\w+)\}")
_NUMBERS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<=\()[\da-f]*:[\da-f:.]+(?=\))")  # of hosts


def filled_address(url: str, *, place: str) -> tuple[str, list[str]]:
    """Return the address with its ``${NAME}`` places filled from the environment, and the fillings.

    Parameters
    ----------
    url
        The address as the workspace file says it.
    place
        Where it stands there, for the error.

    Raises
    ------
    SourceError
        If a place is not in the environment.

    Examples
    --------
    >>> filled_address("sqlite:///crm.db", place="[connections.crm] url")
    ('sqlite:///crm.db', [])
    """
    names = _PLACE.findall(url)
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise SourceError(
            f"{place} needs what is not in the environment.",
            found=f"not set: {', '.join(missing)}",
            do=f"Set {' and '.join(missing)} before running",
        )
    return _PLACE.sub(lambda m: os.environ[m[1]], url), [os.environ[name] for name in names]


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return the first line of a message with secrets, and anything like an address, struck out.

    Examples
    --------
    >>> without_secrets("no route to postgresql://ann:hunter2@db.test/crm", [])
    'no route to ***'
    >>> without_secrets('server at "db.test" (10.1.2.3) failed', ["db.test"])
    'server at "***" (***) failed'
    """
    line = text.strip().splitlines()[0] if text.strip() else "no message"
    known = list(secrets)
    passwords = [p for s in known for p in re.findall(r"://[^:/@]*:([^@]*)@", s)]
    for secret in sorted({*known, *passwords}, key=len, reverse=True):
        if len(secret) > 2:
            line = line.replace(secret, "***")
    line = _NUMBERS.sub("***", line)
    return re.sub(r"\w+://\S+", "***", line)


def driver_address(address: Any) -> tuple[Any, dict[str, Any]]:
    """Return an address with the driver that speaks to it, and the arguments of its connections.

    Of PostgreSQL what psql understands (``host``, ``sslmode``) is said as pg8000 wants it: on
    a socket of this machine no ``sslmode`` asks for TLS. Any other address stays as it is.
    """
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+pg8000")
    if address.drivername != "postgresql+pg8000":
        return address, {}
    query = dict(address.query)
    host, mode = str(query.pop("host", "")), query.pop("sslmode", "")
    if host.startswith("/"):
        query["unix_sock"] = f"{host}/.s.PGSQL.{address.port or 5432}"
    elif host:
        address = address.set(host=host)
    if mode == "disable" or "unix_sock" in query:  # else the driver asks the server for it first
        return address.set(query=query), {"ssl_context": False}
    if mode in ("require", "verify-ca", "verify-full"):
        import ssl

        return address.set(query=query), {"ssl_context": ssl.create_default_context()}
    return address.set(query=query), {}
