"""Secrets: named in a file, kept in the environment, never written anywhere."""

from __future__ import annotations

import os
import re

from spm_lib.core.errors import DeliveryError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def is_name(text: str) -> bool:
    """Say whether a text can be the name of an environment variable.

    Examples
    --------
    >>> is_name("PDF_NOA"), is_name("hunter2!")
    (True, False)
    """
    return _NAME.fullmatch(text) is not None


def is_place(text: str) -> bool:
    """Say whether a text is one ``${NAME}`` and nothing else.

    Examples
    --------
    >>> is_place("${SMTP_PASSWORD}"), is_place("hunter2")
    (True, False)
    """
    return _PLACE.fullmatch(text) is not None


def secret(name: str) -> str:
    """Return the value of an environment variable.

    Raises
    ------
    DeliveryError
        If it is not set, or empty; only its name is told.
    """
    value = os.environ.get(name, "")
    if not value:
        raise DeliveryError(
            "A secret is not in the environment.",
            found=f"{name} is not set",
            do=f"Set {name} before running",
        )
    return value


def filled(text: str) -> str:
    """Return the value that a ``${NAME}`` stands for; any other text is returned as it is.

    Raises
    ------
    DeliveryError
        If the variable is not set.
    """
    place = _PLACE.fullmatch(text)
    return secret(place[1]) if place else text
