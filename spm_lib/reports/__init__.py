"""Reports: a notebook and its parameters come in; a page, its figures and its manifest go out.

The calls of a notebook return blocks; the exporter reads them out of the executed notebook into a
``Document``, from which every format is drawn. The files here are that model; ``pages`` fill it,
``html``, ``pdf`` and ``office`` draw it, ``runs`` make it, many at once. The only room that knows
papermill and nbformat.
May import everything but ``dashboards`` and ``cli``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from spm_lib.reports.blocks import Chart, Sentence, Table, Text, Tiles, read_block
from spm_lib.reports.document import Document, build_document
from spm_lib.reports.formats import check_formats
from spm_lib.reports.pages.declared import declare_report_ids
from spm_lib.reports.pages.page import Page
from spm_lib.reports.runs.changes_page import write_changes
from spm_lib.reports.runs.clients import check_clients, run_clients
from spm_lib.reports.runs.pack_file import load_pack
from spm_lib.reports.runs.parameters import Parameter, check_parameters, read_parameters
from spm_lib.reports.runs.planning import Request
from spm_lib.reports.runs.run import RunResult, run_report, run_reports, run_requests
from spm_lib.reports.runs.shelf import find_notebook, report_names
from spm_lib.reports.runs.verify import Verified, verify

if TYPE_CHECKING:
    from spm_lib.reports.pages.coaching_page import CoachingPage
    from spm_lib.reports.pages.forecast_page import ForecastPage
    from spm_lib.reports.pages.funnel_page import FunnelPage
    from spm_lib.reports.pages.letter_page import LetterPage
    from spm_lib.reports.pages.manager_page import ManagerPage
    from spm_lib.reports.pages.mistakes_page import MistakesPage
    from spm_lib.reports.pages.one_on_one_page import OneOnOnePage
    from spm_lib.reports.pages.playbook_page import PlaybookPage
    from spm_lib.reports.pages.rep_page import RepPage
    from spm_lib.reports.pages.reps_page import RepsPage
    from spm_lib.reports.pages.segments_page import SegmentsPage
    from spm_lib.reports.pages.statement_page import StatementPage
    from spm_lib.reports.pages.targets_page import TargetsPage

__all__ = [
    "Chart",
    "CoachingPage",
    "Document",
    "ForecastPage",
    "FunnelPage",
    "LetterPage",
    "ManagerPage",
    "MistakesPage",
    "OneOnOnePage",
    "Page",
    "Parameter",
    "PlaybookPage",
    "RepPage",
    "RepsPage",
    "Request",
    "RunResult",
    "SegmentsPage",
    "Sentence",
    "StatementPage",
    "Table",
    "TargetsPage",
    "Text",
    "Tiles",
    "Verified",
    "build_document",
    "check_clients",
    "check_formats",
    "check_parameters",
    "find_notebook",
    "load_pack",
    "read_block",
    "read_parameters",
    "report_names",
    "run_clients",
    "run_report",
    "run_reports",
    "run_requests",
    "verify",
    "write_changes",
]

_PAGES = {
    "CoachingPage": "coaching_page",
    "ForecastPage": "forecast_page",
    "FunnelPage": "funnel_page",
    "LetterPage": "letter_page",
    "ManagerPage": "manager_page",
    "MistakesPage": "mistakes_page",
    "OneOnOnePage": "one_on_one_page",
    "PlaybookPage": "playbook_page",
    "RepPage": "rep_page",
    "RepsPage": "reps_page",
    "SegmentsPage": "segments_page",
    "StatementPage": "statement_page",
    "TargetsPage": "targets_page",
}  # each is imported when first named: with what it needs, and not with what the others need

declare_report_ids()


def __getattr__(name: str) -> Any:
    if name in _PAGES:
        return getattr(importlib.import_module(f"spm_lib.reports.pages.{_PAGES[name]}"), name)
    raise AttributeError(f"module 'spm_lib.reports' has no attribute '{name}'")
