"""The metric ids of a gap and its parts."""

from __future__ import annotations

from spm_lib.model import MetricId, register

_EXACT = (
    "The parts add up to the gap, exactly. The others' pace is rounded before; where it is "
    "withheld there is none."
)


def declare_gap_ids() -> None:
    """Put the numbers of a gap into the registry."""
    for name, (title, formula) in _DEFINED.items():
        register(
            MetricId(
                id=f"gap.{name}",
                name=title,
                formula=formula,
                numerator="",
                denominator="",
                unit="money",
                date_field="closed_at",
                null_rule="no figure where the reference is not known",
                table="opportunities",
                room="reports",
                source="Ang (2004), Energy Policy 32:1131",
                reading=_EXACT,
            )
        )


def _part(of: str) -> str:
    return f"logarithmic mean of both amounts x log of the ratio of {of}"


_DEFINED = {
    "reference": (
        "What a won amount is compared with",
        "won amount of the time before; what the others' pace (rounded deals in hand each x rates "
        "in whole per cents x rounded average won deal) brings in the own days; or the target",
    ),
    "total": ("Gap of the won amount", "won amount - what it is compared with"),
    "volume": (
        "Part of the gap by the number of deals",
        _part("deals in hand (or deals closed, or orders)"),
    ),
    "speed": ("Part of the gap by the share closed", _part("shares of the deals in hand closed")),
    "win_rate": ("Part of the gap by the win rate", _part("partially pooled win rates")),
    "deal_size": ("Part of the gap by deal size", _part("average won deals")),
    "luck": (
        "Part of the gap by luck in the win rate",
        "gap - its other parts: what the win rate seen adds to the one that is likely to last",
    ),
    "target": (
        "Part of the gap by the target itself",
        "what the others' pace brings in the own days - target",
    ),
}
