"""Metrics: a Company comes in, tidy frames with n, interval and receipt go out.

Each number is defined once as a ``Measure`` and runs on any engine; ``measure`` asks for one by its
id, and the named functions (``win_rate``, ``open_pipeline``, ...) return frames to work with. May
import ``model`` and everything above it.
"""

from spm_lib.metrics.dictionary import definition_rows
from spm_lib.metrics.effort import activity_count, activity_ratios
from spm_lib.metrics.example import example_company
from spm_lib.metrics.measure import measure
from spm_lib.metrics.measured import Measured
from spm_lib.metrics.outlook import attainment, coverage, open_pipeline, pipeline_by_stage
from spm_lib.metrics.own import load_own_metrics, metric
from spm_lib.metrics.results import (
    account_value,
    deal_size,
    lost,
    lost_reasons,
    sales_velocity,
    win_rate,
    won,
)
from spm_lib.metrics.timing import cycle_time, stage_conversion, survival, time_in_stage
from spm_lib.metrics.velocities import velocity

__all__ = [
    "Measured",
    "account_value",
    "activity_count",
    "activity_ratios",
    "attainment",
    "coverage",
    "cycle_time",
    "deal_size",
    "definition_rows",
    "example_company",
    "load_own_metrics",
    "lost",
    "lost_reasons",
    "measure",
    "metric",
    "open_pipeline",
    "pipeline_by_stage",
    "sales_velocity",
    "stage_conversion",
    "survival",
    "time_in_stage",
    "velocity",
    "win_rate",
    "won",
]
