"""Methods behind extras: what they learn from, what they give, and how their absence is told."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import numpy as np
import pytest

from spm_lib.core.errors import MissingExtraError
from spm_lib.core.language import language
from spm_lib.forecast import (
    METHODS,
    History,
    Horizon,
    history_of,
    method_named,
    months_ahead,
    reps_of,
    run_backtest,
)
from spm_lib.forecast.horizon import date_of
from spm_lib.forecast.methods.hazard import HazardFitted
from spm_lib.forecast.methods.offered import OPTIONAL
from spm_lib.model import Company
from tests.forecast.oracles import days, histories, state_on, won_between

pytestmark = pytest.mark.slow  # the track record of whole companies

ORIGIN = date(2026, 6, 30)
MID_MONTH = date(2026, 6, 12)
EXTRA = {"boosted": "lightgbm", "auto_ets": "statsforecast", "auto_arima": "statsforecast"}
BOOSTED = pytest.mark.needs_extra("lightgbm")
SERIES = pytest.mark.needs_extra("statsforecast")


def asked(company: Company, *, origin: date = ORIGIN) -> tuple[History, Horizon]:
    history = history_of(company.at(origin), reps=reps_of(company))
    return history, months_ahead(company.calendar, origin, months=3)


@pytest.mark.parametrize("method", OPTIONAL, ids=lambda m: m.id)
def test_they_are_named_but_used_only_where_asked_for(method) -> None:
    assert method_named(method.id) is method
    assert method not in METHODS
    assert method.rank not in {m.rank for m in METHODS if m.id == method.id}


@pytest.mark.parametrize("method", OPTIONAL, ids=lambda m: m.id)
def test_an_extra_that_is_not_there_is_named_with_its_command(
    middle: Company, method, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = EXTRA[method.id]
    monkeypatch.setitem(sys.modules, extra, None)
    monkeypatch.setitem(sys.modules, f"{extra}.models", None)
    history, horizon = asked(middle)
    assert method.lacks(history, horizon) is None
    with pytest.raises(MissingExtraError, match=rf"pip install 'spm-lib\[{extra}\]'"):
        method.fit(history)


@pytest.mark.parametrize("method", OPTIONAL, ids=lambda m: m.id)
def test_too_little_history_is_said(method) -> None:
    from tests.forecast.conftest import company_of

    company = company_of("tiny", 2, as_of=date(2023, 7, 20))
    history, horizon = asked(company, origin=date(2023, 7, 20))
    missing = method.lacks(history, horizon)
    assert missing is not None
    assert missing.tell(language("he"))


@BOOSTED
def test_trees_learn_from_closed_windows_only_and_what_came_of_them(
    middle: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows and wins of each window's data, counted once more in plain Python."""
    import lightgbm

    seen: list[tuple[int, int]] = []
    real = lightgbm.train

    def counted(settings, data, **more):
        label = data.get_label()
        seen.append((len(label), int(label.sum())))
        return real(settings, data, **more)

    monkeypatch.setattr(lightgbm, "train", counted)
    history, horizon = asked(middle)
    method_named("boosted").fit(history).chances(horizon)
    deals = {d["opportunity_id"]: d for d in middle.at(ORIGIN).table("opportunities").to_dicts()}
    told = {k: v for k, v in histories(middle.at(ORIGIN)).items() if k in deals}
    first = max(min(d["closed_on"] for d in deals.values() if d["closed_on"]), ORIGIN - days(1095))
    expected = []
    for start, end in horizon.windows:
        rows = wins = 0
        day = ORIGIN - days(horizon.edges[1] - horizon.edges[0])
        while day >= first:
            after, upto = (day + days(edge - horizon.edges[0]) for edge in (start, end))
            for deal, events in told.items() if upto <= ORIGIN else ():
                state = state_on(events, day)
                if state is not None and 0 <= state["rank"] < 4:
                    rows += 1
                    closed = deals[deal]["closed_on"]
                    wins += deals[deal]["outcome"] == "won" and after < closed <= upto
            day -= days(7)
        expected.append((rows, wins))
    assert seen == expected


@BOOSTED
def test_chances_of_trees_are_odds_that_tell_deals_apart(middle: Company) -> None:
    history, horizon = asked(middle)
    fitted = method_named("boosted").fit(history)
    by_deal = fitted.by_deal(horizon)  # type: ignore[attr-defined]
    assert by_deal.shape == (len(history.open.deal), 3)
    assert by_deal.min() >= 0
    assert by_deal.sum(axis=1).max() <= 1 + 1e-12
    later = middle.table("opportunities").to_dicts()
    last = date_of(horizon.end)
    won = {d["opportunity_id"] for d in later
           if d["outcome"] == "won" and ORIGIN < d["closed_on"] < last}  # fmt: skip
    came = np.array([history.deal_ids[d] in won for d in history.open.deal])
    chance = by_deal.sum(axis=1)
    hazard = HazardFitted(history).chances(horizon)

    def area(said: np.ndarray) -> float:
        """How often a deal that was won had been given the larger chance."""
        hits, misses = said[came][:, None], said[~came][None, :]
        return float((hits > misses).mean() + (hits == misses).mean() / 2)

    assert area(chance) > max(area(hazard) - 0.05, 0.6)
    assert 0.5 < chance.sum() / came.sum() < 2
    assert np.corrcoef(chance, hazard)[0, 1] > 0.7
    again = method_named("boosted").fit(asked(middle)[0]).by_deal(horizon)  # type: ignore[attr-defined]
    assert again.tolist() == by_deal.tolist()


def scatter(company: Company, name: str) -> None:
    history, horizon = asked(company)
    fitted = method_named(name).fit(history)
    expected = fitted.expect(horizon)
    sample = fitted.sample(horizon, draws=4000, rng=np.random.default_rng(1))
    for part, values in expected.items():
        assert sample[part].dtype == np.int64
        assert sample[part].shape == (*values.shape, 4000)
        assert sample[part].min() >= 0
        total = sample[part].sum(axis=(0, 1))
        assert abs(total.mean() - values.sum()) < 5 * total.std() / 4000**0.5 + 0.01 * values.sum()


@BOOSTED
def test_draws_of_trees_scatter_around_their_expectation(middle: Company) -> None:
    scatter(middle, "boosted")


@SERIES
@pytest.mark.parametrize("name", ["auto_ets", "auto_arima"])
def test_draws_of_series_scatter_around_their_expectation(middle: Company, name: str) -> None:
    scatter(middle, name)


@SERIES
@pytest.mark.parametrize("origin", [ORIGIN, MID_MONTH])
@pytest.mark.parametrize(("name", "model"), [("auto_ets", "AutoETS"), ("auto_arima", "AutoARIMA")])
def test_a_series_is_the_library_s_own_on_whole_months(
    middle: Company, name: str, model: str, origin: date
) -> None:
    from statsforecast import models

    history, horizon = asked(middle, origin=origin)
    known = middle.at(origin)
    first = min(d["closed_on"] for d in known.table("opportunities").to_dicts() if d["closed_on"])
    start = (first.replace(day=1) + timedelta(days=31)).replace(day=1) if first.day > 1 else first
    values = []
    while (end := (start + timedelta(days=31)).replace(day=1)) <= origin + timedelta(days=1):
        values.append(sum(won_between(known, start, end).values()))
        start = end
    season = 12 if len(values) >= 24 else 1
    unit = np.mean(values)  # the optimizer stops elsewhere on other scales
    fitted = getattr(models, model)(season_length=season)
    told = np.maximum(fitted.forecast(y=np.array(values) / unit, h=3)["mean"], 0) * unit
    if origin == MID_MONTH:
        told = told * np.array([18 / 30, 1, 1])
    found = method_named(name).fit(history).expect(horizon)["all"].sum(axis=0)
    assert found == pytest.approx(told, rel=1e-9)


@BOOSTED
def test_a_backtest_scores_trees_beside_the_others(middle: Company) -> None:
    methods = [method_named(name) for name in ("run_rate", "boosted")]
    record = run_backtest(middle, methods=methods, origins=3, draws=100).track_record()
    assert set(record["method"]) == {"run_rate", "boosted", "champion"}
    assert record["windows"].to_list() == [3] * record.height
