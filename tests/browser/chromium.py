"""Find a Chromium for the browser tests, or install one; say so plainly when none can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed() -> str | None:
    """Return the path of a Chromium that is already here: SPM_CHROMIUM, the PATH, Playwright's."""
    named = os.environ.get("SPM_CHROMIUM")
    if named and Path(named).exists():
        return named
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    return found or playwrights()


def playwrights() -> str | None:
    """Return the browser that Playwright has downloaded before, if any."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def install_debian(package: str = "chromium") -> bool:
    """Install Debian's package where that can be done (root, apt)."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "timeout": 600}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    done = subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        **quiet,
    )
    return done.returncode == 0


def install_playwright() -> bool:
    """Ask Playwright for its own browser, for at most 30 seconds."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        return subprocess.run(command, check=False, timeout=30, capture_output=True).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    """Make sure that there is a Chromium; return the exit status."""
    for attempt in (lambda: False, install_debian, install_playwright):
        attempt()
        path = installed()
        if path:
            print(f"Chromium for the browser tests: {path}")
            return 0
    print(
        "No Chromium for the browser tests: none is installed, Debian's package could not be "
        "installed, and Playwright's could not be downloaded within 30 s. Install chromium or set "
        "SPM_CHROMIUM to the path of one, then run `make test` again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
