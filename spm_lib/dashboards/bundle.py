"""The live chart's JavaScript, with Vega inside: made once per machine, from no network."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from spm_lib.store import write_whole

SOURCE = Path(__file__).with_name("live_chart.js")


def bundle_path() -> Path:
    """Return where the bundle of this version lies in the user's cache."""
    content = SOURCE.read_bytes() + version("vl-convert-python").encode()
    return user_cache_path("spm") / f"live-chart-{hashlib.sha256(content).hexdigest()[:16]}.js"


@cache
def live_chart_bundle() -> str:
    """Return the bundle; the first call on a machine makes it (about two seconds)."""
    path = bundle_path()
    if not path.is_file():
        import vl_convert

        write_whole(path, vl_convert.javascript_bundle(SOURCE.read_text(encoding="utf-8")))
    return path.read_text(encoding="utf-8")
