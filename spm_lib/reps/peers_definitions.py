"""The metric ids of what one person may be told of the others."""

from __future__ import annotations

from spm_lib.model import declaring
from spm_lib.reps.peers_figures import compute

_WITHHELD = "withheld (no figure) with fewer than five others"
_NOBODY = (
    "withheld with fewer than five others, where one of them has most of the cases, or where the "
    "rate would be 0 or 1"
)
_ROUNDED = "Rounded, so that neither it nor its change is anybody's own number."
_MODELLED = "mean over the others of what partial pooling says of each, mix and tenure allowed for"
_TYPICAL = "mean of the middle three or four of the others, rounded to two digits"


def declare_peers_ids() -> None:
    """Put the ids of the others' numbers into the registry."""
    _declare("won.amount", "Won amount of the others, typical", _TYPICAL, unit="money")
    _declare("won.count", "Won deals of the others, typical", _TYPICAL, unit="count")
    _declare("deal.amount", "Average deal of the others, typical", _TYPICAL, unit="money")
    _declare("cycle.days", "Won cycle of the others, typical", _TYPICAL, unit="days")
    _declare("attainment", "Attainment of the others, typical", _TYPICAL)
    _declare(
        "stage.days",
        "Days in a stage after which the others have mostly moved on",
        "mean of the middle three or four of the others' upper quartiles of their days in the "
        "stage, rounded to two digits",
        unit="days",
    )
    _declare(
        "win_rate",
        "Win rate of the others together",
        "won / (won + lost) of all others in the window, in whole per cents",
        null_rule=_NOBODY,
    )
    _declare(
        "closed.count",
        "Closed deals of the others, on average",
        "deals that the others won or lost in the window / others, rounded to two digits",
        unit="count",
        null_rule=_NOBODY,
    )
    _declare(
        "stage_conversion",
        "Stage conversion of the others together",
        "deals of all others that went on from the stage / that reached it, of those created in "
        "the window, in whole per cents",
        null_rule=_NOBODY,
    )
    _declare_standings()


def _declare_standings() -> None:
    """Put the numbers by which a skill is compared into the registry."""
    _declare(
        "skill.win_rate",
        "Win rate of the others, as modelled",
        _MODELLED,
    )
    _declare(
        "skill.stage",
        "Share that the others moved on, as modelled",
        _MODELLED,
    )
    _declare("skill.deal_size", "Average deal of the others, as modelled", _MODELLED, unit="money")
    _declare(
        "skill.volume",
        "Won deals of the others in as long a time, as modelled",
        f"{_MODELLED} x months on board of the person",
        unit="count",
    )
    _declare(
        "own.stage",
        "Share of visits to a stage that went forward",
        "visits ended in the window by going forward / visits ended",
    )
    _declare(
        "own.speed",
        "Pace of the person's deals against the others'",
        "steps forward / steps expected of the same days / the mean of the others, as modelled",
    )


_declare = declaring(
    "reps",
    compute=compute,
    prefix="peers.",
    dimensions=("rep_id",),
    null_rule=_WITHHELD,
    reading=_ROUNDED,
)
