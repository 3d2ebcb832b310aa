"""A run of reports as it lies on disk, with a mark of its own in every file of every scope."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

AS_OF = "2026-09-30"
PEOPLE = {"rep:r7": "נועה כהן", "rep:r8": "Dan Levi", "manager:m1": "Ruth Bar", "company": ""}


def canary(scope: str, report: str = "funnel") -> str:
    return f"CANARY<{scope}/{report}>"


def write_item(
    folder: Path,
    scope: str,
    *,
    report: str = "funnel",
    language: str = "he",
    formats: Sequence[str] = ("html", "pdf", "xlsx"),
    **changes: Any,
) -> dict[str, Any]:
    """Write one report's files and return its record."""
    inner = f"{report}/{scope.replace(':', '-').replace('=', '-')}/{language}"
    place = folder / inner
    place.mkdir(parents=True)
    names = [f"report.{suffix}" for suffix in formats]
    for name in [*names, "report.ipynb", "figures.json"]:
        (place / name).write_text(f"{canary(scope, report)} {name}\n.dot\n", encoding="utf-8")
    manifest = {"report": report, "scope": scope, "language": language, "x": canary(scope, report)}
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    title = "משפך המכירות" if language == "he" else "Sales funnel"
    return {
        "report": report,
        "language": language,
        "scope": scope,
        "who": PEOPLE.get(scope, scope),
        "folder": inner,
        "files": [*names, "report.ipynb", "figures.json", "manifest.json"],
        "status": "done",
        "title": title,
        "error": None,
        **changes,
    }


def write_run(folder: Path, items: Sequence[dict[str, Any]], **about: Any) -> Path:
    """Write ``run.json``; the items' files lie there already."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"workspace": "acme", "name": "Acme Ltd", "as_of": AS_OF, **about}
    text = json.dumps({**content, "items": list(items)}, ensure_ascii=False)
    (folder / "run.json").write_text(text, encoding="utf-8")
    return folder


def write_pack(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def row(scope: str, address: str, language: str = "he", **more: Any) -> str:
    """Return one ``[[recipients]]`` of a pack file."""
    cells = {"scope": scope, "address": address, "language": language, **more}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in cells.items())
    return f"[[recipients]]\n{lines}"
