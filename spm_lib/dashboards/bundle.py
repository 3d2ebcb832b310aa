"""The scripts of live charts, with Vega inside: made once per machine, from no network."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from spm_lib.store import write_whole

SOURCE = Path(__file__).with_name("live_chart.js")


STUDIO = Path(__file__).with_name("studio") / "studio_view.js"


def bundle_path(source: Path = SOURCE) -> Path:
    """Return where the bundle of a script of this version lies in the user's cache."""
    content = source.read_bytes() + version("vl-convert-python").encode()
    name = source.stem.replace("_", "-")
    return user_cache_path("spm") / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.js"


@cache
def live_chart_bundle(source: Path = SOURCE) -> str:
    """Return the bundle of a script; the first call on a machine makes it (about two seconds)."""
    path = bundle_path(source)
    if not path.is_file():
        import vl_convert

        write_whole(path, vl_convert.javascript_bundle(source.read_text(encoding="utf-8")))
    return path.read_text(encoding="utf-8")
