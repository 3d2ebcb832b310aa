"""All that a report imports on first use, imported at once: what a fork server warms up with."""

import spm_lib.charts
import spm_lib.forecast.findings
import spm_lib.reports.annex
import spm_lib.reps.findings  # noqa: F401
