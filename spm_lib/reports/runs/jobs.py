"""A job: all that one report is made from, as plain data that another process can take over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from spm_lib.reports.runs.kernel import Way
from spm_lib.store import ReportFolder


class Job(BaseModel):
    """One report to be made.

    ``view`` is the file the notebook opens: what its scope may see and nothing else. ``manifest``
    is what is known of the report before it is made.
    """

    model_config = ConfigDict(frozen=True)

    report: str
    notebook: str
    parameters: dict[str, Any]
    language: Literal["en", "he"]
    currency: str
    folder: str
    formats: tuple[str, ...] = ("html",)
    brand: str = ""
    manifest: dict[str, Any] = {}
    way: Way = "kernel"
    timeout: float | None = None

    @property
    def place(self) -> ReportFolder:
        """The folder the report is written to."""
        return ReportFolder(Path(self.folder))


class Made(BaseModel):
    """What came of a job: what the index tells of the report, or why it could not be made."""

    model_config = ConfigDict(frozen=True)

    title: str = ""
    subtitle: str = ""
    headline: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    error: str | None = None


def origin_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that decide a report's content; where its data lies does not.

    Of a target plan, of pay, of a letter or of the team's register it is the content that decides,
    by which its file is named.
    """
    told = {k: v for k, v in parameters.items() if k not in ("workspace", "peers")}
    return {k: Path(v).stem if k in _FILES else v for k, v in told.items()}


_FILES = ("plan", "paid", "letter", "team")
