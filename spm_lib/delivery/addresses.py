"""E-mail addresses: plain ones only, so that nothing can hide in a header."""

from __future__ import annotations

import re

from spm_lib.core.errors import DeliveryError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})+")
_LONGEST, _LONGEST_LOCAL = 254, 64


def check_address(text: str) -> str:
    """Return an e-mail address as it is written, or refuse it.

    One bare address: no display name, no quotes, no comment, no list, no letters beyond ASCII (a
    domain in another script can look like one it is not; write it in its ``xn--`` form).

    Raises
    ------
    DeliveryError
        If it is anything else.

    Examples
    --------
    >>> check_address("noa.cohen+reports@example.co.il")
    'noa.cohen+reports@example.co.il'
    """
    found = _PLAIN.fullmatch(text)
    if found is None or len(text) > _LONGEST or len(found["local"]) > _LONGEST_LOCAL:
        raise DeliveryError(
            "This is no e-mail address.",
            found=repr(text),
            do="Write one bare address, such as noa@example.com",
        )
    return text


def same_address(text: str) -> str:
    """Return what two spellings of one address have in common.

    Examples
    --------
    >>> same_address("Noa@Example.com") == same_address("noa@example.com")
    True
    """
    return text.casefold()


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case.

    Examples
    --------
    >>> domain_of("noa@Example.com")
    'example.com'
    """
    return address.rpartition("@")[2].lower()
