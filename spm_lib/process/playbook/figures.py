"""Every number of the playbook as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.metrics.associations import odds_to_share
from spm_lib.metrics.landmarks import left_out
from spm_lib.metrics.stages import stage_by
from spm_lib.model import Figure
from spm_lib.process.playbook.discounts import discounts
from spm_lib.process.playbook.numbers import stage_numbers

if TYPE_CHECKING:
    from spm_lib.process.playbook.playbook import Playbook

PLAIN = {
    "contacts": ("playbook.contacts", "count"),
    "first_touch": ("playbook.first_touch", "days"),
    "stay": ("playbook.stay", "days"),
    "discounted": ("playbook.discounted", "ratio"),
    "discount_day": ("playbook.discount_day", "days"),
}


def playbook_figures(made: Playbook) -> list[Figure]:
    """Return all figures: tests per stage, habits of groups, and how much was tried."""
    receipts = {(s.pipeline, s.stage): left_out(made.company, s.aside) for s in made.stages}
    whole = {"as_of": made.company.as_of, "receipt": made.company.receipt("opportunities")}
    found = [Figure("playbook.tried", unit="count", value=str(made.tried), **whole)]

    found += _cuts(made, whole)

    def common(row: dict[str, Any]) -> dict[str, Any]:
        receipt = receipts[row["pipeline"], row["stage"]]
        return {"as_of": made.company.as_of, "receipt": receipt, "n": row["n"]}

    for row in made.table.unique(["pipeline", "stage"], maintain_order=True).iter_rows(named=True):
        by = stage_by(row["pipeline"], row["stage"])
        gain = made.gains[row["pipeline"], row["stage"]]
        found += [
            Figure("playbook.base", unit="ratio", value=_text(row["base"]), by=by, **common(row)),
            Figure("playbook.log_loss_gain", unit="number", value=_text(gain), by=by,
                   **common(row)),
        ]  # fmt: skip
    for row in made.table.iter_rows(named=True):
        found += _tests(row, common(row))
    for row in made.best.iter_rows(named=True):
        found.append(
            Figure("playbook.q", unit="ratio", value=_text(row["q"]), by=_by(row), **common(row))
        )
    for row in stage_numbers(made.company, made.stages, made.people).iter_rows(named=True):
        found.append(_number(row, common(row)))
    return found


def _cuts(made: Playbook, whole: dict[str, Any]) -> list[Figure]:
    cuts = discounts(made.company)
    counts = cuts.group_by("pipeline", "stage").len().sort("pipeline", "stage")
    return [
        Figure("playbook.cuts", unit="count", value=str(times), by=stage_by(pipeline, stage),
               n=cuts.height, **whole)
        for pipeline, stage, times in counts.iter_rows()
    ]  # fmt: skip


def _by(row: dict[str, Any]) -> dict[str, str]:
    stage = stage_by(row["pipeline"], row["stage"])
    return {**stage, "behaviour": row["behaviour"], "term": row["term"]}


def _tests(row: dict[str, Any], common: dict[str, Any]) -> list[Figure]:
    by = _by(row)
    ends = {"low": _text(row["low"]), "high": _text(row["high"])}
    value, low, high = (
        _text(odds_to_share(row["base"], row[name])) for name in ("odds", "low", "high")
    )
    return [
        Figure("playbook.odds", unit="odds", value=_text(row["odds"]), by=by, **ends, **common),
        Figure("playbook.share", unit="ratio", value=value, low=low, high=high, by=by, **common),
        Figure("playbook.held_out", unit="odds", value=_text(row["held_out"]), by=by, **common),
        Figure("playbook.q", unit="ratio", value=_text(row["q"]), by=by, **common),
        Figure("playbook.done", unit="ratio", value=_text(row["done"]), by=by, **common),
    ]


def _number(row: dict[str, Any], common: dict[str, Any]) -> Figure:
    by = {**stage_by(row["pipeline"], row["stage"]), "group": row["group"]}
    ends = {"low": _text(row["low"]), "high": _text(row["high"])}
    metric, unit = PLAIN.get(row["number"], ("playbook.habit", "ratio"))
    if row["number"] not in PLAIN:
        by["behaviour"] = row["number"]
    return Figure(metric, unit=unit, value=_text(row["value"]), by=by, **ends, **common)


def _text(value: float | None) -> str | None:
    return None if value is None or value != value else f"{value:.6f}"
