"""Views by scope: what each viewer's page may read, cut by the server before a kernel starts."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from spm_lib.dashboards.kept_view import (
    LONGEST,
    Kept,
    Stamp,
    reads_only_files,
    remove_at_once,
    stamp_of,
)
from spm_lib.model import Company, open_company, scope_named, write_view
from spm_lib.plans import Planner
from spm_lib.store import write_whole
from spm_lib.team import approved_targets
from spm_lib.workspace import Scope, load_settings

_MOST = 64  # views kept; a page reads its view once, when it opens


@dataclass(frozen=True)
class _Shelved:
    stamp: Stamp
    file: Path


class Shelf:
    """The views of one server, in a folder that only its owner may enter.

    Parameters
    ----------
    workspace
        The client's workspace file.
    today
        Tells the day of the visit: a manager sees the team of that day.
    ahead
        Called with each new view, beside what else is done: prepares what its pages will want.
    """

    def __init__(
        self,
        workspace: Path,
        *,
        today: Callable[[], date],
        ahead: Callable[[Path], None] | None = None,
    ) -> None:
        self.workspace, self._today, self._ahead = workspace, today, ahead
        self._place = TemporaryDirectory(prefix="spm-gate-", ignore_cleanup_errors=True)
        self._kept: OrderedDict[tuple[str, Scope], _Shelved] = OrderedDict()
        self._whole: tuple[Stamp, Company] | None = None
        self._planner: Planner | None = None
        self._count = 0
        self._beside: list[threading.Thread] = []
        self._lock = threading.Lock()

    def file(self, asked: str) -> Path:
        """Return the file of the view of a scope, made anew when the data has changed.

        Memberships and managers are those of the day of the visit, or of the data's own day where
        that is later; the same people are then seen on every day that the page may ask for.

        Raises
        ------
        SpmError
            If the workspace cannot be opened, or the scope names nobody.
        """
        with self._lock:
            stamp, whole = self._opened()
            day = max(self._today(), whole.as_of)
            scope = scope_named(whole.at(day), asked)
            kept = self._kept.get((asked, scope))
            if kept is None or kept.stamp != stamp or not reads_only_files(whole.settings):
                kept = _Shelved(stamp, self._write(whole.within(scope), asked))
                self._keep((asked, scope), kept)
            self._kept.move_to_end((asked, scope))
            self._tell_approved(whole, scope, kept.file)
            return kept.file

    def close(self) -> None:
        """Remove the files, once nobody writes any more."""
        given_up = time.monotonic() + LONGEST
        for beside in self._beside:
            beside.join(max(given_up - time.monotonic(), 0.0))
        self._place.cleanup()

    def _opened(self) -> tuple[Stamp, Company]:
        stamp = stamp_of(load_settings(self.workspace))
        known = self._whole
        if known and known[0] == stamp and reads_only_files(known[1].settings):
            return known
        self._whole = stamp, open_company(self.workspace)
        return self._whole

    def _tell_approved(self, whole: Company, scope: Scope, file: Path) -> None:
        """Lay beside a view what approved plans ask of its scope, as the register has it now."""

        def planner() -> Planner:
            if self._planner is None or self._planner.company is not whole:
                self._planner = Planner(whole)
            return self._planner

        told = approved_targets(whole, scope, planner=planner)
        write_whole(Kept(file).approved, told.to_json())

    def _write(self, company: Company, asked: str) -> Path:
        self._count += 1
        file = write_view(company, Path(self._place.name, str(self._count), "view"), asked=asked)
        if self._ahead:
            beside = threading.Thread(target=self._ahead, args=(file,), daemon=True)
            beside.start()
            self._beside = [*filter(threading.Thread.is_alive, self._beside), beside]
        return file

    def _keep(self, key: tuple[str, Scope], kept: _Shelved) -> None:
        self._kept[key] = kept
        while len(self._kept) > _MOST:
            _, old = self._kept.popitem(last=False)
            remove_at_once(old.file.parents[1])
