"""People by one method, the company by another: every scenario adds up to the last minor unit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from spm_lib.forecast import bookings, forecast_bookings, method_named, run_backtest
from spm_lib.forecast.track_record.backtest import CHAMPION, _Run
from spm_lib.forecast.track_record.shared_out import shared_out
from spm_lib.model import Company

pytestmark = pytest.mark.slow  # the track record of whole companies

MONEY = st.integers(0, 10**11) | st.just(0)
SHAPE = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 5))


def parts(shape: tuple[int, ...]):
    one = npst.arrays(np.int64, shape, elements=MONEY)
    return st.tuples(*[st.fixed_dictionaries({"open": one, "new": one})] * 2)


@given(SHAPE.flatmap(parts))
def test_the_whole_is_kept_and_shared_out_in_proportion(both) -> None:
    """The same by a loop over scenarios, windows and people in plain Python."""
    whole, people = both
    made = shared_out(whole, people)
    ranks = [
        sorted(
            range(whole["open"].shape[2]),
            key=lambda s: (sum(int(p[:, :, s].sum()) for p in draws.values()), s),
        )
        for draws in both
    ]
    partner = dict(zip(*ranks, strict=True))
    for name, values in made.items():
        assert (values >= 0).all()
        assert values.sum(axis=0).tolist() == whole[name].sum(axis=0).tolist()
        for window in range(values.shape[1]):
            for s in range(values.shape[2]):
                theirs = [int(v) for v in people[name][:, window, partner[s]]]
                total = int(whole[name][:, window, s].sum())
                if not sum(theirs):
                    assert values[:, window, s].tolist() == whole[name][:, window, s].tolist()
                    continue
                for found, share in zip(values[:, window, s], theirs, strict=True):
                    assert abs(int(found) - total * share / sum(theirs)) <= 1 + total * 1e-12


def test_what_is_split_otherwise_is_shared_out_as_a_whole() -> None:
    whole = {"later": np.array([[[10, 20]], [[30, 40]]])}
    people = {"open": np.array([[[1, 1]], [[0, 2]]]), "new": np.array([[[0, 2]], [[1, 0]]])}
    made = shared_out(whole, people)
    assert set(made) == {"all"}
    assert made["all"].sum(axis=0).tolist() == [[40, 60]]
    assert made["all"].tolist() == [[[20, 36]], [[20, 24]]]


@pytest.fixture(scope="module")
def shared(middle: Company):
    """The forecast of one method, shared out by another one; and both methods by themselves."""
    names = ("run_rate", "snapshot_conversion")
    asked = {"scenarios": 400, "origins": 9, "methods": [method_named(name) for name in names]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bookings, "method_for_people", lambda *_: names[1])
        mixed = forecast_bookings(middle, **asked)
    assert mixed.champion.method == names[0]
    return mixed, *(forecast_bookings(middle, method=name, **asked) for name in names)


def test_the_company_s_numbers_are_those_of_its_own_method(shared) -> None:
    mixed, whole, _ = shared
    columns = ["period", "won", "open", "new", "mean", "p10", "p50", "p90"]
    assert mixed.summary.select(columns).rows() == whole.summary.select(columns).rows()
    assert (mixed.draws.company() == whole.draws.company()).all()
    assert mixed.quarter.values.sum(axis=0).tolist() == whole.quarter.company().tolist()


def test_people_s_shares_are_those_of_theirs(shared) -> None:
    mixed, whole, people = shared

    def shares(result) -> np.ndarray:
        mean = result.quarter.values.mean(axis=(1, 2))
        return mean / mean.sum()

    found, theirs, company = shares(mixed), shares(people), shares(whole)
    assert np.abs(found - theirs).max() < 0.02
    assert np.abs(found - company).max() > 0.04
    text = [s.text for s in mixed.statements if "shared out among them" in s.text]
    assert len(text) == 1
    assert not [s for s in whole.statements if "shared out among them" in s.text]


def test_the_record_scores_people_as_they_are_printed(
    tiny: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"company": "run_rate", "rep": "snapshot_conversion"}
    monkeypatch.setattr(_Run, "_chosen", lambda self, usable, horizon, level: chosen[level])  # noqa: ARG005
    methods = [method_named(name) for name in chosen.values()]
    done = run_backtest(tiny, grain="quarter", methods=methods, origins=4, draws=2000)
    record = done.track_record()

    def score(method: str, level: str) -> dict:
        return record.row(
            by_predicate=(pl.col("method") == method) & (pl.col("level") == level), named=True
        )

    printed = score(CHAMPION, "rep")
    assert score(CHAMPION, "company") == {**score("run_rate", "company"), "method": CHAMPION}
    assert printed["windows"] == 4
    assert printed["bias"] == pytest.approx(score("run_rate", "rep")["bias"], abs=0.02)
    assert printed["bias"] < score("snapshot_conversion", "rep")["bias"] - 0.02
    assert printed["ncrps"] not in (score(m, "rep")["ncrps"] for m in chosen.values())
