"""Calls: rolled up by the hierarchy of their day, held against results, mixed with a model."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.forecast import (
    Backtest,
    CallMix,
    CallRecord,
    call_record,
    method_named,
    roll_up,
    run_backtest,
)
from spm_lib.forecast.calls.record import WEEKS
from spm_lib.model import Company, company_from_frames
from spm_lib.simulate import PRESETS, Preset, frames, in_major_units, make_world
from spm_lib.simulate.calls import call_truth
from spm_lib.workspace import Scope
from tests.examples import rest_as_proofs
from tests.forecast.conftest import settings

pytestmark = pytest.mark.slow  # the track record of whole companies

Q1 = date(2026, 1, 1)


def simulated(preset: Preset, seed: int) -> Company:
    return company_from_frames(in_major_units(frames(preset, seed)), settings())


@pytest.fixture(scope="module")
def clean() -> Company:
    return simulated(PRESETS["clean"], 5)


@pytest.fixture(scope="module")
def record(clean: Company) -> CallRecord:
    return call_record(clean)


def small(calls: list[tuple], memberships: list[tuple], wins: list[tuple] = ()) -> Company:  # type: ignore[assignment]
    """A company of calls (who, said on, category, amount), members and wins (who, on, amount)."""
    deals = [
        {"opportunity_id": f"d{n}", "rep_id": who, "created_at": date(2025, 1, 1),
         "closed_at": on, "stage": "Closed Won", "amount": amount}
        for n, (who, on, amount) in enumerate(wins or [("ann", date(2025, 6, 1), 1)])
    ]  # fmt: skip
    said = [
        {"rep_id": who, "period_start": Q1, "submitted_at": on, "category": kind, "amount": amount}
        for who, on, kind, amount in calls
    ]
    members = pl.DataFrame(
        memberships,
        schema={"rep_id": pl.String, "team": pl.String, "manager_id": pl.String,
                "valid_from": pl.Date, "valid_to": pl.Date},
        orient="row",
    )  # fmt: skip
    tables = {
        "opportunities": pl.DataFrame(deals),
        "forecast_calls": pl.DataFrame(said),
        "memberships": members,
    }
    return company_from_frames(tables, settings(), as_of=date(2026, 4, 30))


MEMBERS = [
    ("ann", "North", "max", None, date(2026, 2, 1)),
    ("ann", "South", "sue", date(2026, 2, 1), None),
    ("ben", "North", "max", None, None),
    ("cy", "South", "sue", None, None),
    ("max", "Heads", "eve", None, None),
    ("sue", "Heads", "eve", None, None),
]
SAID = [
    ("ann", date(2025, 12, 28), "commit", 100),
    ("ann", date(2026, 1, 20), "commit", 150),
    ("ann", date(2026, 3, 1), "commit", 90),
    ("ann", date(2026, 1, 20), "best case", 999),
    ("ben", date(2026, 1, 5), "commit", 40),
    ("max", date(2026, 1, 6), "commit", 120),
    ("sue", date(2026, 2, 6), "commit", 80),
]


def test_calls_are_rolled_up_by_the_hierarchy_of_that_day() -> None:
    """Ann moves from Max to Sue in February; Cy never calls; Eve is over both."""
    co = small(SAID, MEMBERS)
    period = co.calendar.period_of(Q1, "quarter")

    def at(day: date) -> dict[str | None, tuple]:
        made = roll_up(co, period, on=day)
        return {
            r[0]: r[1:] for r in made.select("id", "call", "own_call", "people", "called").rows()
        }

    january = at(date(2026, 1, 25))
    assert january["max"] == (19_000, 12_000, 2, 2)
    assert january["sue"] == (None, None, 1, 0)
    assert january["eve"] == (19_000, None, 3, 2)
    assert january[None] == (19_000, None, 3, 2)
    march = at(date(2026, 3, 2))
    assert march["max"] == (4_000, 12_000, 1, 1)
    assert march["sue"] == (9_000, 8_000, 2, 1)
    assert march[None] == (13_000, None, 3, 2)
    assert at(date(2025, 12, 27))[None] == (None, None, 3, 0)


def test_a_managers_call_is_a_total_and_never_added() -> None:
    co = small(SAID, MEMBERS)
    period = co.calendar.period_of(Q1, "quarter")
    made = roll_up(co, period, on=date(2026, 3, 2))
    people = made.filter(pl.col("level") == "rep")
    assert set(people["id"]) == {"ann", "ben", "cy"}
    assert made.filter(pl.col("level") == "company")["call"].item() == people["call"].sum()


def test_the_record_says_against_what_each_call_is_held() -> None:
    wins = [("ann", date(2026, 1, 10), 60), ("ann", date(2026, 3, 20), 60),
            ("ben", date(2026, 2, 2), 50), ("ann", date(2026, 4, 1), 999)]  # fmt: skip
    made = call_record(small(SAID, MEMBERS, wins))
    rows = {
        (r["level"], r["id"], r["weeks"]): (r["call"], r["actual"])
        for r in made.scored.iter_rows(named=True)
    }
    assert rows["rep", "ann", 12] == (10_000, 12_000)
    assert rows["rep", "ann", 8] == (15_000, 12_000)
    assert rows["rep", "ann", 4] == (9_000, 12_000)
    assert rows["manager", "max", 12] == (12_000, 17_000)
    assert rows["manager", "max", 4] == (12_000, 5_000), "by then Ann is not his any more"
    assert rows["people", None, 4] == (13_000, 17_000)
    bias = made.bias.filter((pl.col("id") == "ann") & (pl.col("weeks") == 12)).row(0, named=True)
    assert bias["bias"] == pytest.approx(-1 / 6)
    assert (bias["periods"], bias["low"], bias["verdict"]) == (1, None, "untold")


def naive_bias(co: Company, weeks: int) -> dict[str, tuple[int, float]]:
    """Periods and bias of each person, by loops over calls and deals."""
    calls, won = defaultdict(list), defaultdict(int)
    for r in co.table("forecast_calls").iter_rows(named=True):
        calls[r["rep_id"], r["period_start"]].append((r["submitted_on"], r["amount"]))
    for d in co.table("opportunities").iter_rows(named=True):
        if d["outcome"] == "won":
            start = date(d["closed_on"].year, (d["closed_on"].month - 1) // 3 * 3 + 1, 1)
            won[d["rep_id"], start] += d["amount"] or 0
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (who, start), said in calls.items():
        end = date(start.year + (start.month > 9), (start.month + 2) % 12 + 1, 1)
        before = [a for on, a in sorted(said) if on <= end - timedelta(weeks=weeks)]
        if end <= co.as_of + timedelta(1) and before and not who.startswith("M"):
            total = sums[who]
            total[0] += 1
            total[1] += before[-1] - won[who, start]
            total[2] += won[who, start]
    return {who: (n, error / came) for who, (n, error, came) in sums.items() if came}


@pytest.mark.parametrize("weeks", [12, 4, 1])
def test_the_bias_agrees_with_loops_over_calls_and_deals(
    clean: Company, record: CallRecord, weeks: int
) -> None:
    at = record.bias.filter(
        (pl.col("level") == "rep") & (pl.col("weeks") == weeks) & pl.col("bias").is_not_null()
    )
    told = {r["id"]: (r["periods"], pytest.approx(r["bias"])) for r in at.iter_rows(named=True)}
    assert told == naive_bias(clean, weeks)


def test_planted_sandbagging_and_happy_ears_are_found(record: CallRecord) -> None:
    truth = dict(call_truth(make_world("clean", 5)).iter_rows())
    low, high = record.people("low"), record.people("high")
    assert len(low) >= 3
    assert len(high) >= 2
    assert all(truth[who] < 0 for who in low if who in truth)
    assert all(truth[who] > 0 for who in high if who in truth)
    early = record.bias.filter(
        (pl.col("level") == "rep") & (pl.col("weeks") == 12) & (pl.col("periods") >= 8)
    )
    planted = np.array([truth[who] for who in early["id"]])
    assert np.corrcoef(early["bias"].to_numpy(), planted)[0, 1] > 0.8
    strong = {who for who, bias in truth.items() if abs(bias) > 0.35} & set(early["id"])
    assert strong <= {*low, *high}


@pytest.mark.parametrize("seeds", rest_as_proofs([2, 5]))
def test_without_a_planted_bias_hardly_anybody_is_called_out(seeds: int) -> None:
    plain = replace(PRESETS["clean"], opportunities=3000, call_bias_sd=0.0)
    found = people = 0
    for seed in range(seeds):
        made = call_record(simulated(plain, 40 + seed))
        found += len(made.people("low")) + len(made.people("high"))
        people += made.bias["id"].drop_nulls().n_unique()
    assert found / people < 0.06, (found, people)


def test_the_closer_to_the_close_the_smaller_the_bias(record: CallRecord) -> None:
    sizes = []
    for weeks in WEEKS["quarter"]:
        at = record.bias.filter((pl.col("level") == "rep") & (pl.col("weeks") == weeks))
        sizes.append(at["bias"].abs().mean())
    assert sizes[0] > 2 * sizes[-1]  # type: ignore[operator]


def test_the_weight_of_each_period_comes_from_the_past_alone(clean: Company) -> None:
    """What was known two quarters ago gave the same weights for the periods before."""
    now, then = call_record(clean), call_record(clean.at(date(2026, 3, 31)))
    assert now.mix is not None
    assert then.mix is not None
    shared = then.mix.rows.join(now.mix.rows, on=["level", "id", "period"], nulls_equal=True)
    assert shared.height == then.mix.rows.height
    for column in ("call", "model", "weight", "mix"):
        assert shared[column].equals(shared[f"{column}_right"], check_names=False), column


def test_the_model_of_each_day_is_what_the_past_had_chosen_by_then() -> None:
    """Two quarters earlier nothing of what came later was known, and every day had its model."""

    def mixed(company: Company) -> tuple[CallMix, Backtest]:
        few = [method_named(name) for name in ("run_rate", "last_period", "snapshot_conversion")]
        every = (("month", 60), ("quarter", 20))  # all windows there are
        tested = {g: run_backtest(company, grain=g, methods=few, origins=n) for g, n in every}
        found = call_record(company, tested=tested).mix
        assert found is not None
        return found, tested["quarter"]

    company = simulated(replace(PRESETS["clean"], opportunities=1200), 5)
    now, record = mixed(company)
    then, _ = mixed(company.at(date(2026, 3, 31)))
    shared = then.rows.join(now.rows, on=["level", "id", "period"], nulls_equal=True)
    assert shared.height == then.rows.height
    for column in ("call", "model", "method", "weight", "mix"):
        assert shared[column].equals(shared[f"{column}_right"], check_names=False), column
    assert len(now.methods) > 1
    assert sum(now.methods.values()) == now.rows["period"].n_unique()
    used = dict(now.rows.filter(pl.col("level") == "company").select("on", "method").iter_rows())
    chosen = record.champions.filter(pl.col("level") == "company").sort("origin").rows()
    for _, origin, method in chosen[-3:]:  # a call soon after an origin: nothing closed in between
        on = min(day for day in used if day > origin)
        known = record.scores.filter(pl.col("end") <= origin + 1)["origin"].n_unique()
        assert known >= 3
        assert used[on] == method


def test_the_mix_is_made_as_it_says(record: CallRecord) -> None:
    mix = record.mix
    assert mix is not None
    whole = mix.rows.filter(pl.col("level") == "company").sort("end").to_dicts()
    assert [row["scored"] for row in whole] == [False] * 3 + [True] * (len(whole) - 3)
    for k, row in enumerate(whole):
        if not row["scored"]:
            assert row["weight"] == 0.5
            continue
        past = whole[:k]
        missed = {
            w: sum(abs(w * p["call"] + (100 - w) * p["model"] - 100 * p["actual"]) for p in past)
            for w in range(101)
        }
        best = min(missed, key=lambda w: missed[w]) / 100
        assert row["weight"] == pytest.approx((len(past) * best + 1) / (len(past) + 2), abs=0.011)
        expected = row["weight"] * row["call"] + (1 - row["weight"]) * row["model"]
        assert abs(row["mix"] - expected) <= 1
    scored = [r for r in whole if r["scored"]]
    missed = sum(abs(r["mix"] - r["actual"]) for r in scored) / sum(r["actual"] for r in scored)
    told = mix.errors.filter(pl.col("level") == "company")["mix"].item()
    assert told == pytest.approx(missed)


def test_a_mix_beats_the_worse_of_its_parts(record: CallRecord) -> None:
    assert record.mix is not None
    for row in record.mix.errors.iter_rows(named=True):
        assert row["mix"] < max(row["call"], row["model"])


def test_a_rep_sees_his_own_calls_only(clean: Company) -> None:
    own = call_record(clean.within(Scope.rep("R05")))
    assert set(own.bias["id"].drop_nulls()) == {"R05"}
    assert set(own.standing["id"].drop_nulls()) == {"R05"}


def test_what_is_missing_is_said() -> None:
    with pytest.raises(DataError, match="no forecast calls"):
        call_record(small(SAID, MEMBERS).at(date(2025, 7, 1)))
    with pytest.raises(DataError, match="category"):
        call_record(small(SAID, MEMBERS), category="upside")
    assert call_record(small(SAID, MEMBERS), category="best case").category == "best case"


@pytest.mark.parametrize("code", ["en", "he"])
def test_findings_are_told_in_both_languages(record: CallRecord, code: str) -> None:
    told = [s.tell(language(code)) for s in record.statements]
    assert len(told) >= 4
    for text in told:
        assert "{" not in text
        assert any("א" <= c <= "ת" for c in text) is (code == "he")
