"""Every number of the tactical mistakes as a record of figures.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.metrics.landmarks import left_out
from spm_lib.metrics.stages import stage_by
from spm_lib.model import Figure, minor_text
from spm_lib.process.mistakes.result import exposed_amount

if TYPE_CHECKING:
    from spm_lib.model import Company
    from spm_lib.process.mistakes.result import Mistakes, Verdict

ENDED, RUNNING, EARLIER = "not open", "not ended", "ended before the window"


def mistakes_figures(made: Mistakes) -> list[Figure]:
    """Return all figures: per rule what breaks it and what goes with it, and what was learned."""
    make = _Maker(made)
    found = [make.figure("mistake.tried", "count", str(made.tried), n=len(made.judged))]
    found += make.together(made) if made.judged else []
    for verdict in made.judged:
        found += make.of_rule(verdict)
    return found + [make.limit(row) for row in made.limits.iter_rows(named=True)]


class _Maker:
    """Makes figures that share a date and receipts."""

    def __init__(self, made: Mistakes) -> None:
        self.company = made.company
        self.receipts = {ended: left_out(self.company, _aside(self.company, ended=ended))
                         for ended in (False, True)}  # fmt: skip
        self.digits = exponent(self.company.currency)

    def figure(
        self, metric: str, unit: str, value: str | None, *, ended: bool = False, **more: Any
    ) -> Figure:
        receipt = self.receipts[ended]
        unit = f"money:{self.company.currency}" if unit == "money" else unit
        return Figure(
            metric, unit=unit, value=value, as_of=self.company.as_of, receipt=receipt, **more
        )

    def together(self, made: Mistakes) -> list[Figure]:
        """Return the open deals that break any rule, each counted once."""
        ended = [v.rule.id for v in made.verdicts if v.rule.ended]
        deals = made.broken.filter(~pl.col("rule").is_in(ended))
        deals = deals.unique(["opportunity_id", "snoozed"], maintain_order=True)
        awake = deals.filter(~pl.col("snoozed"))
        exposed = exposed_amount(awake)
        n = awake.height
        return [
            self.figure("mistake.count", "count", str(n), n=n),
            self.figure("mistake.exposed_amount", "money", self._money(exposed), n=n),
            self.figure("mistake.snoozed", "count", str(deals.height - n), n=deals.height),
        ]

    def of_rule(self, verdict: Verdict) -> list[Figure]:
        by, ended = {"rule": verdict.rule.id}, verdict.rule.ended
        told: dict[str, Any] = {"by": by, "ended": ended, "n": verdict.open}
        found = [
            self.figure("mistake.count", "count", str(verdict.open), **told),
            self.figure("mistake.exposed_amount", "money", self._money(verdict.exposed), **told),
            self.figure("mistake.snoozed", "count", str(verdict.snoozed), **told),
            self.figure("mistake.version", "count", str(verdict.rule.version), **told),
        ]
        return found + self._priced(verdict, by)

    def _priced(self, verdict: Verdict, by: dict[str, str]) -> list[Figure]:
        gap, cost = verdict.gap, verdict.cost
        if gap is None:
            return []
        n = gap.broken_deals
        ends: dict[str, Any] = {"low": _text(gap.low), "high": _text(gap.high)}
        found = [
            self.figure("mistake.cases", "count", str(n), by=by, n=gap.deals),
            self.figure("mistake.win_rate", "ratio", _text(gap.won), by=by, n=n),
            self.figure("mistake.win_rate_gap", "ratio", _text(gap.gap), by=by, n=n, **ends),
            self.figure("mistake.q", "ratio", _text(verdict.q), by=by, n=n),
        ]
        if cost is not None:
            value, low, high = (self._money(minor) for minor in cost)
            found.append(
                self.figure(
                    "mistake.cost", "money", value, by=by, n=verdict.open, low=low, high=high
                )
            )
        return found

    def limit(self, row: dict[str, Any]) -> Figure:
        by = {"rule": row["rule"]} | limit_by(row)
        unit = "count" if row["rule"] in COUNTED else "days"
        return self.figure("mistake.limit", unit, _text(row["limit"]), by=by, n=row["won"])

    def _money(self, minor: int | None) -> str | None:
        return minor_text(minor, self.digits)


def limit_by(row: dict[str, Any]) -> dict[str, str]:
    """Return what a limit is by, beside its rule: its stage if it has one, and a named pipeline."""
    by = stage_by(row["pipeline"], row["stage"] or "")
    return {name: value for name, value in by.items() if value}


COUNTED = ("close.pushed", "owner.changed")  # rules whose limit is a number of times


def _aside(company: Company, *, ended: bool) -> pl.DataFrame:
    """Return the deals that a rule does not look at, and why."""
    deals = company.table("opportunities")
    is_open = pl.col("outcome") == "open"
    if not ended:
        return deals.filter(~is_open).select("opportunity_id", reason=pl.lit(ENDED))
    window, day = company.default_window(), pl.col("closed_on")
    inside = ((day >= window.start) & (day < window.end)).fill_null(value=False)
    reason = pl.when(is_open).then(pl.lit(RUNNING)).when(~inside).then(pl.lit(EARLIER))
    return deals.select("opportunity_id", reason=reason).drop_nulls("reason")


def _text(value: float | None) -> str | None:
    return None if value is None or value != value else f"{value:.6f}"
