"""The metric ids of the comparison of people: every number it prints, defined."""

from __future__ import annotations

from spm_lib.model import declaring
from spm_lib.reps.comparison.answers import compute

_CLOSED = "deals the person won or lost in the window"
_RANK_RULE = "null unless win rates clearly differ (p of the heterogeneity test at most .05)"
_PEOPLE = ("rep_id",)
_SPIEGELHALTER = "Spiegelhalter (2005), Statistics in Medicine 24:1185"
_GOLDSTEIN = "Goldstein & Spiegelhalter (1996), JRSS A 159:385"


_declare = declaring("reps", compute=compute)


def declare_rep_ids() -> None:
    """Put the ids of the comparison into the registry."""
    _declare_estimates()
    _declare_places()
    _declare_mix()
    _declare_tests()


def _declare_estimates() -> None:
    _declare(
        "rep.win_rate.shrunk",
        "Win rate, partially pooled",
        "(alpha + won) / (alpha + beta + won + lost), alpha and beta fitted to all people",
        numerator="alpha + won deals",
        denominator="alpha + beta + closed deals",
        null_rule="people without a closed deal in the window are left out",
        source="Efron & Morris (1975), JASA 70:311",
        reading="The best guess of the true rate: thin data are drawn towards the common rate.",
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.win_rate.peers",
        "Win rate of the others",
        "won / (won + lost) of everybody else in the window",
        numerator="deals the others won",
        denominator="deals the others won or lost",
        null_rule="withheld with fewer than five others",
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.tenure.days",
        "Days on board",
        "days from the hire date (else the first deal seen) to the end of the window or as_of",
        unit="days",
        null_rule="null where neither is known",
        dimensions=_PEOPLE,
    )


def _declare_places() -> None:
    _declare(
        "rep.win_rate.rank",
        "Range of the rank by win rate",
        "2.5% and 97.5% quantiles of the rank over posterior draws, as low and high",
        unit="count",
        null_rule=_RANK_RULE,
        source=_GOLDSTEIN,
        reading="The value itself is never told: only the range is known.",
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.win_rate.p_best",
        "Probability of the highest win rate",
        "posterior draws in which the person is first / draws",
        numerator="draws in which the person is first",
        denominator="draws",
        null_rule=_RANK_RULE,
        source=_GOLDSTEIN,
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.win_rate.p_above",
        "Probability of a win rate above the mean",
        "posterior draws in which the person is above the mean of all / draws",
        numerator="draws above the mean",
        denominator="draws",
        null_rule=_RANK_RULE,
        source=_GOLDSTEIN,
        dimensions=_PEOPLE,
    )


def _declare_mix() -> None:
    _declare(
        "rep.win_rate.expected",
        "Win rate expected of the mix",
        "mean chance to win of the person's deals by a model of their mix, not of the person",
        numerator="expected wins",
        denominator=_CLOSED,
        null_rule="null where the deals carry no mix columns",
        source="Normand, Glickman & Gatsonis (1997), JASA 92:803",
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.win_rate.o_e",
        "Wins against expectation",
        "won / wins expected of the mix",
        numerator="won deals",
        denominator="expected wins",
        null_rule="null where the deals carry no mix columns",
        source="Normand, Glickman & Gatsonis (1997), JASA 92:803",
        reading="1 is as expected of anybody with these deals.",
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.mix.share",
        "Share of the person's closed deals",
        "closed deals of this kind / all closed deals of the person",
        numerator="closed deals of this kind",
        denominator=_CLOSED,
        null_rule="never null",
        dimensions=_PEOPLE,
    )
    _declare(
        "rep.mix.company_share",
        "Share of the company's closed deals",
        "closed deals of this kind / all closed deals",
        numerator="closed deals of this kind",
        denominator="all deals won or lost in the window",
        null_rule="never null",
        dimensions=_PEOPLE,
    )


def _declare_tests() -> None:
    _declare(
        "rep.win_rate.heterogeneity.chi2",
        "Spread of win rates (chi-square)",
        "sum (won - n p)^2 / (n p (1 - p)) over people, p the common rate",
        null_rule="0 with fewer than two people",
        source=_SPIEGELHALTER,
    )
    _declare(
        "rep.win_rate.heterogeneity.p",
        "Chance that luck alone spreads win rates so far",
        "chi-square tail of the spread on (people - 1) degrees of freedom",
        null_rule="null with fewer than two people",
        source=_SPIEGELHALTER,
        reading="Above .1 people cannot be told apart on win rate.",
    )
    _declare(
        "rep.win_rate.heterogeneity.phi",
        "Over-dispersion of win rates",
        "chi-square / (people - 1)",
        null_rule="null with fewer than two people",
        source=_SPIEGELHALTER,
        reading="Near 1: no wider than luck.",
    )
    _declare(
        "rep.win_rate.true_sd",
        "Spread of the true win rates",
        "standard deviation of the fitted beta distribution of rates",
        null_rule="0 where the likelihood is highest without any difference",
        source="Skellam (1948), JRSS B 10:257",
    )
    _declare(
        "rep.win_rate.adjusted_p",
        "Chance that luck alone spreads win rates so far, mix allowed for",
        "chi-square tail of sum (O - E)^2 / sum p (1 - p) over people",
        null_rule="null where the deals carry no mix columns",
        source=_SPIEGELHALTER,
    )
    _declare(
        "rep.difference.p",
        "Chance that luck alone makes people differ so much",
        "chi-square (win rate), Poisson dispersion (volume), Kruskal-Wallis (deal size, cycle)",
        null_rule="null with fewer than two people who have such deals",
        source="Kruskal & Wallis (1952), JASA 47:583; " + _SPIEGELHALTER,
    )
