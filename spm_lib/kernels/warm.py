"""The warm list: what a fork server imports before it forks, so that no child has to."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

# What notebooks use, and what a kernel and these libraries import only on first use.
LIBRARIES = (
    "numpy",
    "polars",
    "altair",
    "anywidget",
    "ipywidgets",
    "dataframely",
    "dateutil.easter",
    "encodings.cp1255",
    "encodings.utf_8_sig",
    "holidays",
    "holidays.countries",
    "narwhals.stable.v2",
    "narwhals.stable.v2._namespace",
    "narwhals._duration",
    "narwhals._interchange.dataframe",
    "narwhals._polars.dataframe",
    "narwhals._polars.group_by",
    "narwhals._polars.namespace",
    "narwhals.group_by",
    "scipy.optimize",
    "scipy.special",
    "IPython",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "ipykernel_launcher",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.debugger_backport",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "faulthandler",
    "psutil",
    "pwd",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
    "zmq.utils.garbage",
)


def warm(modules: Iterable[str]) -> list[str]:
    """Import modules, and return those that are not there.

    An entry ``module:function`` is imported and called without arguments. Nothing here may start
    a thread: the server looks before every fork. A module that fails otherwise is told on stderr;
    whoever needs it in a child will meet the same error there.

    Examples
    --------
    >>> warm(["json", "no_such_module"])
    ['no_such_module']
    """
    missing = []
    for entry in modules:
        name, _, function = entry.partition(":")
        try:
            module = importlib.import_module(name)
            if function:
                getattr(module, function)()
        except ImportError:
            missing.append(entry)
        except Exception:
            traceback.print_exc()
    return missing


def settle() -> None:
    """Put all that was imported out of the reach of garbage collection: children share it."""
    gc.collect()
    gc.freeze()


def source_files() -> dict[str, int]:
    """Return the files of the imported modules with the time of their last change."""
    files = {}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path:
            files[path] = changed_at(path)
    return files


def changed_at(path: str) -> int:
    """Return when a file was last changed, in nanoseconds; 0 where it is gone."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  (two thousand files before every fork)
    except OSError:
        return 0


def stale_file(files: dict[str, int]) -> str:
    """Return the name of a file that is not as it was imported; empty where all are."""
    for path, then in files.items():
        if changed_at(path) != then:
            return Path(path).name
    return ""
