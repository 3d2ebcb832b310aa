"""What dashboards load on first use, loaded once before a server forks.

Nothing here may run a query or draw: that would start threads, and a process with threads is not
forked.
"""

from __future__ import annotations

import contextlib
import importlib
from datetime import date

MODULES = (
    "spm_lib.charts",
    "spm_lib.dashboards",
    "spm_lib.model",
    "spm_lib.plans",
    "spm_lib.targets",
)


def load() -> None:
    """Import what dashboards use, read the catalogues and the page's script."""
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from spm_lib.charts.drawing import leave_unchecked, show_offline
    from spm_lib.core.calendar import WorkCalendar
    from spm_lib.core.language import language
    from spm_lib.dashboards.bundle import SOURCE, STUDIO, bundle_path, live_chart_bundle

    WorkCalendar(country="IL").is_working_day(date(2026, 1, 1))  # the lists of holidays
    leave_unchecked()
    show_offline()
    for code in ("en", "he"):
        write = language(code)
        write.text("What if")
        write.money(123_456, "ILS")
        write.percent(0.5, 1)
        write.date(date(2026, 1, 1))
        write.month(date(2026, 1, 1))
    for source in (SOURCE, STUDIO):
        if bundle_path(source).is_file():  # making it would start threads
            live_chart_bundle(source)
