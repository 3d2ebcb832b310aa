"""Fairness: targets and what is known of people come in; whom they stretch, and why, goes out.

Odds come in as a column: from simulated deals where deals are known, or from ``own_odds``.
"""

from spm_lib.targets.fairness.check import Fairness, Range, check_fairness
from spm_lib.targets.fairness.correlation import Correlation, rank_correlation
from spm_lib.targets.fairness.own_odds import own_odds
from spm_lib.targets.fairness.spread import BANDS, Spread, spread_of

__all__ = [
    "BANDS",
    "Correlation",
    "Fairness",
    "Range",
    "Spread",
    "check_fairness",
    "own_odds",
    "rank_correlation",
    "spread_of",
]
