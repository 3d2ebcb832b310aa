"""Charts: a tidy frame comes in, an ``alt.Chart`` goes out; nothing is displayed or computed.

Every function takes the frame, the language and a title that states the finding. Money comes
in minor units, as metrics give it, with the keyword `currency`; without it deals are counted.
Shares come as ratios. In a right-to-left language bars grow from right to left and upright
axes stand at the right; time runs from left to right in every language. May import ``core``.
"""

from spm_lib.charts.attainment_distribution_chart import attainment_distribution_chart
from spm_lib.charts.call_bias_chart import call_bias_chart
from spm_lib.charts.caterpillar_chart import caterpillar_chart
from spm_lib.charts.drawing import leave_unchecked, png, svg, svg_png, svgs, vega_lite
from spm_lib.charts.forecast_chart import forecast_chart
from spm_lib.charts.funnel_chart import funnel_chart
from spm_lib.charts.funnel_plot import funnel_plot
from spm_lib.charts.gap_chart import gap_chart
from spm_lib.charts.lost_reasons_chart import lost_reasons_chart
from spm_lib.charts.mix_chart import mix_chart
from spm_lib.charts.monthly_chart import monthly_chart
from spm_lib.charts.pace_chart import pace_chart
from spm_lib.charts.path_chart import path_chart
from spm_lib.charts.pay_curve_chart import pay_curve_chart
from spm_lib.charts.pipeline_chart import pipeline_chart
from spm_lib.charts.process_map_chart import process_map_chart
from spm_lib.charts.reliability_chart import reliability_chart
from spm_lib.charts.stretch_chart import stretch_chart
from spm_lib.charts.survival_chart import survival_chart
from spm_lib.charts.target_odds_chart import target_odds_chart
from spm_lib.charts.targets_chart import targets_chart
from spm_lib.charts.time_in_stage_chart import time_in_stage_chart
from spm_lib.charts.track_record_chart import track_record_chart
from spm_lib.charts.waterfall_chart import waterfall_chart
from spm_lib.charts.win_rate_chart import win_rate_chart

__all__ = [
    "attainment_distribution_chart",
    "call_bias_chart",
    "caterpillar_chart",
    "forecast_chart",
    "funnel_chart",
    "funnel_plot",
    "gap_chart",
    "leave_unchecked",
    "lost_reasons_chart",
    "mix_chart",
    "monthly_chart",
    "pace_chart",
    "path_chart",
    "pay_curve_chart",
    "pipeline_chart",
    "png",
    "process_map_chart",
    "reliability_chart",
    "stretch_chart",
    "survival_chart",
    "svg",
    "svg_png",
    "svgs",
    "target_odds_chart",
    "targets_chart",
    "time_in_stage_chart",
    "track_record_chart",
    "vega_lite",
    "waterfall_chart",
    "win_rate_chart",
]
