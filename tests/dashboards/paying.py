"""A copy of the sample company with the pay plan of docs/pay.md, and a page without a browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def documented_plan() -> str:
    """Return the plan that docs/pay.md begins with."""
    page = (ROOT / "docs" / "pay.md").read_text("utf-8")
    found = re.search(r"```toml\n(version = 1.*?)```", page, flags=re.DOTALL)
    assert found
    return found[1]


def paying_company(folder: Path, sample: Path) -> Path:
    """Write the copy and return its workspace file."""
    shutil.copytree(sample.parent, folder)
    (folder / "plans").mkdir()
    (folder / "plans" / "field-2026.toml").write_text(documented_plan(), encoding="utf-8")
    return folder / "spm.toml"


class Heard:
    """A page of levers, and all that it sends."""

    def __init__(self, page: Any) -> None:
        self.page, self.sent = page, []
        page.view.send = lambda told, buffers=None: self.sent.append((told, buffers))
        self.values = {lever["name"]: lever["value"] for lever in page.view.levers}

    def ask(self, settled: bool = True, /, **values: float) -> dict[str, Any]:
        """Return the answer to levers; those not told stay where they stand in the file."""
        asked = {"values": {**self.values, **values}, "edits": [], "settled": settled}
        self.page.heard({"ask": {**asked, "moves": 1, "seq": 1}})
        return self.sent[-1][0]

    def act(self, what: str, name: str = "") -> dict[str, Any]:
        """Return what is told when a button is pressed."""
        self.page.heard({"act": what, "name": name})
        return self.sent[-1][0]

    def file(self, what: str, name: str = "") -> bytes:
        """Return the bytes of a file to take along."""
        self.act(what, name)
        return next(buffers[0] for _, buffers in reversed(self.sent) if buffers)
