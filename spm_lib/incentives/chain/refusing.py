"""What cannot be paid is refused, with examples by name; nothing unknown is paid as 0."""

from __future__ import annotations

from collections.abc import Iterable

from spm_lib.core.errors import PayError

_SHOWN = 5


def refused(what: str, found: Iterable[object], *, do: str) -> PayError:
    """Return a refusal that names the first few of what was found, and says how many there are."""
    listed = [str(item) for item in found]
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return PayError(what, found=", ".join(listed[:_SHOWN]) + more, do=do)
