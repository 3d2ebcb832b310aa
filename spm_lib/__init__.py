"""Sales performance workbench: CRM data in; true numbers, reports and what-if dashboards out.

``co = spm_lib.open("spm.toml")`` opens a client; the rooms (``spm_lib.metrics``,
``spm_lib.charts``, ...) are imported when first named, so that ``import spm_lib`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spm_lib.metrics import metric as metric
    from spm_lib.model import open_company as open  # noqa: A004, F401  (read as spm_lib.open)

_ROOMS = (
    "charts",
    "cli",
    "core",
    "dashboards",
    "forecast",
    "kernels",
    "metrics",
    "model",
    "plans",
    "reports",
    "reps",
    "simulate",
    "sources",
    "stats",
    "store",
    "targets",
    "team",
    "workspace",
)
_NAMES = {"metric": ("spm_lib.metrics", "metric"), "open": ("spm_lib.model", "open_company")}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"spm_lib.{name}")
    if name in _NAMES:
        module, attribute = _NAMES[name]
        return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module 'spm_lib' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*_ROOMS, *_NAMES])
