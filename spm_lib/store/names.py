"""Names of files and folders made from what people write."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 80


def safe_name(text: str) -> str:
    """Return a name that is one folder or file on every system, in any script.

    Examples
    --------
    >>> safe_name("../North/East: נועה"), safe_name("..")
    ('North-East- נועה', '_')
    """
    plain = unicodedata.normalize("NFC", text)
    kept = re.sub(r"[^\w .\-]", "-", plain)
    return kept.strip("-. ")[:_LONGEST].rstrip("-. ") or "_"
