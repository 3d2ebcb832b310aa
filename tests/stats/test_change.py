"""Evidence of a change: the likelihood by another library, false alarms, and changes found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import nchypergeom_fisher, norm

from spm_lib.core.errors import DataError
from spm_lib.stats import change_against_others, change_in_share
from spm_lib.stats.change import GRID, PRIOR_SD, SPACING, _conditional

LOOKS = 104


def test_the_likelihood_given_the_totals_is_that_of_scipy() -> None:
    for k, n, peers, peer_n in ((3, 5, 20, 60), (0, 4, 0, 9), (7, 7, 12, 12), (2, 9, 1, 3)):
        mine = _conditional(*(np.array([part], float) for part in (k, n, peers, peer_n)))[0]
        theirs = [
            nchypergeom_fisher.logpmf(k, n + peer_n, n, k + peers, np.exp(x)) for x in GRID[::12]
        ]
        assert mine[::12] == pytest.approx(np.array(theirs), abs=1e-7)


def test_the_evidence_is_the_ratio_that_a_plain_integral_gives() -> None:
    won, n = [3, 0, 4, 1, 1, 0], [4, 2, 5, 3, 4, 6]
    odds = np.linspace(-6, 6, 4001)
    prior = norm.pdf(odds, scale=PRIOR_SD)

    def chance(part: slice) -> float:
        k, all_ = sum(won[part]), sum(n[part])
        line = prior * expit(odds) ** k * (1 - expit(odds)) ** (all_ - k)
        return float(np.trapezoid(line, odds))

    for looks in range(1, 7):
        one, rest = chance(slice(0, looks)), slice(SPACING, looks)
        begun = chance(slice(0, SPACING)) * chance(rest) / one if looks > SPACING else 1.0
        expected = begun / 2 + 1 / 2  # of the two moments planned one is still to come
        found = change_in_share(won, n, planned=SPACING * 2 + 1).log_e[looks - 1]
        assert np.exp(found) == pytest.approx(expected, rel=1e-3)


def test_what_was_said_last_week_is_not_changed_by_this_week() -> None:
    rng = np.random.default_rng(2)
    n = rng.poisson(3.0, LOOKS)
    won = rng.binomial(n, 0.4)
    whole = change_in_share(won, n).log_e
    for looks in (1, 7, 40, 103):
        assert change_in_share(won[:looks], n[:looks]).log_e == pytest.approx(whole[:looks])


def _alarms(rate: float, *, after: float, seeds: int, against: bool) -> list[int | None]:
    rng = np.random.default_rng(4)
    season = np.where(np.arange(LOOKS) % 13 >= 10, 0.6, -0.2) if against else np.zeros(LOOKS)
    found = []
    for _ in range(seeds):
        odds = np.where(np.arange(LOOKS) < LOOKS // 2, rate, after)
        shares = expit(np.log(odds / (1 - odds)) + season)
        n = rng.poisson(3.0, LOOKS)
        if against:
            n_all = rng.poisson(40.0, LOOKS)
            seen = change_against_others(
                rng.binomial(n, shares), n, rng.binomial(n_all, expit(season - 0.3)), n_all
            )
        else:
            seen = change_in_share(rng.binomial(n, shares), n)
        found.append(seen.alarm(0.05))
    return found


@pytest.mark.parametrize(("rate", "against"), [(0.15, False), (0.5, True)])
def test_looking_every_week_for_two_years_raises_few_false_alarms(
    rate: float, against: bool
) -> None:
    alarms = _alarms(rate, after=rate, seeds=60, against=against)
    assert sum(alarm is not None for alarm in alarms) <= 5


def test_a_z_test_that_peeks_every_week_is_wrong_more_often_than_not_a_twentieth() -> None:
    """The leak: the same looks with a plain test against the own past."""
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(200):
        won = np.cumsum(rng.binomial(3, 0.4, LOOKS))
        n = 3.0 * np.arange(1, LOOKS + 1)
        start, base, first = 52, won[51] / n[51], n[51]
        rate = (won[start:] - won[51]) / (n[start:] - first)
        error = np.sqrt(0.24 / first + 0.24 / (n[start:] - first))
        wrong += bool((np.abs(rate - base) / error > 1.96).any())
    assert wrong / 200 > 0.2


def test_a_large_fall_is_found_and_dated() -> None:
    alarms = _alarms(0.6, after=0.15, seeds=12, against=False)
    delays = [alarm - LOOKS // 2 for alarm in alarms if alarm is not None]
    assert len(delays) >= 11
    assert min(delays) >= 0
    assert np.median(delays) <= 16
    found = change_in_share([2] * 52 + [0] * 52, [3] * 104)
    assert abs(found.begun - 52) <= SPACING
    assert expit(found.before) == pytest.approx(2 / 3, abs=0.05)
    assert expit(found.after) < 0.05


def test_more_won_than_closed_is_refused() -> None:
    with pytest.raises(DataError, match="fit each other"):
        change_in_share([2], [1])
    with pytest.raises(DataError, match="fit each other"):
        change_against_others([1], [1], [3, 1], [4])
