"""Every number of a forecast as a record of figures.json, and the answers of the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, minor_text

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
_RESULTS: WeakKeyDictionary[object, dict[tuple[object, ...], ForecastResult]] = WeakKeyDictionary()


def forecast_figures(result: ForecastResult) -> list[Figure]:
    """Return all figures: by period, by rep for the quarter, the track record, targets, deals."""
    make = _Maker(result)
    found = [figure for row in result.summary.iter_rows(named=True) for figure in make.period(row)]
    found += [f for row in result.by_rep.iter_rows(named=True) for f in make.period(row)]
    found += [f for row in result.track_record.iter_rows(named=True) for f in make.scores(row)]
    found += [f for row in result.targets.iter_rows(named=True) for f in make.target(row)]
    return found + [f for row in result.deciding.iter_rows(named=True) for f in make.deal(row)]


class _Maker:
    """Makes figures that share a date, a receipt and a currency."""

    def __init__(self, result: ForecastResult) -> None:
        self.result = result
        self.exponent = exponent(result.draws.currency)
        self.money = f"money:{result.draws.currency}"

    def figure(self, metric: str, value: object, *, unit: str, **more: Any) -> Figure:
        text = None if value is None else self._text(value, unit)
        fixed = {"as_of": self.result.company.as_of, "receipt": self.result.receipt}
        return Figure(metric=metric, unit=unit, value=text, **fixed, **more)

    def _text(self, value: Any, unit: str) -> str:
        if unit == self.money:
            return minor_text(int(value), self.exponent) or ""
        return str(value) if isinstance(value, int) else f"{value:.6f}"

    def period(self, row: Mapping[str, Any]) -> list[Figure]:
        by = {"period": row["period"]}
        if "rep_id" in row and row["rep_id"] is not None:
            by["rep_id"] = row["rep_id"]
        window = (row["period_start"], row["period_end"])
        common = {"by": by, "window": window, "unit": self.money, "n": self.result.shock.windows}
        low, high = (self._text(row[name], self.money) for name in ("p10", "p90"))
        band = self.figure(
            "forecast.bookings", row["p50"], **common, low=low, high=high, level=BAND
        )
        rest = [
            self.figure(metric, row[name], **common)
            for metric, name in _MONEY.items()
            if row[name] is not None
        ]
        return [band, *rest]

    def scores(self, row: Mapping[str, Any]) -> list[Figure]:
        by = {name: row[name] for name in ("horizon", "method", "level")}
        common = {"by": by, "unit": "ratio", "n": row["windows"]}
        plain = [self.figure(metric, row[name], **common) for metric, name in _SCORES.items()]
        low, high = (
            None if row[name] is None else f"{row[name]:.6f}"
            for name in ("coverage_low", "coverage_high")
        )
        covered = {**common, "n": row["forecasts"], "low": low, "high": high}
        return [*plain, self.figure("forecast.track.coverage80", row["coverage80"], **covered)]

    def target(self, row: Mapping[str, Any]) -> list[Figure]:
        by = {"period": row["period"]} | ({"rep_id": row["rep_id"]} if row["rep_id"] else {})
        common = {"by": by, "window": (row["period_start"], row["period_end"])}
        return [
            self.figure("forecast.target", row["target"], unit=self.money, **common),
            self.figure(
                "forecast.target_odds",
                row["odds"],
                unit="ratio",
                n=self.result.draws.scenarios,
                **common,
            ),
        ]

    def deal(self, row: Mapping[str, Any]) -> list[Figure]:
        by = {"opportunity_id": row["opportunity_id"]}
        numbers = {
            "forecast.deal.amount": ("amount", self.money),
            "forecast.deal.chance": ("chance", "ratio"),
            "forecast.deal.expected": ("expected", self.money),
        }
        return [
            self.figure(metric, row[name], unit=unit, by=by)
            for metric, (name, unit) in numbers.items()
            if row[name] is not None
        ]


def compute(metric: str) -> Callable[..., list[Figure]]:
    """Return the registry's answer for one id: ``(company, by, window) -> figures``.

    ``by="rep_id"`` gives the figures that are told per rep, otherwise those of the company.
    ``window`` keeps figures of that window only (a forecast has the windows that lie ahead).

    Raises
    ------
    MetricError
        If the history allows no forecast.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: object = None
    ) -> list[Figure]:
        names = {by} if isinstance(by, str) else set(by or ())
        wanted = [f for f in _result(company).figures() if f.metric == metric]
        kept = [f for f in wanted if ("rep_id" in f.by) == ("rep_id" in names)]
        return [f for f in kept if window is None or f.window == _edges(window)]

    return figures


def _edges(window: object) -> tuple[Any, Any]:
    return (getattr(window, "start", None), getattr(window, "end", None))


def _result(company: Company) -> ForecastResult:
    from spm_lib.forecast.bookings import forecast_bookings

    made = _RESULTS.setdefault(company.book, {})
    key = (company.as_of, company.scope)
    if key not in made:
        try:
            made[key] = forecast_bookings(company)
        except DataError as error:
            raise MetricError(error.what, found=error.found, do=error.do) from error
    return made[key]
