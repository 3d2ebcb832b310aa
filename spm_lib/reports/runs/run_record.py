"""``run.json``: the status of every report of a run, kept as it goes."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from spm_lib.core.errors import ReportError
from spm_lib.store import RunFolder, locked, write_json

EACH = 1.0  # seconds between two writings of what is noted on the way

Status = Literal["waiting", "running", "done", "failed", "stopped"]


@dataclass(frozen=True)
class Item:
    """One report of a run: what it is, whom it is for, how it stands, and where it lies.

    ``order`` is its place among what was asked for. ``files`` are those written, beside the
    notebook and the manifest.
    """

    report: str
    language: str
    scope: str
    folder: str
    status: Status = "waiting"
    who: str = ""
    order: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    subtitle: str = ""
    headline: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    error: str | None = None
    seconds: float | None = None


class RunRecord:
    """The items of a run; what is put is written at once, over what others wrote meanwhile.

    What is noted is written with the next that is put, and once a second: the record of a pack is
    long, and writing all of it after every report would take longer than some reports. A run that
    is killed meanwhile leaves reports that are whole and not told of; the next run looks them over.

    Items of earlier runs into the same folder (another language, another report) are kept.

    Raises
    ------
    ReportError
        If the folder holds the reports of another workspace, unless ``anyway``.
    """

    def __init__(
        self, folder: RunFolder, *, about: Mapping[str, Any], anyway: bool = False
    ) -> None:
        self.folder = folder
        self.about = dict(about)
        self._own: dict[str, Item] = {}
        self._written = 0.0
        owner = _read(folder).get("owner")
        if owner not in (None, self.about.get("owner")) and not anyway:
            raise ReportError(
                "The output folder holds the reports of another workspace.",
                found=f"{folder.path}, of a client with the same id '{folder.workspace_id}'",
                do="Give each client an id of its own in [workspace], or write elsewhere with "
                "--output; --force takes the folder over",
            )

    @property
    def items(self) -> dict[str, Item]:
        """All items of the folder by their place in it, those of other runs too."""
        others = {item.folder: item for item in _earlier(self.folder, own=self._own)}
        return {**others, **self._own}

    def put(self, *items: Item) -> None:
        """Add or replace items, and write the record."""
        with _held(self.folder.path):
            self._own.update({item.folder: item for item in items})
            known = self.items
            listed = [vars(known[key]) for key in sorted(known)]
            write_json(self.folder.run, {**self.about, "items": listed})
        self._written = time.monotonic()

    def note(self, item: Item) -> None:
        """Add or replace an item, and write the record if it was not written for a second."""
        self._own[item.folder] = item
        if time.monotonic() - self._written >= EACH:
            self.put()


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock"):
        yield


def _read(folder: RunFolder) -> dict[str, Any]:
    try:
        return json.loads(folder.run.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _earlier(folder: RunFolder, *, own: Collection[str]) -> list[Item]:
    """Return the items that are written down, without ``own`` ones."""
    try:
        listed = [item for item in _read(folder).get("items", []) if item["folder"] not in own]
        lists = ("headline", "files")
        found = [Item(**{**item, **{k: tuple(item[k]) for k in lists}}) for item in listed]
    except (KeyError, TypeError):
        return []
    return [item for item in found if (folder.path / item.folder).is_dir() or item.error]
