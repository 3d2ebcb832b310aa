"""A kept backtest is the one that would be made, and is never taken for that of anything else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.forecast import Method, forecast_bookings, method_named
from spm_lib.forecast.calls import kept_mix
from spm_lib.forecast.calls.record import call_record
from spm_lib.forecast.methods.run_rate import RunRate
from spm_lib.forecast.track_record import kept, kept_backtest
from spm_lib.forecast.track_record.backtest import Past
from spm_lib.model import Company
from spm_lib.simulate import simulate
from tests.examples import rest_as_proofs

pytestmark = pytest.mark.slow  # the track record of whole companies

FEW = [method_named(name) for name in ("run_rate", "snapshot_conversion")]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("tiny", 1, tmp_path_factory.mktemp("simulated"))


@pytest.fixture
def client(simulated: Path, tmp_path: Path) -> Path:
    """A client of one's own, of whom nothing is kept so far."""
    return shutil.copytree(simulated.parent, tmp_path / "client") / simulated.name


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The backtests that were really made, by their grain."""
    real: Callable = kept_backtest.run_backtest
    found: list[str] = []

    def counted(company, *, grain, **asked):
        found.append(grain)
        return real(company, grain=grain, **asked)

    monkeypatch.setattr(kept_backtest, "run_backtest", counted)
    return found


def forecast(company: Company, *, methods=FEW, seed: int = 1):
    return forecast_bookings(company, methods=methods, scenarios=50, origins=4, seed=seed)


def files(client: Path) -> list[Path]:
    return sorted(client.parent.glob("cache/backtests/*.json"))


def told(result) -> str:
    """Every number of a forecast, as text."""
    return repr([*result.figures(), result.statements, *result.by_rep.rows()])


def test_the_second_run_reads_it_and_tells_the_same_bytes(client, made) -> None:
    first = told(forecast(spm_lib.open(client)))
    assert made == ["month", "quarter"]
    kept = {file: file.read_bytes() for file in files(client)}
    assert len(kept) == 2
    again = told(forecast(spm_lib.open(client)))
    assert made == ["month", "quarter"]
    assert again == first
    assert {file: file.read_bytes() for file in files(client)} == kept


def test_what_is_read_is_bit_by_bit_what_was_made(client) -> None:
    company = spm_lib.open(client)
    asked = {"grain": "quarter", "methods": FEW, "origins": 4, "draws": 40}
    one, other = (kept_backtest.kept_backtest(company, Past(company), **asked) for _ in range(2))
    assert one is not other
    for name in ("scores", "champions", "reliability"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert mine.schema == theirs.schema
        assert mine.rows() == theirs.rows()
    assert list(one.errors) == list(other.errors)
    for mine, theirs in zip(one.errors.values(), other.errors.values(), strict=True):
        for a, b in zip(mine, theirs, strict=True):
            assert (a.end, a.luck_total) == (b.end, b.luck_total)
            for name in ("expected", "actual", "luck", "luck_reps"):
                assert getattr(a, name).tolist() == getattr(b, name).tolist()
    assert {k: repr(v) for k, v in one.lacks.items()} == {
        k: repr(v) for k, v in other.lacks.items()
    }


def test_other_rows_code_scopes_days_and_settings_are_made_anew(client, made, monkeypatch) -> None:
    company = spm_lib.open(client)
    forecast(company)
    count = 2
    rep = next(rep for rep in company.table("opportunities")["rep_id"] if rep)
    day = company.as_of.replace(day=1)
    others = [
        spm_lib.open(client, scope=f"rep:{rep}"),
        spm_lib.open(client, as_of=day),
        _with_another_amount(company),
        _with_another_year(company),
    ]
    for other in others:
        forecast(other)
        count += 2
        assert len(made) == count
    forecast(company, seed=2)
    forecast(company, methods=FEW[:1])
    assert len(made) == count + 4
    monkeypatch.setattr(kept, "code_fingerprint", lambda: "another")
    forecast(company)
    assert len(made) == count + 6
    assert len(files(client)) == count + 6
    forecast(others[0])
    monkeypatch.undo()
    assert len(files(client)) == count + 8


def _with_another_amount(company: Company) -> Company:
    tables = dict(company.book.tables)
    deals = tables["opportunities"]
    first = pl.int_range(pl.len()) == deals.height - 1
    tables["opportunities"] = deals.with_columns(
        pl.when(first).then(pl.col("amount").fill_null(0) + 1).otherwise("amount").alias("amount")
    )
    return replace(company, book=replace(company.book, tables=tables))


def _with_another_year(company: Company) -> Company:
    """The same rows under another calendar: quarters begin in February."""
    settings = company.settings
    section = settings.workspace.model_copy(update={"fiscal_year_start": 2})
    other = settings.model_copy(update={"workspace": section})
    return replace(company, book=replace(company.book, settings=other))


@pytest.mark.parametrize("likely", rest_as_proofs([True, False]), ids=["likely", "odd"])
def test_a_broken_or_foreign_file_is_made_anew(client, made, likely: bool) -> None:
    company = spm_lib.open(client)
    first = told(forecast(company))
    month, quarter = files(client)
    whole = {file: file.read_text(encoding="utf-8") for file in (month, quarter)}
    changed = json.loads(whole[month])
    changed["content"]["scores"]["crps"][0] += 1.0
    broken = [whole[month][:-40], whole[quarter], json.dumps(changed), "\udcff"]
    for text in broken if likely else ("", "{", "[]", '{"name": 1}'):
        month.write_text(text, encoding="utf-8", errors="surrogateescape")
        made.clear()
        assert told(forecast(spm_lib.open(client))) == first
        assert len(made) == 1
        assert {file: file.read_text(encoding="utf-8") for file in (month, quarter)} == whole


def test_nothing_is_kept_of_what_has_no_file_or_other_people_s_methods(
    client, tiny, tmp_path, monkeypatch, made
) -> None:
    monkeypatch.chdir(tmp_path)
    forecast(tiny)
    assert not list(tmp_path.glob("cache*"))
    own: type[Method] = type("Own", (RunRate,), {"id": "own", "__module__": "client_methods"})
    forecast(spm_lib.open(client), methods=[*FEW, own()])
    assert not files(client)


def test_a_cache_that_cannot_be_written_to_harms_nobody(client, made) -> None:
    first = told(forecast(spm_lib.open(client)))
    for file in client.parent.glob("cache/backtests/*"):
        file.unlink()
    (client.parent / "cache" / "backtests").rmdir()
    (client.parent / "cache" / "backtests").write_text("a file where the folder should be")
    assert told(forecast(spm_lib.open(client))) == first


def test_a_kept_mix_of_calls_is_bit_by_bit_what_was_made(client, monkeypatch) -> None:
    """Asked again it is read; with another track record, or without one, it is made anew."""
    company = spm_lib.open(client)
    tested = forecast(company).tested
    made: list[bool] = []
    real: Callable = kept_mix.best_mix
    monkeypatch.setattr(kept_mix, "best_mix", lambda *a, **k: made.append(True) or real(*a, **k))
    one, other = (call_record(spm_lib.open(client), tested=tested).mix for _ in range(2))
    assert len(made) == 1
    assert one is not None
    assert other is not None
    assert one is not other
    for name in ("rows", "errors"):
        assert getattr(one, name).schema == getattr(other, name).schema
        assert getattr(one, name).rows() == getattr(other, name).rows()
    assert (one.weeks, one.method, one.weight, one.now) == (
        other.weeks,
        other.method,
        other.weight,
        other.now,
    )
    assert call_record(company).mix is not None
    fewer = {grain: replace(t, scores=t.scores.head(9)) for grain, t in tested.items()}
    call_record(company, tested=fewer)
    assert len(made) == 3
