"""Text of a client as one harmless line."""

from __future__ import annotations

import unicodedata

_LONGEST = 200
_UNSEEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def plain_line(text: str) -> str:
    r"""Return text as one line: no line ends, no signs that steer a terminal or turn directions.

    Examples
    --------
    >>> plain_line("Noa\r\nBcc: all@example.com"), plain_line("Noa\u202egpj.exe")
    ('Noa Bcc: all@example.com', 'Noagpj.exe')
    """
    kept = (
        c
        for c in " ".join(text.split())
        if unicodedata.category(c) not in _UNSEEN and unicodedata.bidirectional(c) not in _TURNING
    )
    return "".join(kept)[:_LONGEST]
