"""The check of the alerts: how often luck alone raises one, and how long a change goes unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from spm_lib.reps.alerts.changed_rates import LEVEL, WEEKS
from spm_lib.stats import change_against_others

LOOKS = 104
SEASON = 0.5  # log odds by which the last weeks of a quarter are better than the others


@dataclass(frozen=True)
class AlertsCheck:
    """Simulated watches of two years: false alarms, changes found, weeks until they were.

    ``delay`` is the median of the weeks of those found; null where none was.
    """

    watches: int
    false_alarms: int
    found: int
    delay: float | None


def check_alerts(
    *,
    rate: float,
    after: float | None = None,
    deals_a_week: float = 3.0,
    watches: int = 200,
    others: float = 0.3,
    ratios: int = 1,
    seed: int = 1,
) -> AlertsCheck:
    """Watch one person of ``rate`` for 104 weekly looks; after a year the rate is ``after``.

    ``ratios`` are watched of a person: each has its share of the level. Everybody is better in the
    last three weeks of each quarter: that is no change. Without ``after`` nothing ever changes and
    every alarm is false.
    """
    rng = np.random.default_rng(seed)
    season = np.where(np.arange(LOOKS) % 13 >= 10, SEASON, 0.0)
    half = LOOKS // 2
    odds = np.full(LOOKS, logit(rate))
    if after is not None:
        odds[half:] = logit(after)
    false, delays = 0, []
    for _ in range(watches):
        n, peers = rng.poisson(deals_a_week, LOOKS), rng.poisson(12 * deals_a_week, LOOKS)
        won = rng.binomial(n, expit(odds + season))
        their = rng.binomial(peers, expit(logit(others) + season))
        alarm = change_against_others(won, n, their, peers, planned=WEEKS).alarm(LEVEL / ratios)
        if alarm is None:
            continue
        if after is None or alarm < half:
            false += 1
        else:
            delays.append(alarm - half + 1)
    delay = float(np.median(delays)) if delays else None
    return AlertsCheck(watches, false, len(delays), delay)
