"""``run.json``: the status of every report of a run, kept as it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from spm_lib.store import RunFolder, write_json

Status = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class Item:
    """One report of a run: what it is, how it stands, and where it lies."""

    report: str
    language: str
    scope: str
    folder: str
    status: Status = "waiting"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    subtitle: str = ""
    headline: tuple[str, ...] = ()
    error: str | None = None
    seconds: float | None = None


class RunRecord:
    """The items of a run; every change is written at once.

    Items of earlier runs into the same folder (another language, another report) are kept.
    """

    def __init__(self, folder: RunFolder, *, about: Mapping[str, Any]) -> None:
        self.folder = folder
        self.about = dict(about)
        self.items: dict[str, Item] = {item.folder: item for item in _earlier(folder)}

    def put(self, item: Item) -> Item:
        """Add or replace an item, and write the record."""
        self.items[item.folder] = item
        items = [asdict(self.items[key]) for key in sorted(self.items)]
        write_json(self.folder.run, {**self.about, "items": items})
        return item

    def change(self, item: Item, **changes: Any) -> Item:
        """Change an item, and write the record."""
        return self.put(replace(item, **changes))


def _earlier(folder: RunFolder) -> list[Item]:
    if not folder.run.is_file():
        return []
    try:
        items = json.loads(folder.run.read_text(encoding="utf-8"))["items"]
        found = [Item(**{**item, "headline": tuple(item["headline"])}) for item in items]
    except (ValueError, KeyError, TypeError):
        return []
    return [item for item in found if (folder.path / item.folder).is_dir()]
