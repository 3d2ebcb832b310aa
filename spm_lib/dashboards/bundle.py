"""The scripts of live charts, with Vega inside: made once per machine, from no network."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from spm_lib.dashboards.told import SCRIPTS
from spm_lib.store import write_whole

SOURCE = Path(__file__).with_name("live_chart.js")


STUDIO = Path(__file__).with_name("studio") / "studio_view.js"
_HOST = Path(__file__).with_name("widget_host.js")


def bundle_path(source: Path = SOURCE) -> Path:
    """Return where the bundle of a script of this version lies in the user's cache."""
    content = source.read_bytes() + version("vl-convert-python").encode()
    name = source.stem.replace("_", "-")
    return scripts_folder() / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.js"


def scripts_folder() -> Path:
    """Return the folder of the bundles, which our server also serves as files."""
    return user_cache_path("spm") / "scripts"


def widget_script(source: Path = SOURCE) -> str:
    """Return what a widget sends its page: the bundle, or under our server where to fetch it.

    As a file it is fetched and compiled while the kernel still works, and kept by the browser; in a
    message it would come last, and anew with each page.
    """
    address = os.environ.get(SCRIPTS)
    if not address:
        return live_chart_bundle(source)
    name = json.dumps(f"{address}{bundle_path(source).name}")
    return (
        "export default { async render(page) { "
        f"const made = await import(new URL({name}, location.origin).href); "
        "return made.default.render(page); } };"
    )


@cache
def live_chart_bundle(source: Path = SOURCE) -> str:
    """Return the bundle of a script; the first call on a machine makes it (about two seconds)."""
    path = bundle_path(source)
    if not path.is_file():
        from spm_lib.charts.engine import engine

        write_whole(path, engine().javascript_bundle(source.read_text(encoding="utf-8")))
    return path.read_text(encoding="utf-8")


def host_script() -> str:
    """Return the script that shows pages of few kinds of widgets without Voila's own."""
    return _HOST.read_text(encoding="utf-8")
