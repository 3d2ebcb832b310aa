"""Every number of what goes with winning, as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.metrics.associations import odds_to_share
from spm_lib.metrics.landmarks import left_out
from spm_lib.model import Figure
from spm_lib.reps.closers.experiment import deals_per_arm

if TYPE_CHECKING:
    from spm_lib.reps.closers.habits import ClosingHabits


def closers_figures(result: ClosingHabits) -> list[Figure]:
    """Return all figures: the tests, what was tried, and the sizes of experiments."""
    receipt = left_out(result.company, result.first.aside)
    common: dict[str, Any] = {"as_of": result.company.as_of, "receipt": receipt, "n": result.deals}

    def ratio(metric: str, value: float | None, **more: Any) -> Figure:
        return Figure(metric=metric, unit="ratio", value=_text(value), **more, **common)

    found = [
        ratio("closers.base", result.base),
        Figure("closers.log_loss_gain", unit="number", value=_text(result.gain), **common),
        Figure(metric="closers.tried", unit="count", value=str(result.tried), **common),
    ]
    for row in result.table.iter_rows(named=True):
        by = {"behaviour": row["behaviour"], "term": row["term"]}
        ends = {"low": _text(row["low"]), "high": _text(row["high"])}
        found += [
            _share(result, row, by=by, **common),
            Figure("closers.odds", unit="odds", value=_text(row["odds"]), by=by, **ends, **common),
            Figure("closers.held_out", unit="odds", value=_text(row["held_out"]), by=by, **common),
            ratio("closers.q", row["q"], by=by),
        ]
        if row["term"] == "within":
            found.append(ratio("closers.done", row["done"], by={"behaviour": row["behaviour"]}))
    for points, deals in deals_per_arm(result.base).items():
        value = None if deals is None else str(deals)
        by = {"points": str(points)}
        found.append(Figure("closers.experiment", unit="count", value=value, by=by, **common))
    return found


def _share(result: ClosingHabits, row: dict[str, Any], **common: Any) -> Figure:
    value, low, high = (
        _text(odds_to_share(result.base, row[name])) for name in ("odds", "low", "high")
    )
    return Figure("closers.share", unit="ratio", value=value, low=low, high=high, **common)


def _text(value: float | None) -> str | None:
    return None if value is None or value != value else f"{value:.6f}"
