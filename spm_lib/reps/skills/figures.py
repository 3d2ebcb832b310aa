"""The skills, how they return, and what makes the gaps, as records of figures.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spm_lib.core.money import exponent
from spm_lib.model import Figure, Receipt
from spm_lib.model.receipts import minor_text
from spm_lib.reps.gap import explain_gaps
from spm_lib.reps.skills.reliability import reliability
from spm_lib.reps.skills.skill import Skill

if TYPE_CHECKING:
    from spm_lib.reps.comparison.compare import RepComparison

VALUES = {
    "ratio": "rep.skill.rate",
    "multiplier": "rep.skill.pace",
    "per month": "rep.skill.monthly",
    "money": "rep.skill.amount",
}
Told = Callable[..., Figure]


def skill_figures(
    result: RepComparison, told: Told, *, receipts: dict[str | None, Receipt], whole: Receipt
) -> list[Figure]:
    """Return the figures of all skills, of their reliability and of the gaps between people."""
    found: list[Figure] = []
    _ = result.skills.table  # makes all tables side by side, before each is asked for alone
    for skill in result.skills.skills:
        found += _tests(skill, told, whole)
        found += _people(skill, told, receipts, result.company.currency)
    return [*found, *_returns(result, told, whole), *_shares(result, told, whole)]


def _tests(skill: Skill, told: Told, whole: Receipt) -> list[Figure]:
    common: dict[str, Any] = {
        "by": {"skill": skill.id},
        "receipt": whole,
        "n": int(skill.n.sum()),
    }
    return [
        told("rep.skill.p", _chance(skill.test.p), **common),
        told("rep.skill.dispersion", _text(skill.test.phi), **common),
    ]


def _people(
    skill: Skill, told: Told, receipts: dict[str | None, Receipt], currency: str
) -> list[Figure]:
    money = skill.unit == "money"

    def text(value: float | None) -> str | None:
        if value is None or not money:
            return _text(value)
        return minor_text(round(value), exponent(currency))

    found = []
    for row in skill.table.iter_rows(named=True):
        common: dict[str, Any] = {
            "by": {"rep_id": row["rep_id"], "skill": skill.id},
            "receipt": receipts[row["rep_id"]],
            "n": row["n"],
        }
        unit = f"money:{currency}" if money else "ratio"
        low, high = text(row["low"]), text(row["high"])
        value = text(row["shrunk"])
        found.append(told(VALUES[skill.unit], value, unit=unit, low=low, high=high, **common))
        found.append(told("rep.skill.p_above", _text(row["p_above"]), **common))
    return found


def _returns(result: RepComparison, told: Told, whole: Receipt) -> list[Figure]:
    seen = reliability(result.company, result.window)
    found = [
        told(
            "rep.reliability.correlation",
            _text(value),
            by={"aspect": aspect},
            receipt=whole,
            n=seen.people,
        )
        for aspect, value in seen.correlation.items()
    ]
    if seen.losses is None:
        return found
    losses = {name: getattr(seen.losses, name) for name in ("raw", "common", "shrunk")}
    return found + [
        told(
            "rep.reliability.log_loss",
            _text(value),
            by={"rate": name},
            receipt=whole,
            n=seen.losses.deals,
        )
        for name, value in losses.items()
    ]


def _shares(result: RepComparison, told: Told, whole: Receipt) -> list[Figure]:
    gaps = explain_gaps(result.company, window=result.window)
    people = gaps.frame["rep_id"].n_unique()
    return [
        told("rep.gap.share", _text(value), by={"term": term}, receipt=whole, n=people)
        for term, value in gaps.shares().items()
    ]


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def _chance(p: float | None) -> str | None:
    return _text(p) if p is None or p >= 1e-4 else f"{max(p, 1e-12):.12f}"
