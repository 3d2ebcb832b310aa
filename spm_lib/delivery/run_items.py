"""The reports of a run as ``run.json`` lists them, trusted no further than it can be checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from spm_lib.core.errors import DeliveryError
from spm_lib.core.language import LANGUAGES
from spm_lib.delivery.plain_line import plain_line
from spm_lib.delivery.scope_text import WHOLE, check_scope
from spm_lib.store import sha256_file

_KINDS = {"report.ipynb": "notebook", "manifest.json": "manifest", "figures.json": "figures"}
_PAGES = ("report.html", "report.pdf", "report.xlsx", "report.pptx", *_KINDS)


@dataclass(frozen=True)
class RunItem:
    """One report of a run: for which scope it was made, and where its files lie."""

    report: str
    language: str
    scope: str
    folder: Path
    files: tuple[str, ...]
    who: str = ""
    title: str = ""
    status: str = "done"
    error: str = ""

    def __str__(self) -> str:
        return f"{self.report} for {self.scope} in {self.language}"


@dataclass(frozen=True)
class Run:
    """A run's folder, whose reports they are, and the reports."""

    folder: Path
    workspace: str
    name: str
    as_of: date
    items: tuple[RunItem, ...]


def kind_of(file: str) -> str:
    """Return the kind of a report's file.

    Examples
    --------
    >>> kind_of("report.pdf"), kind_of("report.ipynb"), kind_of("manifest.json")
    ('pdf', 'notebook', 'manifest')
    """
    return _KINDS.get(file, PurePosixPath(file).suffix.removeprefix(".").lower())


def newest_run(folder: str | Path) -> Path:
    """Return the folder itself if it holds a run, else that of its run with the latest day.

    Raises
    ------
    DeliveryError
        If there is no run.
    """
    place = Path(folder)
    if (place / "run.json").is_file():
        return place
    found = sorted(run.parent for run in place.glob("????-??-??/run.json"))
    if not found:
        raise DeliveryError(
            "There is no run of reports.",
            found=f"no run.json in {place} or in a folder of a day under it",
            do="Name the folder that `spm report` wrote: reports/ID/DATE, or reports/ID",
        )
    return found[-1]


def read_run(folder: str | Path) -> Run:
    """Return the run in a folder; ``folder`` as for ``newest_run``.

    Whatever ``run.json`` names must lie in the run's folder, and the manifest of a report must say
    the same about its scope, its language, its name and, where it has them, the fingerprints of its
    files: a report that was moved or changed goes to nobody.

    Raises
    ------
    DeliveryError
        If ``run.json`` cannot be read, or names what is not there or not its own: all faults at
        once.
    """
    place = newest_run(folder)
    try:
        content = json.loads((place / "run.json").read_text(encoding="utf-8"))
        items = [_item(place, raw) for raw in content["items"]]
        about = (str(content["workspace"]), plain_line(str(content["name"])))
        as_of = date.fromisoformat(content["as_of"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeliveryError(
            "The record of the run cannot be read.",
            found=f"{place / 'run.json'}: {error}",
            do="Make the reports again with `spm report`",
        ) from None
    faults = [fault for item in items if item.status == "done" for fault in _faults(place, item)]
    if faults:
        raise DeliveryError(
            "The run's folder is not as its record says.",
            found="; ".join(faults),
            do="Make these reports again with `spm report`",
        )
    items.sort(key=lambda i: (i.report, i.scope, i.language, i.folder.as_posix()))
    return Run(place, *about, as_of, tuple(items))


def _item(place: Path, raw: Mapping[str, Any]) -> RunItem:
    folder, listed = place / str(raw["folder"]), [str(name) for name in raw.get("files") or ()]
    # A record may list only the pages, or nothing; what belongs to a report has fixed names.
    fixed = _KINDS if listed else _PAGES
    files = dict.fromkeys([*listed, *(name for name in fixed if (folder / name).is_file())])
    return RunItem(
        report=plain_line(str(raw["report"])),
        language=str(raw["language"]),
        scope=check_scope(str(raw["scope"])),
        folder=folder,
        files=tuple(files),
        who=plain_line(str(raw.get("who") or "")),
        title=plain_line(str(raw.get("title") or "")),
        status=str(raw.get("status", "waiting")),
        error=plain_line(str(raw.get("error") or "")),
    )


def _faults(place: Path, item: RunItem) -> Iterator[str]:
    if item.language not in LANGUAGES:
        yield f"{item}: no such language"
    if not _inside(place, item.folder):
        yield f"{item}: its folder lies outside of the run's"
        return
    for name in item.files:
        file = item.folder / name
        plain = PurePosixPath(name).name == name and "\\" not in name and name not in ("", "..")
        if not plain or not _inside(item.folder, file):
            yield f"{item}: the file {name!r} lies outside of its folder"
        elif not file.is_file():
            yield f"{item}: the file {name!r} is missing"
    if all((item.folder / name).is_file() for name in item.files):
        yield from _manifest_faults(item)


def _inside(place: Path, inner: Path) -> bool:
    """Say whether a path leads into a folder, links followed."""
    return inner.resolve().is_relative_to(place.resolve()) and inner.resolve() != place.resolve()


def _manifest_faults(item: RunItem) -> Iterator[str]:
    manifest = item.folder / "manifest.json"
    if not manifest.is_file():
        yield f"{item}: it has no manifest"
        return
    try:
        said = json.loads(manifest.read_text(encoding="utf-8"))
        said = {"scope": WHOLE, "report": item.report, "language": item.language, **said}
        told = (check_scope(str(said["scope"])), str(said["report"]), str(said["language"]))
    except (ValueError, TypeError):
        yield f"{item}: its manifest cannot be read"
        return
    if told != (item.scope, item.report, item.language):
        yield f"{item}: its manifest says {told[1]} for {told[0]} in {told[2]}"
    hashes = said.get("files")
    for name, made in sorted(hashes.items()) if isinstance(hashes, dict) else ():
        if name in item.files and sha256_file(item.folder / name) != made:
            yield f"{item}: {name} is not as it was made"
