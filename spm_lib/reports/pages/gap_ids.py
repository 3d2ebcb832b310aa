"""The metric ids of a gap and its parts."""

from __future__ import annotations

from spm_lib.model import MetricId, register


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
                reading="The parts add up to the gap, exactly.",
            )
        )


_DEFINED = {
    "reference": (
        "What a won amount is compared with",
        "won amount of the time before; closed deals x win rate x average deal of the others; or "
        "the target",
    ),
    "total": ("Gap of the won amount", "won amount - reference"),
    "volume": (
        "Part of the gap by the number of closed deals",
        "logarithmic mean of both products x log of the ratio of closed deals (Shapley where a "
        "factor is 0)",
    ),
    "win_rate": (
        "Part of the gap by the win rate",
        "logarithmic mean of both products x log of the ratio of win rates (Shapley where a factor "
        "is 0)",
    ),
    "deal_size": (
        "Part of the gap by deal size",
        "logarithmic mean of both products x log of the ratio of average won deals (Shapley where "
        "a factor is 0)",
    ),
    "target_setting": (
        "Part of the gap by the target itself",
        "won amount of the time before (or the others' product) - target",
    ),
}
