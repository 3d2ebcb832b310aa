"""Charts: a tidy frame comes in, an ``alt.Chart`` goes out; nothing is displayed or computed.

Every function takes the frame, the language and a title that states the finding. Money comes
in minor units, as metrics give it, with the keyword `currency`; without it deals are counted.
Shares come as ratios. In a right-to-left language bars grow from right to left and upright
axes stand at the right; time runs from left to right in every language. May import ``core``.
"""

from spm_lib.charts.drawing import png, svg, vega
from spm_lib.charts.funnel_chart import funnel_chart
from spm_lib.charts.lost_reasons_chart import lost_reasons_chart
from spm_lib.charts.monthly_chart import monthly_chart
from spm_lib.charts.win_rate_chart import win_rate_chart

__all__ = [
    "funnel_chart",
    "lost_reasons_chart",
    "monthly_chart",
    "png",
    "svg",
    "vega",
    "win_rate_chart",
]
