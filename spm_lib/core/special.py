"""The special functions of scipy, imported on first use: alone they take a fifth of a second.

``special.ndtri(0.975)`` is ``scipy.special.ndtri(0.975)``.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    import scipy.special

    found = globals()[name] = getattr(scipy.special, name)
    return found
