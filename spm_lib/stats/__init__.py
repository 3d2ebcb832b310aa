"""Estimates with their uncertainty: numbers in, intervals, curves, shrunk rates and scores out.

Knows nothing of sales. Imports ``core`` only.
"""

from spm_lib.stats.accuracy import bias, coverage, crps, ncrps, wape
from spm_lib.stats.change import ChangeEvidence, change_against_others, change_in_share
from spm_lib.stats.clustered_logistic import ClusteredLogistic, clustered_logistic
from spm_lib.stats.discovery import benjamini_hochberg
from spm_lib.stats.funnel import funnel_limits
from spm_lib.stats.heterogeneity import (
    Heterogeneity,
    heterogeneity,
    heterogeneity_of_counts,
)
from spm_lib.stats.intervals import bootstrap, median_interval, wilson
from spm_lib.stats.letters import LetteredShares, lettered_shares
from spm_lib.stats.lognormal_pooling import LogNormalPooling, poisson_lognormal
from spm_lib.stats.normal_pooling import NormalPooling, normal_pooling
from spm_lib.stats.pooling import PartialPooling, beta_binomial, gamma_poisson
from spm_lib.stats.ranks import indistinguishable, rank_summary
from spm_lib.stats.ratios import Ratio, ratio_of_sums
from spm_lib.stats.sample_size import trials_per_arm
from spm_lib.stats.steady import steady
from spm_lib.stats.survival import (
    cumulative_incidence,
    kaplan_meier,
    km_quantile,
    km_quantile_interval,
)

__all__ = [
    "ChangeEvidence",
    "ClusteredLogistic",
    "Heterogeneity",
    "LetteredShares",
    "LogNormalPooling",
    "NormalPooling",
    "PartialPooling",
    "Ratio",
    "benjamini_hochberg",
    "beta_binomial",
    "bias",
    "bootstrap",
    "change_against_others",
    "change_in_share",
    "clustered_logistic",
    "coverage",
    "crps",
    "cumulative_incidence",
    "funnel_limits",
    "gamma_poisson",
    "heterogeneity",
    "heterogeneity_of_counts",
    "indistinguishable",
    "kaplan_meier",
    "km_quantile",
    "km_quantile_interval",
    "lettered_shares",
    "median_interval",
    "ncrps",
    "normal_pooling",
    "poisson_lognormal",
    "rank_summary",
    "ratio_of_sums",
    "steady",
    "trials_per_arm",
    "wape",
    "wilson",
]
