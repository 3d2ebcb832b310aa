"""Get what the engines beyond this machine need for their tests: locked packages, and Java.

None of it is needed for anything else, and where it cannot be had the tests of that engine do not
run, as the last lines of the run say.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from spm_lib.model.engines.on_spark import has_java
from tests.browser.chromium import install_debian

LOCK = Path(__file__).resolve().parents[1] / "requirements-engines.txt"
JAVA = "openjdk-17-jre-headless"
PIP = "-m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes -r"


def has_packages() -> bool:
    """Say whether the packages are installed."""
    return all(importlib.util.find_spec(name) for name in ("pyspark", "ibis", "psycopg"))


def main() -> int:
    """Try to get them, and say what there is; the exit status is always 0."""
    if not has_packages():
        print("Installing the engines that tests run beside polars and DuckDB (Spark: 450 MB) ...")
        subprocess.run([sys.executable, *PIP.split(), str(LOCK)], check=False, timeout=900)
        importlib.invalidate_caches()
    if not has_java():
        install_debian(JAVA)
    there = {"packages": has_packages(), "Java": has_java()}
    told = ", ".join(f"{name} {'there' if known else 'MISSING'}" for name, known in there.items())
    print(f"For the tests of Spark and of a warehouse: {told}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
