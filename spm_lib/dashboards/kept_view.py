"""What a server has opened once, kept as files for its visitors as long as nothing changes."""

from __future__ import annotations

import glob
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

from spm_lib.core.errors import SpmError
from spm_lib.core.language import Language, language
from spm_lib.dashboards.studio.told import charts_of
from spm_lib.dashboards.told import VIEW
from spm_lib.dashboards.what_if_charts import what_if_charts
from spm_lib.model import Company, on_its_own, open_company, write_view
from spm_lib.plans import Planner, TargetScenario, propose
from spm_lib.sources import quarantine_path
from spm_lib.store import write_json
from spm_lib.targets import WhatIf, baseline
from spm_lib.targets.odds.odds import DRAWS
from spm_lib.workspace import Settings, load_settings

LONGEST = 10.0  # seconds that the end of a server waits for what is being written
Stamp = Mapping[str, tuple[int, int]]


class KeptView:
    """The rows of one server's scope on disk, in a folder that only its owner may enter.

    A page opens them in milliseconds, and can open nobody else's. When a file of the workspace
    changes, ``file`` tells of none until the rows have been written anew; pages then open the
    workspace itself.

    Parameters
    ----------
    workspace
        The client's workspace file.
    scope
        Whose rows.
    language
        Language of most pages; None: the workspace's own.
    studio
        Whether the studio is likely to be opened: then what it takes long to learn is learned now.

    Raises
    ------
    SpmError
        If the workspace cannot be opened, or the scope names nobody.
    """

    def __init__(
        self, workspace: Path, *, scope: str, language: str | None = None, studio: bool = False
    ) -> None:
        self.workspace, self.scope, self.language = workspace, scope, language
        self.studio = studio
        self._place = TemporaryDirectory(prefix="spm-dashboard-", ignore_cleanup_errors=True)
        self._writing: threading.Thread | None = None
        self._written: tuple[Stamp, Path | None] = ({}, None)
        self._count = 0
        self._closing = False
        try:
            self.company = self._write()
        except SpmError:
            self.close()
            raise

    @property
    def file(self) -> Path | None:
        """The file of the view; None where the workspace is to be opened itself."""
        stamp, file = self._written
        if stamp == stamp_of(self.company.settings):
            return file
        if self._writing is None or not self._writing.is_alive():
            self._writing = threading.Thread(target=self._write_anew, daemon=True)
            self._writing.start()
        return None

    def settled(self) -> KeptView:
        """Wait until what has changed is written, and return self."""
        if self._writing is not None:
            self._writing.join()
        return self

    def close(self) -> None:
        """Remove the files, once nobody writes any more."""
        self._closing = True
        if self._writing is not None:
            self._writing.join(LONGEST)
        self._place.cleanup()

    def _write_anew(self) -> None:
        stamp = stamp_of(self.company.settings)
        try:
            self._write()
        except (SpmError, OSError):  # each page says what is wrong; tried at the next change again
            self._written = stamp, None

    def _write(self) -> Company:
        before = stamp_of(load_settings(self.workspace))
        company = open_company(self.workspace, scope=self.scope)
        self.company = company
        file = None
        same = before == stamp_of(company.settings) and not self._closing
        if same and reads_only_files(company.settings):
            self._count += 1
            folder = Path(self._place.name, str(self._count))
            file = write_view(company, folder / "view", asked=self.scope)
            with suppress(SpmError):  # the page says why there is nothing to play through
                play_ahead(company, Kept(file), self.language)
                if self.studio and not self._closing:
                    learn_ahead(company, Kept(file), self.language)
        self._written = before, file
        remove_at_once(Path(self._place.name, str(self._count - 2)))
        return company


def remove_at_once(folder: Path) -> None:
    """Remove a folder, if it is there; whoever reads in it finds all of it or nothing."""
    with suppress(OSError):
        rmtree(folder.rename(folder.with_name(f"{folder.name}.gone")))


def stamp_of(settings: Settings) -> Stamp:
    """Return size and time of change of every file that a workspace is read from."""
    stamp = {}
    for file in _files_of(settings):
        try:
            told = file.stat()
        except OSError:
            continue
        stamp[str(file)] = told.st_size, told.st_mtime_ns
    return stamp


@dataclass(frozen=True)
class Kept:
    """What a page finds of its server's view; any of it may be gone by then.

    Attributes
    ----------
    file
        The file of the view.
    """

    file: Path

    @property
    def draws(self) -> Path:
        """Where the draws lie that belong to the view."""
        return self.file.parent.parent / "draws"

    @property
    def learned(self) -> Path:
        """Where what the studio takes long to learn lies, of the view's rows."""
        return self.file.parent.parent / "learned"

    @property
    def approved(self) -> Path:
        """Where it lies what approved plans ask of the view's scope."""
        return self.file.parent.parent / "approved.json"

    def charts(self, name: str, draw: Callable[[], Any]) -> Any:
        """Return charts as they begin, as the first page of a kind and language drew them."""
        file = self.file.parent.parent / f"charts-{name}.json"
        with suppress(OSError):
            return json.loads(file.read_text(encoding="utf-8"))
        drawn = draw()
        with suppress(OSError):
            write_json(file, drawn)
        return drawn


def kept_for(day: date | None) -> Kept | None:
    """Return what the server has kept for a page; None where it has not, or of another day."""
    file = os.environ.get(VIEW)
    return Kept(Path(file)) if file and day is None else None


def play_ahead(company: Company, kept: Kept, code: str | None) -> None:
    """Draw the year's luck, and the charts in the language that most pages will be in.

    Raises
    ------
    SpmError
        If there is nothing to play through.
    """
    base = baseline(company)
    what_if = WhatIf(base)
    what_if.keep(kept.draws)
    spoken = language(code or company.settings.workspace.language)
    kept.charts(spoken.code, lambda: what_if_charts(base, what_if.answer(base.levers), spoken))


def learn_ahead(company: Company, kept: Kept, code: str | None) -> None:
    """Learn what the studio of these rows begins with, and draw it in the likely language.

    Raises
    ------
    SpmError
        If there is nothing to learn from.
    """
    alone = on_its_own(company)
    planner, proposal = Planner(alone, kept=kept.learned), propose(alone, name="Proposal")
    plan = planner.plan(proposal, draws=DRAWS)
    spoken = language(code or company.settings.workspace.language)
    kept.charts(studio_name(proposal, spoken), lambda: charts_of(plan, spoken))
    if plan.odds is not None:
        with suppress(OSError):
            planner.odds_of(proposal).keep()


def studio_name(scenario: TargetScenario, spoken: Language) -> str:
    """Return the name of the studio's charts in a language; axes are those of a scenario."""
    told = scenario.model_dump_json(exclude={"name", "note"})
    return f"studio-{spoken.code}-{sha256(told.encode()).hexdigest()[:16]}"


def _files_of(settings: Settings) -> Iterator[Path]:
    yield from settings.folder.glob("*.toml")
    folder = glob.escape(str(settings.folder))
    for name, raw in settings.raw.items():
        yield quarantine_path(settings.folder, name)
        if raw.path:
            yield from map(Path, glob.glob(str(Path(folder, raw.path))))  # noqa: PTH207


def reads_only_files(settings: Settings) -> bool:
    """Say whether a change of the data can be seen: what a database holds is asked anew."""
    return all(raw.connection is None for raw in settings.raw.values())
