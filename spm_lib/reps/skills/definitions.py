"""The metric ids of skills, of how they return, and of what makes the gaps between people."""

from __future__ import annotations

from spm_lib.model import declaring
from spm_lib.reps.comparison.answers import compute

_PEOPLE = ("rep_id",)
_POOLED = "partially pooled; mix of deals and time on board allowed for"
_MORRIS = "Christiansen & Morris (1997), JASA 92:618"


def declare_skill_ids() -> None:
    """Put the ids of skills into the registry."""
    _declare(
        "rep.skill.rate",
        "Skill that is a share, at the mix of all",
        f"won / closed, or went forward / ended visits of a stage; beta-binomial, {_POOLED}",
        dimensions=_PEOPLE,
        source="Skellam (1948), JRSS B 10:257; " + _MORRIS,
    )
    _declare(
        "rep.skill.pace",
        "Pace of deals against the mean of all",
        f"steps forward / steps expected of the same days, 1 is the mean; gamma-Poisson, {_POOLED}",
        dimensions=_PEOPLE,
        source="Holford (1980), Biometrics 36:299; Farewell (1982), Biometrics 38:1041",
        reading="Deals still open count with the days they have sat; deals that sleep do not.",
    )
    _declare(
        "rep.skill.monthly",
        "Won deals or activities per month on board",
        f"count / months on board; gamma-Poisson, {_POOLED}",
        dimensions=_PEOPLE,
        source="Greenwood & Yule (1920), JRSS 83:255; " + _MORRIS,
    )
    _declare(
        "rep.skill.amount",
        "Average won deal at the mix of all",
        f"factor of the log amounts x average of all; normal, {_POOLED}",
        unit="money",
        dimensions=_PEOPLE,
        source="Morris (1983), JASA 78:47",
    )
    _declare(
        "rep.skill.p_above",
        "Probability of a skill above the mean of all people",
        "posterior draws above the mean of all / draws",
        dimensions=_PEOPLE,
        null_rule="null where people cannot be told apart on the skill",
        source="Goldstein & Spiegelhalter (1996), JRSS A 159:385",
    )
    _declare(
        "rep.skill.p",
        "Chance that luck alone spreads a skill so far",
        "chi-square tail of the spread of people, divided by the dispersion within people",
        source="Spiegelhalter (2005), Statistics in Medicine 24:1185",
    )
    _declare(
        "rep.skill.dispersion",
        "Over-dispersion of a skill",
        "chi-square of the spread of people / degrees of freedom",
        source="Spiegelhalter (2005), Statistics in Medicine 24:1185",
        reading="Near 1: no wider than luck.",
    )
    _declare_rest()


def _declare_rest() -> None:
    _declare(
        "rep.reliability.correlation",
        "Rank correlation of people between the halves of the window",
        "Spearman's correlation of people's figures before and after the median close",
        null_rule="null with fewer than five people in both halves",
        reading="Near 0: what was seen does not last.",
    )
    _declare(
        "rep.reliability.log_loss",
        "Log loss of the later half of deals",
        "- mean log chance of what happened, told by rates of the earlier half",
        reading="Lower is better; raw rates above the common one: they mislead.",
    )
    _declare(
        "rep.gap.share",
        "Share of the differences in won money",
        "covariance of the term with the gap to the others / variance of the gap",
        source="Ang (2004), Energy Policy 32:1131",
        reading="Terms sum to 1: volume, speed, win rate, deal size and luck.",
    )


_declare = declaring("reps", compute=compute, null_rule="null with fewer than two people")
