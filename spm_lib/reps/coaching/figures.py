"""Every number of a coaching plan as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.core.money import exponent
from spm_lib.model import Figure, minor_text
from spm_lib.reps.comparison.figures import added

if TYPE_CHECKING:
    from spm_lib.reps.coaching.plan import Coaching


def coaching_figures(coaching: Coaching) -> list[Figure]:
    """Return all figures: gaps with their money, pairs, sheets, and how many there are."""
    make = _Maker(coaching)
    found = [
        make.whole("coaching.people", len(coaching.people)),
        make.whole("coaching.gaps", coaching.gaps.height),
        make.whole("coaching.pairs", coaching.pairs.pairs.height),
    ]
    for row in coaching.gaps.iter_rows(named=True):
        found += make.gap(row)
    for row in coaching.pairs.pairs.iter_rows(named=True):
        found += make.pair(row)
    return found + [figure for sheet in coaching.sheets for figure in make.sheet(sheet)]


class _Maker:
    """Makes figures that share a date, a window and receipts."""

    def __init__(self, coaching: Coaching) -> None:
        won = coaching.won
        self.receipts = dict(zip(won.frame["rep_id"].to_list(), won.receipts, strict=True))
        self.all = added(won.receipts)
        self.currency = coaching.company.currency
        window = (coaching.window.start, coaching.window.end)
        self.common: dict[str, Any] = {"as_of": coaching.company.as_of, "window": window}
        self.people = len(coaching.people)

    def whole(self, metric: str, value: int) -> Figure:
        return Figure(
            metric, unit="count", value=str(value), n=self.people, receipt=self.all, **self.common
        )

    def _of(self, metric: str, rep: str, unit: str, value: str | None, **more: Any) -> Figure:
        by = {"rep_id": rep, **more.pop("by", {})}
        receipt = self.receipts[rep]
        return Figure(metric, unit=unit, value=value, by=by, receipt=receipt, **more, **self.common)

    def _level(self, value: float, unit: str) -> tuple[str, str]:
        if unit == "money":
            return f"money:{self.currency}", self._money(round(value))
        return "ratio", f"{value:.6f}"

    def _money(self, minor: int) -> str:
        return minor_text(minor, exponent(self.currency)) or "0"

    def gap(self, row: dict[str, Any]) -> list[Figure]:
        rep, by, n = row["rep_id"], {"skill": row["skill"]}, row["n"]
        unit, own = self._level(row["own"], row["unit"])
        ends = {e: self._level(row[f"own_{e}"], row["unit"])[1] for e in ("low", "high")}
        middle = self._level(row["middle"], row["unit"])[1]
        money = {
            "value": self._money(row["money"]),
            "low": self._money(row["money_low"]),
            "high": self._money(row["money_high"]),
        }
        return [
            self._of("coaching.own", rep, unit, own, by=by, n=n, **ends),
            self._of("coaching.middle", rep, unit, middle, by=by, n=n),
            self._of("coaching.p_below", rep, "ratio", f"{row['p_below']:.6f}", by=by, n=n),
            self._of("coaching.gap", rep, f"money:{self.currency}", by=by, n=n, **money),
        ]

    def pair(self, row: dict[str, Any]) -> list[Figure]:
        rep, by = row["rep_id"], {"coach_id": row["coach_id"], "skill": row["skill"]}
        money = {
            "value": self._money(row["gain"]),
            "low": self._money(row["gain_low"]),
            "high": self._money(row["gain_high"]),
        }
        p = f"{row['p_better']:.6f}"
        return [
            self._of("coaching.pair.p_better", rep, "ratio", p, by=by),
            self._of("coaching.pair.gain", rep, f"money:{self.currency}", by=by, **money),
        ]

    def sheet(self, sheet: Any) -> list[Figure]:
        if sheet.cases is None:
            return []
        by = {"coach_id": sheet.coach_id, "skill": sheet.skill}
        cases, months = str(sheet.cases), f"{sheet.months:.1f}"
        return [
            self._of("coaching.pair.cases", sheet.rep_id, "count", cases, by=by),
            self._of("coaching.pair.months", sheet.rep_id, "months", months, by=by),
        ]
