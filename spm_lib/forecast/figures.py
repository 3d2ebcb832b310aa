"""Every number of a forecast as a record of figures.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, Receipt, SetAside, minor_text, places_on

if TYPE_CHECKING:
    from spm_lib.forecast.bookings import ForecastResult

BAND = 0.80
_MONEY = {
    "forecast.bookings.mean": "mean",
    "forecast.won_already": "won",
    "forecast.from_open": "open",
    "forecast.from_new": "new",
    "forecast.still_to_come": "later",
}
_SCORES = {
    "forecast.track.bias": "bias",
    "forecast.track.wape": "wape",
    "forecast.track.ncrps": "ncrps",
}
_DEALS = {
    "forecast.deal.amount": "amount",
    "forecast.deal.chance": "chance",
    "forecast.deal.expected": "expected",
}


@dataclass(frozen=True)
class Group:
    """Some of the reps as one row of a breakdown: its ids, its reps, the rows behind it."""

    by: Mapping[str, str]
    reps: frozenset[str] | None
    receipt: Receipt


def forecast_figures(result: ForecastResult) -> list[Figure]:
    """Return all figures of the page: company and reps by period, track record, targets, deals."""
    groups = [Group({}, None, result.receipt), *groups_of(result.company, ("rep_id",), result)]
    found = [figure for group in groups for figure in period_figures(result, group)]
    chances = reliability_figures(result)
    return [*found, *track_figures(result), *deal_figures(result, groups[:1]), *chances]


def groups_of(company: Company, by: tuple[str, ...], result: ForecastResult) -> list[Group]:
    """Return the groups of a breakdown by rep_id, team or manager_id (memberships at as_of)."""
    receipts = receipts_by_rep(company)
    place = {row["rep_id"]: row for row in places_on(company).iter_rows(named=True)}
    found: dict[tuple[str, ...], list[str]] = {}
    for rep in sorted({*result.draws.reps, *receipts}):
        at = {"rep_id": rep, **{k: place.get(rep, {}).get(k) or "" for k in ("team", "manager_id")}}
        found.setdefault(tuple(at[name] for name in by), []).append(rep)
    return [
        Group(
            dict(zip(by, key, strict=True)),
            frozenset(reps),
            added([receipts[rep] for rep in reps if rep in receipts], scoped=company.scoped),
        )
        for key, reps in sorted(found.items())
    ]


def receipts_by_rep(company: Company) -> dict[str, Receipt]:
    """Return the rows of opportunities behind each owner ("": none), set-aside rows among them."""
    return _receipts(company, "rep_id")


def _receipts(company: Company, column: str) -> dict[str, Receipt]:
    """Return the receipt of each value of a key column of opportunities."""
    rows = company.rows("opportunities").collect(backend="polars").to_native()
    counted = rows.group_by(pl.col(column).fill_null(""), "set_aside").agg(
        rows=pl.len(),
        amount=pl.when(pl.col("amount").is_not_null().any()).then(pl.col("amount").sum()),
    )
    used: dict[str, int] = {}
    aside: dict[str, dict[str, SetAside]] = {}
    for rep, reason, n, amount in counted.sort(column, "set_aside").iter_rows():
        if reason is None:
            used[rep] = n
        else:
            aside.setdefault(rep, {})[reason] = SetAside(n, amount)
    reps = {*used, *aside}
    return {
        rep: Receipt(used.get(rep, 0), aside.get(rep, {}), scoped=company.scoped) for rep in reps
    }


def added(receipts: list[Receipt], *, scoped: bool) -> Receipt:
    """Return the receipt of several groups together."""
    parts: dict[str, SetAside] = {}
    for receipt in receipts:
        for reason, part in receipt.set_aside.items():
            before = parts.get(reason, SetAside(0))
            amounts = [a for a in (before.amount, part.amount) if a is not None]
            parts[reason] = SetAside(before.rows + part.rows, sum(amounts) if amounts else None)
    used = sum(receipt.used for receipt in receipts)
    return Receipt(used, dict(sorted(parts.items())), scoped=scoped)


def period_figures(result: ForecastResult, group: Group) -> Iterator[Figure]:
    """Yield the figures of one group: every month ahead and the quarter, and their targets."""
    from spm_lib.forecast.bookings import summary_of

    make = _Maker(result)
    for parts, draws in (
        (result.parts, result.draws),
        (result.quarter_parts, result.quarter),
    ):
        for row in summary_of(parts, draws, reps=group.reps).iter_rows(named=True):
            yield from make.period(row, group)
    for row in make.targets(group):
        yield from make.target(row, group)


def track_figures(result: ForecastResult) -> list[Figure]:
    """Return the scores of every method."""
    make = _Maker(result)
    rows = result.track_record.iter_rows(named=True)
    found = [figure for row in rows for figure in make.scores(row)]
    return [*found, make.gain()]


def deal_figures(result: ForecastResult, groups: list[Group]) -> list[Figure]:
    """Return the figures of the deciding deals, under the ids of their group."""
    make = _Maker(result)
    receipts = _receipts(result.company, "opportunity_id") if result.deciding.height else {}
    top = [f for group in groups if group.reps is None for f in make.top(group)]
    return top + [
        figure
        for group in groups
        for row in result.deciding.iter_rows(named=True)
        if group.reps is None or (row["rep_id"] or "") in group.reps
        for figure in make.deal(row, group, receipt=receipts[row["opportunity_id"]])
    ]


def reliability_figures(result: ForecastResult) -> list[Figure]:
    """Return what was said of past open deals, and what came, by class of chances."""
    make = _Maker(result)
    return [f for row in result.reliability.iter_rows(named=True) for f in make.class_of(row)]


class _Maker:
    """Makes figures that share a date and a currency."""

    def __init__(self, result: ForecastResult) -> None:
        self.result = result
        self.exponent = exponent(result.draws.currency)
        self.money = f"money:{result.draws.currency}"

    def figure(self, metric: str, value: object, *, unit: str, **more: Any) -> Figure:
        text = None if value is None else self._text(value, unit)
        return Figure(metric=metric, unit=unit, value=text, as_of=self.result.company.as_of, **more)

    def _text(self, value: Any, unit: str) -> str:
        if unit == self.money:
            return minor_text(int(value), self.exponent) or ""
        return str(value) if isinstance(value, int) else f"{value:.6f}"

    def _of(self, row: Mapping[str, Any], group: Group) -> dict[str, Any]:
        return {
            "by": {"period": row["period"], **group.by},
            "window": (row["period_start"], row["period_end"]),
            "receipt": group.receipt,
        }

    def period(self, row: Mapping[str, Any], group: Group) -> Iterator[Figure]:
        common = {**self._of(row, group), "unit": self.money, "n": self.result.shock.windows}
        low, high = (self._text(row[name], self.money) for name in ("p10", "p90"))
        yield self.figure("forecast.bookings", row["p50"], **common, low=low, high=high, level=BAND)
        for metric, name in _MONEY.items():
            if row[name] is not None:
                yield self.figure(metric, row[name], **common)

    def targets(self, group: Group) -> list[dict[str, Any]]:
        from spm_lib.forecast.target_odds import target_odds

        frame = target_odds(
            self.result.company, (self.result.draws, self.result.quarter), reps=group.reps
        )
        return frame.filter(pl.col("rep_id").is_null()).to_dicts()

    def target(self, row: Mapping[str, Any], group: Group) -> Iterator[Figure]:
        common = {**self._of(row, group), "n": self.result.draws.scenarios}
        yield self.figure("forecast.target", row["target"], unit=self.money, **common)
        yield self.figure("forecast.target_odds", row["odds"], unit="ratio", **common)

    def scores(self, row: Mapping[str, Any]) -> list[Figure]:
        by = {name: row[name] for name in ("horizon", "method", "level")}
        common: dict[str, Any] = {"by": by, "unit": "ratio", "receipt": self.result.receipt}
        plain = [
            self.figure(metric, row[name], n=row["windows"], **common)
            for metric, name in _SCORES.items()
        ]
        low, high = (
            None if row[name] is None else f"{row[name]:.6f}"
            for name in ("coverage_low", "coverage_high")
        )
        covered = {**common, "n": row["forecasts"], "low": low, "high": high}
        return [*plain, self.figure("forecast.track.coverage80", row["coverage80"], **covered)]

    def gain(self) -> Figure:
        champion = self.result.champion
        return self.figure(
            "forecast.track.gain",
            champion.gain,
            unit="ratio",
            by={"method": champion.method},
            n=champion.windows,
            receipt=self.result.receipt,
        )

    def top(self, group: Group) -> Iterator[Figure]:
        top = self.result.top_deals
        if top is not None:
            common: dict[str, Any] = {"n": top.deals, "receipt": group.receipt}
            yield self.figure("forecast.deal.top_value", top.expected, unit=self.money, **common)
            yield self.figure("forecast.deal.top_share", top.share, unit="ratio", **common)

    def class_of(self, row: Mapping[str, Any]) -> Iterator[Figure]:
        by = {"method": row["method"], "class": f"{row['low']:.2f}-{row['high']:.2f}"}
        common: dict[str, Any] = {"by": by, "unit": "ratio", "n": row["deals"]}
        common["receipt"] = self.result.receipt
        yield self.figure("forecast.deal.said", row["said"], **common)
        low, high = (f"{row[name]:.6f}" for name in ("came_low", "came_high"))
        yield self.figure("forecast.deal.came", row["came"], **common, low=low, high=high)

    def deal(self, row: Mapping[str, Any], group: Group, *, receipt: Receipt) -> Iterator[Figure]:
        by = {"opportunity_id": row["opportunity_id"], **group.by}
        for metric, name in _DEALS.items():
            unit = "ratio" if name == "chance" else self.money
            if row[name] is not None:
                yield self.figure(metric, row[name], unit=unit, by=by, n=1, receipt=receipt)
