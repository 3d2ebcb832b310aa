"""A real Chromium for the tests of pages, and all that a page asks for and says."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def chromium() -> str | None:
    """Return the path of a Chromium, as the other browser tests find it."""
    spec = importlib.util.spec_from_file_location("chrome", ROOT / "tests/browser/chromium.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.installed()


@contextmanager
def opened_browser() -> Iterator[Any]:
    """Give an opened Chromium."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    assert path, "no Chromium: run tests/browser/chromium.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """One opened page, and all that it asked for and said."""

    def __init__(self, browser: Any, path: Path, *, width: int = 1280, **options: Any) -> None:
        viewport = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=viewport, **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.goto(path.resolve().as_uri())

    def _dialog(self, dialog: Any) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def close(self) -> None:
        """Close the page and all it kept."""
        self.context.close()
