"""Backtest: every method forecasts from past days on which only the past was known."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.core.statement import Statement
from spm_lib.forecast.horizon import Horizon, backtest_horizons, date_of, months_ahead
from spm_lib.forecast.methods.method import Fitted, Method, Parts
from spm_lib.forecast.methods.offered import METHODS
from spm_lib.forecast.past.history import History, history_of, reps_of
from spm_lib.forecast.track_record.champion import Champion, choose_champion
from spm_lib.forecast.track_record.reliability import PastChances, reliability_of
from spm_lib.forecast.track_record.scoring import SCORES, pooled, score_window
from spm_lib.forecast.track_record.shared_out import shared_out
from spm_lib.forecast.track_record.shock import PastError, apply_shock, estimate_shock
from spm_lib.model import Company
from spm_lib.stats.steady import steady

CHAMPION = "champion"
LEVELS = ("company", "rep")
CHAMPIONS = {"level": pl.String, "origin": pl.Int64, "method": pl.String}


@dataclass(frozen=True, eq=False)
class Backtest:
    """What past forecasts were worth.

    ``scores`` has one row per method, level and origin; the method "champion" is what the report
    would have printed: of the company by the method that the past alone had chosen by then, of
    people its total, shared out as the method chosen for people shares its own (``shared_out``).
    ``errors`` are the past errors per method, for intervals. ``lacks`` says which methods cannot be
    used today, and why. ``champions`` (level, origin, method) are the methods chosen at past
    origins, ``reliability`` what became of the chances given to open deals (``reliability_of``).
    """

    grain: str
    methods: tuple[Method, ...]
    scores: pl.DataFrame
    errors: Mapping[str, tuple[PastError, ...]]
    lacks: Mapping[str, Statement]
    champions: pl.DataFrame
    reliability: pl.DataFrame

    def track_record(self) -> pl.DataFrame:
        """Return the pooled scores with ``horizon`` in front (see ``scoring.pooled``)."""
        return pooled(self.scores).select(pl.lit(self.grain).alias("horizon"), pl.all())

    def champion(self, level: str = "company") -> Champion:
        """Return the method to use now at a level, of those the data allows.

        Raises
        ------
        DataError
            If the data allows none.
        """
        offered = [m for m in self.methods if m.eligible and m.id not in self.lacks]
        if not offered:
            raise nothing_offered(self.lacks)
        return choose_champion(self.scores, methods=offered, level=level)

    def changes(self, level: str = "company") -> list[tuple[int, str]]:
        """Return (origin, method) wherever the champion of a level changed, the first one too."""
        rows = self.champions.filter(pl.col("level") == level).sort("origin")
        found: list[tuple[int, str]] = []
        for origin, method in rows.select("origin", "method").iter_rows():
            if not found or found[-1][1] != method:
                found.append((origin, method))
        return found


def nothing_offered(lacks: Mapping[str, Statement]) -> DataError:
    """Return the error that no method can be used, with what each lacks."""
    return DataError(
        "Nothing can be forecast from this history.",
        found="; ".join(f"{name} {why.tell(language('en'))}" for name, why in lacks.items()),
        do="Give dated closed deals of at least 91 days before the report's date",
    )


def backtest(
    company: Company,
    *,
    horizon: str = "month",
    methods: Sequence[Method] = METHODS,
    origins: int = 36,
    draws: int = 500,
    seed: int = 1,
    watch: Callable[[Sequence[Horizon]], Iterable[Horizon]] = iter,
) -> pl.DataFrame:
    """Return the track record of the methods on this company's history.

    Parameters
    ----------
    company
        What ``spm_lib.open`` returned; nothing after its ``as_of`` is used.
    horizon
        "month" (the next calendar month) or "quarter" (the next three months of a quarter).
    methods
        The methods to try.
    origins
        The last how many closed windows to score.
    draws, seed
        Scenarios per forecast, and where their randomness starts.
    watch
        Wraps the origins as they are gone through, to show progress.

    Returns
    -------
    pl.DataFrame
        One row per method and level ("company", "rep"): ``horizon, method, level, windows,
        forecasts, bias, wape, ncrps, inside, first_origin, last_origin, coverage80, coverage_low,
        coverage_high``.
    """
    done = run_backtest(
        company,
        grain=horizon,
        methods=methods,
        origins=origins,
        draws=draws,
        seed=seed,
        watch=watch,
    )
    return done.track_record()


@steady
def run_backtest(
    company: Company,
    *,
    grain: str = "month",
    methods: Sequence[Method] = METHODS,
    origins: int = 36,
    draws: int = 500,
    seed: int = 1,
    past: Past | None = None,
    watch: Callable[[Sequence[Horizon]], Iterable[Horizon]] = iter,
) -> Backtest:
    """Let every method forecast from up to ``origins`` past origins, and score closed windows.

    At each origin a method sees ``company.at(origin)`` and the errors of windows closed by then.
    ``watch`` wraps the origins as they are gone through, to show progress.
    """
    past = past or Past(company)
    horizons = _horizons(company, past.now, grain=grain, origins=origins)
    run = _Run(tuple(methods), past.now, draws, seed)
    for horizon in watch(horizons):
        run.forecast(past.at(horizon.origin), horizon)
    lacks = lacks_today(company, past, methods=methods, grain=grain)
    errors = {name: tuple(past) for name, past in run.errors.items()}
    champions = pl.DataFrame(run.champions, schema=CHAMPIONS)
    reliability = reliability_of(run.chances)
    return Backtest(
        grain, tuple(methods), _frame(run.scores), errors, lacks, champions, reliability
    )


def lacks_today(
    company: Company, past: Past, *, methods: Sequence[Method], grain: str
) -> dict[str, Statement]:
    """Return what the methods that cannot be used at the company's date lack, by their ids."""
    ahead = months_ahead(company.calendar, company.as_of, months=1 if grain == "month" else 3)
    return {m.id: why for m in methods if (why := m.lacks(past.now, ahead)) is not None}


class Past:
    """Histories of a company at past days, one at a time: a large client's take 200 MB each."""

    def __init__(self, company: Company) -> None:
        self.company = company
        view = replace(company)  # of its own: the tables it makes go with it
        self.reps = reps_of(view)
        self.now = history_of(view, reps=self.reps)
        self._last: History | None = None

    def at(self, origin: int) -> History:
        """Return what was known at the end of an epoch day; only the last one asked for is kept."""
        last, self._last = self._last, None
        if last is None or last.origin != origin:
            del last  # before the next one is made
            last = history_of(self.company.at(date_of(origin)), reps=self.reps)
        self._last = last
        return last


def _horizons(company: Company, now: History, *, grain: str, origins: int) -> list[Horizon]:
    if now.known_days <= 0:
        return []
    return backtest_horizons(
        company.calendar,
        since=date_of(now.since),
        until=company.as_of,
        grain=grain,
        at_most=origins,
    )


def _frame(scores: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(scores, schema=SCORES)


def stream(seed: int, origin: int, method: str) -> np.random.Generator:
    """Return the random stream of one method at one origin, the same whatever else is run."""
    return np.random.default_rng([seed, origin, zlib.crc32(method.encode())])


class _Run:
    """A rolling-origin run: scores and errors as they come in, in order of the origins."""

    def __init__(self, methods: tuple[Method, ...], now: History, draws: int, seed: int) -> None:
        self.methods, self.now, self.draws, self.seed = methods, now, draws, seed
        self.place = {name: code for code, name in enumerate(now.deal_ids)}
        self.scores: list[dict[str, object]] = []
        self.errors: dict[str, list[PastError]] = {method.id: [] for method in methods}
        self.champions: list[dict[str, object]] = []
        self.chances: list[PastChances] = []

    def forecast(self, history: History, horizon: Horizon) -> None:
        """Forecast one origin by every method that its history allows, and score it."""
        actual = np.stack([self.now.won_value(s, e) for s, e in horizon.windows], axis=1)
        usable = [m for m in self.methods if m.lacks(history, horizon) is None]
        chosen = {level: self._chosen(usable, horizon, level) for level in LEVELS}
        deals = self._deals_now(history)
        drawn: dict[str, Parts] = {}
        for method in usable:
            fitted = method.fit(history)
            rows, drawn[method.id] = self._score(method, fitted, horizon, actual)
            if method.id not in chosen.values():
                del drawn[method.id]
            self._keep_chances(method, fitted, horizon, deals)
            self.scores += rows
            self.scores += [
                {**row, "method": CHAMPION}
                for row in rows
                if self._prints(chosen, str(row["level"]), method.id)
            ]
        self.champions += [
            {"level": level, "origin": horizon.origin, "method": method}
            for level, method in chosen.items()
        ]
        if chosen["rep"] != chosen["company"]:
            self._score_shared(drawn, chosen, actual)

    @staticmethod
    def _prints(chosen: Mapping[str, str | None], level: str, method: str) -> bool:
        """Say whether the report would have printed a method's own numbers at a level."""
        return chosen[level] == method and (level == "company" or chosen["company"] == method)

    def _score_shared(
        self,
        drawn: Mapping[str, Parts],
        chosen: Mapping[str, str | None],
        actual: np.ndarray,
    ) -> None:
        """Score people's numbers as the report prints them where their method is another one."""
        whole, people = (drawn[str(chosen[level])] for level in LEVELS)
        sample = total_of(shared_out(whole, people)).sum(axis=1)
        row = next(
            row
            for row in reversed(self.scores)
            if (row["method"], row["level"]) == (chosen["rep"], "rep")
        )
        scored = score_window(sample, sample.mean(axis=1), actual.sum(axis=1))
        self.scores.append({**row, **scored, "method": CHAMPION})

    def _chosen(self, usable: list[Method], horizon: Horizon, level: str) -> str | None:
        """Return the champion of a level as the past alone would have chosen it at this origin."""
        if not any(method.eligible for method in usable):
            return None
        scores = _frame(self.scores)
        return choose_champion(scores, methods=usable, origin=horizon.origin, level=level).method

    def _score(
        self, method: Method, fitted: Fitted, horizon: Horizon, actual: np.ndarray
    ) -> tuple[list[dict[str, object]], Parts]:
        """Return the scores of one method at one origin, per level, and its draws."""
        rng = stream(self.seed, horizon.origin, method.id)
        expected = total_of(fitted.expect(horizon))
        luck = fitted.sample(horizon, draws=self.draws, rng=rng)
        shock = estimate_shock(self.errors[method.id], origin=horizon.origin)
        drawn = apply_shock(luck, shock, rng=rng)
        sample = total_of(drawn).sum(axis=1)
        self.errors[method.id].append(past_error(horizon, expected, actual, total_of(luck)))
        point, came = expected.sum(axis=1), actual.sum(axis=1)
        levels = {
            "company": (sample.sum(axis=0)[None], point.sum()[None], came.sum()[None]),
            "rep": (sample, point, came),
        }
        head = {"method": method.id, "origin": horizon.origin, "end": horizon.end}
        tail = {"shock_windows": shock.windows}
        rows = [{**head, "level": k, **score_window(*v), **tail} for k, v in levels.items()]
        return rows, drawn

    def _deals_now(self, history: History) -> np.ndarray:
        """Return the code that each deal open then has now; -1: it is not known any more."""
        names = map(history.deal_ids.__getitem__, history.open.deal.tolist())
        return np.array([self.place.get(name, -1) for name in names], dtype=int)

    def _keep_chances(
        self, method: Method, fitted: Fitted, horizon: Horizon, deals: np.ndarray
    ) -> None:
        """Keep the chances given to open deals beside what became of them."""
        chances = fitted.chances(horizon)
        if chances is None:
            return
        known = deals >= 0
        closed = self.now.lives.closed[deals[known]]
        won = self.now.lives.won[deals[known]]
        won = won & (closed > horizon.origin) & (closed < horizon.end)
        self.chances.append(PastChances(method.id, horizon.origin, chances[known], won))


def total_of(parts: Parts) -> np.ndarray:
    """Return the sum of the parts."""
    return np.sum(list(parts.values()), axis=0)


def past_error(
    horizon: Horizon, expected: np.ndarray, actual: np.ndarray, luck: np.ndarray
) -> PastError:
    """Return what is kept of one past forecast; ``luck`` are draws (reps, windows, draws)."""
    company = luck.sum(axis=0).astype(float)
    return PastError(
        end=horizon.end,
        expected=expected,
        actual=actual,
        luck=company.var(axis=-1),
        luck_total=float(company.sum(axis=0).var()),
        luck_reps=luck.sum(axis=1).astype(float).var(axis=-1),
    )
