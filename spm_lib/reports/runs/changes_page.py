"""The page "what changed since the last report", and how its two runs are made."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from spm_lib.core.errors import ReportError
from spm_lib.model import metric_id
from spm_lib.reports.blocks import Column, Section, Summary
from spm_lib.reports.cells import Cell, Number, words
from spm_lib.reports.document import build_document
from spm_lib.reports.html.render import render_document
from spm_lib.reports.pages.page import Page
from spm_lib.reports.runs.changes import (
    Correction,
    Move,
    changed_inputs,
    corrections,
    moves,
    read_figures,
)
from spm_lib.reports.runs.planning import Request
from spm_lib.reports.runs.run import run_requests
from spm_lib.reports.scopes import COMPANY
from spm_lib.store import ClientFolder, write_json, write_whole
from spm_lib.workspace import load_brand

MOST_ROWS = 60


class ChangesPage(Page):
    """What changed between two days of one report, by the ids of its numbers."""

    title: ClassVar[str] = "What changed"

    def __init__(self, workspace: str, *, since: date, report: str, **options: Any) -> None:
        super().__init__(workspace, **options)
        self.since, self.report = since, report

    @property
    def subtitle(self) -> str:
        """Which report, and since when."""
        return self.text(
            "{report}, since the report of {day}",
            report=self.text(self.report),
            day=self.language.date(self.since),
        )

    def summary(
        self, corrected: Sequence[Correction], moved: Sequence[Move], inputs: Sequence[str]
    ) -> Summary:
        """Return in words how much happened, how much was corrected, and in which files."""
        happened = [
            self.say(
                "{n:1 figure|{n} figures} of the whole moved since then.",
                n=self.write.count(len(moved)),
            )
        ]
        count = self.write.count(len(corrected))
        why = [
            self.say(
                "{n:1 figure of the earlier report is|{n} figures of the earlier report are} "
                "told otherwise by today's data: the past was corrected.",
                n=count,
            )
            if corrected
            else self.say("Nothing that was reported then has been corrected since.")
        ]
        if inputs:
            names = self.language.list(list(inputs))
            why.append(self.say("Files that changed: {names}.", names=names))
        return Summary(edition=self.edition, happened=tuple(happened), why=tuple(why))

    def corrected(self, found: Sequence[Correction]) -> Section:
        """Return the corrections: as reported, as told now, and the rows that made it."""
        columns = (
            Column(title="Number"),
            Column(title="Of"),
            Column(title="As reported", kind="number"),
            Column(title="As told now", kind="number"),
            Column(title="Rows that changed"),
        )
        rows = [
            (
                self._name(one.figure.metric),
                words(self._of(one)),
                _number(one.then),
                _number(one.again),
                words(self._rows(one)),
            )
            for one in found[:MOST_ROWS]
        ]
        return self.section("Corrected since", self.table(columns, rows), self._more(len(found)))

    def moved(self, found: Sequence[Move]) -> Section:
        """Return the figures of the whole, then and now."""
        columns = (
            Column(title="Number"),
            Column(title="Then", kind="number"),
            Column(title="Now", kind="number"),
        )
        rows = [
            (self._name(one.now.metric), _number(one.then), _number(one.now))
            for one in found[:MOST_ROWS]
        ]
        return self.section("Moved since", self.table(columns, rows), self._more(len(found)))

    def _more(self, count: int) -> Any:
        if count <= MOST_ROWS:
            return None
        told = self.say(
            "{n:1 more is|{n} more are} in changes.json.", n=self.write.count(count - MOST_ROWS)
        )
        return self.paragraph(told)

    def _name(self, metric: str) -> Cell:
        return words(f"{self.text(metric_id(metric).name)} ({metric})")

    def _of(self, one: Correction) -> str:
        figure = one.figure
        parts = [self._named(column, value) for column, value in sorted(figure.by.items())]
        if figure.window:
            first, end = figure.window
            parts.append(f"{self.language.date(first)} – {self.language.date(end)}")
        return " · ".join(parts) or self.text("All")

    def _rows(self, one: Correction) -> str:
        told = [
            f"{self.text(reason)}: {'+' if count > 0 else '−'}{self.write.count(abs(count))}"
            for reason, count in one.rows().items()
        ]
        return "; ".join(told) or self.text("the same rows with other values")


def _number(figure: Any) -> Cell:
    return Number(figure=figure) if figure is not None else None


def write_changes(
    name: str,
    *,
    workspace: str | Path,
    since: date | None = None,
    language: str | None = None,
    scope: str = COMPANY,
    output: str | Path = "reports",
) -> Path:
    """Write the page of what changed since an earlier report, and return it.

    The report is made for today, and once more for the earlier day from today's data: where that
    differs from what was reported, the past was corrected; the rest happened meanwhile.

    Parameters
    ----------
    name
        A report that was made before.
    workspace
        The client's workspace file.
    since
        The day of the earlier report; by default the newest before this one.
    language
        The workspace's own by default.
    scope
        Whom the report is for.
    output
        Root of the output folders.

    Raises
    ------
    ReportError
        If there is no earlier report.
    """
    import spm_lib.forecast
    import spm_lib.reps  # noqa: F401  (these rooms declare ids that reports print)

    request = Request(name, scopes=(scope,), languages=(language,) if language else ())
    made = run_requests([request], workspace=workspace, output=output).check()
    item, today = made.items[0], made.index.parent
    earlier = _earlier(today, item.folder, since)
    day = date.fromisoformat(earlier.relative_to(today.parent).parts[0])
    with tempfile.TemporaryDirectory(prefix="spm-again-") as place:
        again = run_requests([request], workspace=workspace, as_of=day, output=place).check()
        folder = again.index.parent / again.items[0].folder
        told_again = read_figures(folder / "figures.json")
    then, now = (read_figures(p / "figures.json") for p in (earlier, today / item.folder))
    inputs = changed_inputs(_manifest(earlier), _manifest(today / item.folder))
    corrected, moved = corrections(then, told_again), moves(told_again, now)
    page = ChangesPage(
        str(workspace), since=day, report=item.title, as_of=today.name,
        language=item.language, scope=scope,
    )  # fmt: skip
    blocks = [
        page.cover(),
        page.summary(corrected, moved, inputs),
        page.moved(moved),
        page.corrected(corrected),
        page.definitions(),
    ]
    place_ = today / f"{item.report}-changes" / Path(item.folder).relative_to(item.report)
    brand = load_brand(ClientFolder.of(page.company.settings.path).brand)
    write_json(place_ / "changes.json", _records(corrected, moved))
    html = render_document(build_document(blocks, title="changes"), brand=brand)
    return write_whole(place_ / "report.html", html)


def _earlier(today: Path, folder: str, since: date | None) -> Path:
    days = sorted(
        path.parents[len(Path(folder).parts)].name
        for path in today.parent.glob(f"*/{_literal(folder)}/figures.json")
    )
    before = [day for day in days if day < today.name]
    wanted = since.isoformat() if since else (before[-1] if before else "")
    if wanted not in before:
        raise ReportError(
            "There is no earlier report to compare with.",
            found=f"days before {today.name}: {', '.join(before) or 'none'}",
            do="Make the report for an earlier day first (--as-of), or name one of these",
        )
    return today.parent / wanted / folder


def _literal(text: str) -> str:
    import glob

    return glob.escape(text)


def _manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def _records(corrected: Sequence[Correction], moved: Sequence[Move]) -> dict[str, Any]:
    return {
        "corrected": [
            {
                "metric": one.figure.metric,
                "by": dict(one.figure.by),
                "window": [d.isoformat() for d in one.figure.window] if one.figure.window else None,
                "as_reported": one.then.value if one.then else None,
                "as_told_now": one.again.value if one.again else None,
                "rows": one.rows(),
            }
            for one in corrected
        ],
        "moved": [
            {"metric": one.now.metric, "then": one.then.value, "now": one.now.value}
            for one in moved
        ],
    }
