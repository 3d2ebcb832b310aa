"""The forecast of bookings: one set of draws, split, with its track record beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from spm_lib.core.calendar import Period
from spm_lib.core.statement import Statement
from spm_lib.forecast.deciding import (
    CHANCES,
    TopDeals,
    deal_chances,
    deciding_deals,
    top_deals,
    value_due,
)
from spm_lib.forecast.draws import Draws, spread
from spm_lib.forecast.horizon import Horizon, day_number, months_ahead
from spm_lib.forecast.ladder import Ladder, ladder_of
from spm_lib.forecast.methods.hazard import lacks_lives
from spm_lib.forecast.methods.method import Method
from spm_lib.forecast.methods.offered import METHODS, method_named
from spm_lib.forecast.past.history import History
from spm_lib.forecast.reasons import deal_reasons
from spm_lib.forecast.split import share_from_open, split_parts
from spm_lib.forecast.target_odds import target_odds
from spm_lib.forecast.track_record.backtest import Backtest, Past, stream
from spm_lib.forecast.track_record.champion import Champion
from spm_lib.forecast.track_record.choosing import (
    champion_of,
    champions_of,
    method_for_people,
    used_before,
)
from spm_lib.forecast.track_record.kept_backtest import kept_backtest
from spm_lib.forecast.track_record.reliability import reliability_of
from spm_lib.forecast.track_record.shared_out import shared_out
from spm_lib.forecast.track_record.shock import Shock, apply_shock, estimate_shock
from spm_lib.model import Company, Figure, Receipt
from spm_lib.stats.steady import steady

MONTHS = 3


@dataclass(frozen=True, eq=False)
class ForecastResult:
    """What will be won in the coming months and in their quarter, as far as the past can tell.

    Attributes
    ----------
    champion
        The method used and why; ``ladder`` says which others the data allows. ``people`` is the
        method that shares its totals out among people (see ``shared_out``): the best for them.
    draws
        Won value per rep, month and scenario: the running month (what is won already included)
        and the two after it. ``quarter`` is the sum over the quarter that the day after ``as_of``
        lies in, with all that was won in it so far.
    parts, quarter_parts
        The same split by "won" already, from "open" deals and from "new" ones ("later" where the
        data cannot tell); the parts add up to the whole in every scenario.
    summary
        ``grain, period, period_start, period_end, won, open, new, later, mean, p10, p50, p90``
        (Int64 minor units; null: not told apart), ``interval`` ("own errors" or "assumed").
    by_rep
        The quarter's ``rep_id, won, open, new, later, mean, p10, p50, p90``.
    track_record
        Scores of every method on closed windows of months and quarters (see ``backtest``).
    targets
        Odds of targets (see ``target_odds``).
    deciding
        Open deals that decide the quarter (see ``deciding_deals``).
    due
        Value of the open deals due by the end of the quarter (minor units; null: most deals do not
        say when).
    champions
        The method chosen per horizon and level: ("quarter", "rep") and so on.
    before
        The method that would have been used one period earlier, where it is another one.
    reliability
        What came of the chances given to open deals by the method that gives them here (see
        ``reliability_of``), over the quarters of the track record.
    tested
        The backtests behind it, of months and quarters.
    reasons
        Per open deal what sets its chance apart (see ``deal_reasons``); empty where no hazard is.
    """

    company: Company = field(repr=False)
    champion: Champion
    people: str
    ladder: Ladder
    shock: Shock
    draws: Draws
    parts: Mapping[str, Draws]
    quarter: Draws
    quarter_parts: Mapping[str, Draws]
    summary: pl.DataFrame
    by_rep: pl.DataFrame
    track_record: pl.DataFrame
    targets: pl.DataFrame
    deciding: pl.DataFrame
    due: int | None
    receipt: Receipt
    tested: Mapping[str, Backtest] = field(default_factory=dict, repr=False)
    champions: Mapping[tuple[str, str], Champion] = field(default_factory=dict)
    before: str | None = None
    reliability: pl.DataFrame = field(default_factory=lambda: reliability_of(()))
    reasons: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)

    @property
    def top_deals(self) -> TopDeals | None:
        """The deciding deals together; None where they weigh too little to be told."""
        coming = self.summary["open"][-1]
        return top_deals(self.deciding, coming=coming, due=self.due)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What happened, why, and what to do, in words."""
        from spm_lib.forecast.findings import findings

        return findings(self)

    def figures(self) -> list[Figure]:
        """Return every number of the forecast as a record of figures.json."""
        from spm_lib.forecast.figures import forecast_figures

        return forecast_figures(self)


@steady
def forecast_bookings(
    company: Company,
    *,
    horizon: str = "quarter",
    method: str | None = None,
    methods: Sequence[Method] = METHODS,
    scenarios: int = 2000,
    origins: int = 36,
    seed: int = 1,
) -> ForecastResult:
    """Forecast the won value of the coming three months and of their quarter.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; the origin is its ``as_of``.
    horizon
        The track record that chooses the method: "quarter" or "month".
    method
        A method id to use in place of the champion.
    methods
        The methods to choose from.
    scenarios, origins, seed
        Scenarios drawn; past months scored (a third as many quarters); where randomness starts.

    Raises
    ------
    DataError
        If the history allows no method at all; what each lacks is said.
    """
    past = Past(company)
    tested = {
        grain: kept_backtest(
            company, past, grain=grain, methods=methods, origins=windows, seed=seed
        )
        for grain, windows in (("month", origins), ("quarter", max(origins // 3, 1)))
    }
    ahead = months_ahead(company.calendar, company.as_of, months=MONTHS)
    champion = champion_of(tested, horizon=horizon, method=method)
    people = champion.method if method else method_for_people(tested, champion)
    return _result(company, past, tested, (champion, people), ahead, scenarios=scenarios, seed=seed)


def _result(
    company: Company,
    past: Past,
    tested: Mapping[str, Backtest],
    chosen: tuple[Champion, str],
    ahead: Horizon,
    *,
    scenarios: int,
    seed: int,
) -> ForecastResult:
    now, (champion, people) = past.now, chosen
    drawing = _Drawing(company, now, ahead, scenarios, seed)
    shock = shock_of(tested["quarter"], champion.method, origin=now.origin)
    values = drawing.parts(champion.method, shock)
    if people != champion.method:
        other = shock_of(tested["quarter"], people, origin=now.origin)
        values = shared_out(values, drawing.parts(people, other))
    parts = drawing.draws({"later" if name == "all" else name: v for name, v in values.items()})
    quarter_parts = _quarter(company, now, ahead, parts)
    draws, quarter = _sum(parts), _sum(quarter_parts)
    until = day_number(quarter.periods[0].end)
    within = _within(ahead, quarter.periods[0])
    chances = deal_chances(now, within, method=champion.method)
    frames = [summary_of(parts, draws), summary_of(quarter_parts, quarter)]
    interval = pl.lit("assumed" if shock.assumed else "own errors").alias("interval")
    record = pl.concat([tested["month"].track_record(), tested["quarter"].track_record()])
    return ForecastResult(
        company=company,
        champion=champion,
        people=people,
        ladder=ladder_of(now, tested["quarter"]),
        shock=shock,
        draws=draws,
        parts=parts,
        quarter=quarter,
        quarter_parts=quarter_parts,
        summary=pl.concat(frames).drop("rep_id").with_columns(interval),
        by_rep=_by_rep(quarter_parts, quarter),
        track_record=record,
        targets=target_odds(company, (draws, quarter)),
        deciding=deciding_deals(company, now, chances=chances, until=until),
        due=value_due(now, until=until),
        receipt=company.receipt("opportunities"),
        tested=tested,
        champions=champions_of(tested),
        before=used_before(tested, champion),
        reliability=_reliability(tested["quarter"], champion.method if now.stages else ""),
        reasons=_reasons(now, within),
    )


def _reliability(done: Backtest, method: str) -> pl.DataFrame:
    """Return what came of the chances of the method that gives them."""
    for name in (method, *CHANCES) if method else ():
        rows = done.reliability.filter(pl.col("method") == name)
        if rows.height:
            return rows
    return done.reliability.clear()


def _reasons(now: History, within: Horizon) -> dict[str, tuple[Statement, ...]]:
    if lacks_lives(now, within) or not now.lives.staged:
        return {}
    return deal_reasons(now, within)


def shock_of(done: Backtest, method: str, *, origin: int) -> Shock:
    """Return the shock of a method, from its own misses in windows closed by then."""
    return estimate_shock(done.errors.get(method, ()), origin=origin)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Draws of the coming months, by whatever method."""

    company: Company
    now: History
    ahead: Horizon
    scenarios: int
    seed: int

    def parts(self, method: str, shock: Shock) -> dict[str, np.ndarray]:
        """Return what is still to come, split as far as the data can tell."""
        rng = stream(self.seed, self.now.origin, method)
        fitted = method_named(method).fit(self.now)
        luck = fitted.sample(self.ahead, draws=self.scenarios, rng=rng)
        share = share_from_open(self.now, self.ahead)
        return split_parts(apply_shock(luck, shock, rng=rng), share=share)

    def draws(self, values: Mapping[str, np.ndarray]) -> dict[str, Draws]:
        """Return the parts with what is won already in front."""
        now, ahead, reps = self.now, self.ahead, self.now.reps
        started = day_number(ahead.periods[0].start)
        won = np.zeros((len(reps), ahead.count, self.scenarios), dtype=np.int64)
        won[:, 0] = np.rint(now.won_value(started, now.origin + 1))[:, None]
        currency = self.company.currency
        return {
            name: Draws(reps, ahead.periods, part, currency, self.seed)
            for name, part in {"won": won, **values}.items()
        }


def _quarter(
    company: Company, now: History, ahead: Horizon, parts: Mapping[str, Draws]
) -> dict[str, Draws]:
    """Sum the months that lie in the running quarter, and what was won in it before them."""
    period = company.calendar.period_of(ahead.periods[0].start, "quarter")
    inside = [i for i, month in enumerate(ahead.periods) if month.start < period.end]
    start, until = day_number(period.start), day_number(ahead.periods[0].start)
    before = np.rint(now.won_value(start, until)).astype(np.int64)[:, None]
    summed = {name: draws.values[:, inside].sum(axis=1) for name, draws in parts.items()}
    summed["won"] = summed["won"] + before
    first = parts["won"]
    return {
        name: Draws(first.reps, (period,), values[:, None], first.currency, first.seed)
        for name, values in summed.items()
    }


def _within(ahead: Horizon, quarter: Period) -> Horizon:
    """Return the part of the horizon that lies in the quarter."""
    count = sum(month.start < quarter.end for month in ahead.periods)
    return Horizon(ahead.origin, ahead.edges[: count + 1], ahead.periods[:count])


def _sum(parts: Mapping[str, Draws]) -> Draws:
    first, *others = parts.values()
    for other in others:
        first = first.plus(other)
    return first


_PARTS = ("won", "open", "new", "later")
_SUMMARY = {
    "rep_id": pl.String,
    "grain": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    **dict.fromkeys((*_PARTS, "mean", "p10", "p50", "p90"), pl.Int64),
}


def summary_of(
    parts: Mapping[str, Draws], draws: Draws, *, reps: frozenset[str] | None = None
) -> pl.DataFrame:
    """Return one row per period: the mean of each part, and the spread of the whole.

    ``reps`` sums over some people only. Columns out: ``rep_id`` (null), ``grain, period,
    period_start, period_end, won, open, new, later, mean, p10, p50, p90`` (Int64 minor units).
    """
    if reps is not None:
        parts, draws = {k: part.of(set(reps)) for k, part in parts.items()}, draws.of(set(reps))
    told = {name: part.company() for name, part in parts.items()}
    rows = [_row(told, draws.company(), i, period) for i, period in enumerate(draws.periods)]
    return pl.DataFrame(rows, schema=_SUMMARY)


def _by_rep(parts: Mapping[str, Draws], draws: Draws) -> pl.DataFrame:
    rows = [
        {
            **_row({k: part.values[r] for k, part in parts.items()}, draws.values[r], i, period),
            "rep_id": rep,
        }
        for i, period in enumerate(draws.periods)
        for r, rep in enumerate(draws.reps)
    ]
    return pl.DataFrame(rows, schema=_SUMMARY)


def _row(
    parts: Mapping[str, np.ndarray], whole: np.ndarray, index: int, period: Period
) -> dict[str, object]:
    told = {name: round(float(values[index].mean())) for name, values in parts.items()}
    return {
        "rep_id": None,
        "grain": period.grain,
        "period": period.label,
        "period_start": period.start,
        "period_end": period.end,
        **{name: told.get(name) for name in _PARTS},
        **spread(whole[index]),
    }
