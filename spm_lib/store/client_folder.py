"""Where things lie in a client's folder, beside ``spm.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from spm_lib.core.errors import WorkspaceError
from spm_lib.store.hashes import sha256_json
from spm_lib.store.names import safe_name


@dataclass(frozen=True)
class ClientFolder:
    """The folder of one client's workspace file.

    Examples
    --------
    >>> folder = ClientFolder.of("clients/acme/spm.toml")
    >>> folder.scenario("Stretch 2027").as_posix()
    'clients/acme/scenarios/Stretch 2027.toml'
    >>> folder.snapshot(date(2026, 9, 30)).as_posix()
    'clients/acme/snapshots/2026-09-30'
    """

    root: Path

    @classmethod
    def of(cls, workspace: str | Path) -> ClientFolder:
        """Return the folder in which a workspace file lies."""
        return cls(Path(workspace).parent)

    @property
    def workspace(self) -> Path:
        """The workspace file."""
        return self.root / "spm.toml"

    @property
    def brand(self) -> Path:
        """The brand file: logo, colours, fonts, footer."""
        return self.root / "brand.toml"

    @property
    def users(self) -> Path:
        """Names and password hashes of those who may sign in to dashboards."""
        return self.root / "users.json"

    @property
    def stalls(self) -> Path:
        """Deals that rest for a reason, and the day on which each resumes."""
        return self.root / "stall.toml"

    @property
    def exports(self) -> Path:
        """The client's exports."""
        return self.root / "exports"

    @property
    def quarantine(self) -> Path:
        """Rows that could not be read, to be mended."""
        return self.root / "quarantine"

    @property
    def plans(self) -> Path:
        """Pay and target plans."""
        return self.root / "plans"

    @property
    def scenarios(self) -> Path:
        """Saved what-if scenarios."""
        return self.root / "scenarios"

    @property
    def snapshots(self) -> Path:
        """Kept states of the client's tables."""
        return self.root / "snapshots"

    @property
    def pay(self) -> Path:
        """Pay runs: by plan, period and version."""
        return self.root / "pay"

    @property
    def cache(self) -> Path:
        """What can be made again at any time."""
        return self.root / "cache"

    @property
    def store(self) -> Path:
        """The client's tables on disk, for more than memory holds; made again from the exports."""
        return self.cache / "store"

    @property
    def notebooks(self) -> Path:
        """The client's own pages and ``metrics.py``."""
        return self.root / "notebooks"

    @property
    def own_metrics(self) -> Path:
        """The file of the client's own metrics."""
        return self.notebooks / "metrics.py"

    @property
    def letter_terms(self) -> Path:
        """What the client adds to plan letters."""
        return self.root / "letter.toml"

    @property
    def letters(self) -> Path:
        """The plan letters that were issued, by person and version."""
        return self.root / "letters"

    @property
    def checklist(self) -> Path:
        """The client's own checklist of its people."""
        return self.root / "checklist.toml"

    @property
    def team_database(self) -> Path:
        """The database of the room ``team``."""
        return self.root / "team.db"

    def scenario(self, name: str) -> Path:
        """Return the file of a scenario.

        Raises
        ------
        WorkspaceError
            If the name could lead out of the folder.
        """
        return self.scenarios / f"{_checked(name)}.toml"

    def snapshot(self, day: date) -> Path:
        """Return the folder of the state kept on a day."""
        return self.snapshots / day.isoformat()

    def snapshot_days(self) -> list[date]:
        """Return the days of which a whole snapshot is kept, ascending."""
        return sorted(
            date.fromisoformat(found.parent.name)
            for found in self.snapshots.glob("*/manifest.json")
        )

    def cached(self, kind: str, content: object, suffix: str) -> Path:
        """Return the cache file for a content, named by its fingerprint.

        ``content`` is everything that decides what the file will hold, JSON-ready.
        """
        return self.cache / _checked(kind) / f"{sha256_json(content)[:32]}{suffix}"

    def pay_run(self, plan: str, period: str, version: int) -> Path:
        """Return the folder of one version of one period's pay."""
        return self.pay / _checked(plan) / _checked(period) / f"v{version}"


def _checked(name: str) -> str:
    if safe_name(name) != name:
        raise WorkspaceError(
            "This cannot be the name of a file.",
            found=repr(name),
            do="Use letters, digits, spaces, dots, dashes and underscores; begin with a letter or "
            "digit",
        )
    return name
