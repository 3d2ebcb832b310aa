"""Names of files and folders made from what people write."""

from __future__ import annotations

import re
import unicodedata

_LONGEST, _MOST_BYTES = 80, 200
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|\Z)")  # on Windows


def safe_name(text: str) -> str:
    """Return a name that is one folder or file on every system, in any script.

    Examples
    --------
    >>> safe_name("../North/East: נועה"), safe_name(".."), safe_name("con.txt")
    ('North-East- נועה', '_', '_con.txt')
    """
    plain = unicodedata.normalize("NFC", text)
    kept = re.sub(r"[^\w .\-]", "-", plain)
    short = kept.strip("-. ")[:_LONGEST].encode()[:_MOST_BYTES].decode(errors="ignore")
    name = short.rstrip("-. ") or "_"
    return f"_{name}" if _DEVICES.match(name) else name
