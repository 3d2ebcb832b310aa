"""What a number of a plan is, by the key it stands under: share, money, factor or count."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from spm_lib.dashboards.pay.plan_text import Path

Kind = Literal["share", "money", "factor", "number"]
_HEADS = ("version", "plan", "decisions", "currency")
_SHARES = {
    *("rate", "threshold", "payout_at_threshold", "payout", "attainment", "over", "base_rate"),
    *("excellence", "weight", "share", "quota_share", "at_target", "holdback", "recovery_share"),
    *("otherwise", "ramp", "parts", "at_most", "achievement", "times_target", "cells"),
}
_WHOLES = {"weight", "share", "quota_share", "holdback", "recovery_share", "ramp", "parts"}
_MONEY = {"amount", "pay", "pool", "prizes", "maximum"}
_BY_MEASURE = {"up_to", "bounds", "at_least"}


def moves(path: Path) -> bool:
    """Say whether a number is one that a designer moves: of a rule, not of the file's head.

    Examples
    --------
    >>> moves(("version",)), moves(("components", 0, "weight"))
    (False, True)
    """
    return path[0] not in _HEADS


def key_of(path: Path) -> str:
    """Return the key that a number stands under; of a list's number the list's.

    Examples
    --------
    >>> key_of(("quotas", "ramp", 2)), key_of(("components", 0, "pays", "cells", 1, 0))
    ('ramp', 'cells')
    """
    return next(str(part) for part in reversed(path) if isinstance(part, str))


def kind_of(content: dict[str, Any], path: Path) -> Kind:
    """Return what a number is.

    Bounds follow what they are bounds of: shares of quota, money, or things counted. A rate on
    things counted is money for each.
    """
    key = key_of(path)
    if key == "factor":
        return "factor"
    if key in _BY_MEASURE:
        return _bound_kind(content, path)
    if key in _MONEY:
        return "money"
    if key in ("rate", "cells") and _is_counted(content, path) and "multipliers" not in path:
        return "money"
    return "share" if key in _SHARES else "number"


def most_of(content: dict[str, Any], path: Path, value: Decimal) -> Decimal:
    """Return how far up a number may be moved: to twice itself, a part of a whole up to 1."""
    key = key_of(path)
    if key in _WHOLES and 0 <= value <= 1:
        return Decimal(1)
    if value:
        return abs(value) * 2
    return {"share": Decimal(1), "money": Decimal(10_000)}.get(kind_of(content, path), Decimal(10))


def step_of(value: Decimal, most: Decimal) -> Decimal:
    """Return the step of a slider: about a hundredth of its way, 1, 2 or 5 of a power of ten.

    The value itself is a stop.

    Examples
    --------
    >>> [str(step_of(Decimal(v), Decimal(m))) for v, m in (("0.5", 1), ("48000", 96000), (3, 6))]
    ['0.01', '500', '0.05']
    """
    power = (most / 100).adjusted() + 1
    while True:
        for digit in (5, 2, 1):
            step = Decimal(digit).scaleb(power)
            if step <= most / 100 and value % step == 0 and most % step == 0:
                return Decimal(f"{step:f}")
        power -= 1


def is_whole(content: dict[str, Any], path: Path) -> bool:
    """Say whether a number stays whole: days, months, levels and things counted."""
    return kind_of(content, path) == "number" and key_of(path) != "score"


def _bound_kind(content: dict[str, Any], path: Path) -> Kind:
    around = [_at(content, path[:depth]) for depth in range(len(path) - 1, 0, -1)]
    of = next((part["of"] for part in around if isinstance(part, dict) and "of" in part), None)
    if of in ("attainment", "ratio"):
        return "share"
    if of is None and ("gates" in path or "multipliers" in path):
        return "share"
    return "number" if _is_counted(content, path) else "money"


def _is_counted(content: dict[str, Any], path: Path) -> bool:
    measure = _at(content, path[:2])
    if path[0] == "components":
        named = {one.get("id"): one for one in content.get("measures", ())}
        measure = named.get(measure.get("measure"), {})
    return isinstance(measure, dict) and measure.get("base") in ("units", "count")


def _at(content: Any, path: Path) -> Any:
    for part in path:
        content = content[part]
    return content
