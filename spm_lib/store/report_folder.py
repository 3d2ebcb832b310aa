"""Where reports lie: ``<root>/<id>/<as-of>/<report>/<scope>/<language>[-<parameters>]/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spm_lib.store.hashes import sha256_json
from spm_lib.store.names import safe_name


@dataclass(frozen=True)
class RunFolder:
    """The folder of all reports of one client at one date."""

    root: Path
    workspace_id: str
    as_of: date

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.root / safe_name(self.workspace_id) / self.as_of.isoformat()

    @property
    def index(self) -> Path:
        """The page that links to the reports."""
        return self.path / "index.html"

    @property
    def run(self) -> Path:
        """The status of every report of the run, so that a killed run resumes."""
        return self.path / "run.json"

    def report(
        self,
        name: str,
        *,
        language: str,
        scope: str | None = None,
        parameters: Mapping[str, object] | None = None,
        alike: bool = False,
    ) -> ReportFolder:
        """Return the folder of one report.

        ``scope`` is the id of the person or team it is for, None for the whole company;
        ``parameters`` are those that differ from their defaults. ``alike`` says that another scope
        differs in capitals only, which Windows and macOS do not tell apart.

        Examples
        --------
        >>> run = RunFolder(Path("reports"), "sample", date(2026, 9, 30))
        >>> run.report("funnel", language="he").path.as_posix()
        'reports/sample/2026-09-30/funnel/all/he'
        >>> run.report("funnel", language="en", parameters={"months": 6}).path.name
        'en-18d292d1'
        """
        mark = f"-{sha256_json(dict(parameters))[:8]}" if parameters else ""
        who = "all" if scope is None else _scope_name(scope, alike=alike)
        return ReportFolder(self.path / safe_name(name) / who / f"{language}{mark}")


@dataclass(frozen=True)
class ReportFolder:
    """The folder of one report in one language.

    Examples
    --------
    >>> ReportFolder(Path("he")).html.as_posix()
    'he/report.html'
    """

    path: Path

    @property
    def html(self) -> Path:
        """The page: one file, works offline."""
        return self.path / "report.html"

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.path / "report.ipynb"

    @property
    def figures(self) -> Path:
        """Every number the report prints."""
        return self.path / "figures.json"

    @property
    def manifest(self) -> Path:
        """What the report was made from."""
        return self.path / "manifest.json"

    def file(self, suffix: str) -> Path:
        """Return the report in another format, such as ``pdf``."""
        return self.path / f"report.{suffix}"


def _scope_name(scope: str, *, alike: bool) -> str:
    """Return a folder name of its own for every scope, also for those that differ in signs only."""
    name = safe_name(scope)
    plain = name == scope and name != "all" and not alike
    return name if plain else f"{name}-{sha256_json(scope)[:8]}"
