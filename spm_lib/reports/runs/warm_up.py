"""What the making of reports loads on first use, loaded once before a server forks.

Nothing here may run a query or draw: that would start threads, and a process with threads is not
forked.
"""

from __future__ import annotations

import contextlib
import importlib
from datetime import date

# What processes of reports were seen to import, in any format; a test asks three for no more.
MODULES = (
    "IPython.core.application",
    "IPython.core.completerlib",
    "IPython.core.displayhook",
    "IPython.core.displaypub",
    "IPython.core.interactiveshell",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.utils.wildcard",
    "bdb",
    "encodings.cp1255",
    "encodings.cp437",
    "encodings.utf_16_le",
    "holidays.countries",
    "mistune",
    "narwhals._polars.group_by",
    "narwhals.group_by",
    "nbformat.v4",
    "papermill.engines",
    "papermill.execute",
    "pptx.chart.data",
    "pptx.chart.xlsx",
    "spm_lib.charts",
    "spm_lib.forecast.findings",
    "spm_lib.metrics",
    "spm_lib.model",
    "spm_lib.plans.planning.figures",
    "spm_lib.process.leads.figures",
    "spm_lib.process.leads.score_figures",
    "spm_lib.process.mistakes.words",
    "spm_lib.process.playbook.figures",
    "spm_lib.process.playbook.words",
    "spm_lib.process.process_map.figures",
    "spm_lib.reports",
    "spm_lib.reports.office.pptx",
    "spm_lib.reports.office.pptx_look",
    "spm_lib.reports.office.xlsx",
    "spm_lib.reports.pages.annex",
    "spm_lib.reports.pages.reps_mix",
    "spm_lib.reports.pages.reps_skills",
    "spm_lib.reports.pages.team_read",
    "spm_lib.reports.pdf.render",
    "spm_lib.reps.alerts.figures",
    "spm_lib.reps.alerts.words",
    "spm_lib.reps.closers.figures",
    "spm_lib.reps.closers.words",
    "spm_lib.reps.coaching.figures",
    "spm_lib.reps.comparison.findings",
    "typst",
)


def load() -> None:
    """Import what reports use, read the catalogues, compile the templates and schemas."""
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _pages()
    _languages()
    _templates()
    _notebooks()
    _charts()


def _pages() -> None:
    """Import the pages of all reports, each of which is imported when it is named."""
    from spm_lib import reports

    for name in reports.__all__:
        getattr(reports, name)


def _languages() -> None:
    from spm_lib.core.calendar import WorkCalendar
    from spm_lib.core.language import language

    WorkCalendar()
    for code in ("en", "he"):
        write = language(code)
        write.text("Sales funnel")
        write.money(123_456, "ILS")
        write.percent(0.5, 1)
        write.date(date(2026, 1, 1))
        write.month(date(2026, 1, 1))


def _templates() -> None:
    from spm_lib.reports.html.render import compile_templates

    compile_templates()


def _notebooks() -> None:
    """Check an empty notebook and an output: their schemas are compiled on first use."""
    import nbformat
    from nbformat.v4 import new_notebook, new_output

    nbformat.validate(new_notebook())
    new_output("display_data")


def _charts() -> None:
    """Leave charts unchecked, which the tests have checked, and specify one, but draw none."""
    import polars as pl

    from spm_lib.charts import leave_unchecked, lost_reasons_chart, vega_lite
    from spm_lib.core.language import language

    leave_unchecked()
    frame = pl.DataFrame({"lost_reason": ["Price"], "value": [1]})
    vega_lite(lost_reasons_chart(frame, language=language("en"), title="Price"))
