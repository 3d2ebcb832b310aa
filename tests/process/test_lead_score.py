"""The lead score: planted chances come back and hold, none is shown where there is nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from spm_lib.core.errors import DataError
from spm_lib.core.language import language
from spm_lib.model import Company, company_from_frames
from spm_lib.process import LeadScore, lead_score
from tests.metrics.companies import SETTINGS, company, frames, random_facts

FIRST, DAYS, TIME = date(2025, 3, 1), 400, 20
SOURCE = {"Website": 0.0, "Event": 0.4, "Partner": -0.3}
SIZE = {"small": -0.9, "middle": 0.0, "large": 1.1}


def leads_of(seed: int, *, effect: float, n: int = 1500, drift: float = 0.0) -> pl.DataFrame:
    """Return leads whose chance is known: by source, by size times ``effect``, and by time."""
    rng = np.random.default_rng(seed)
    minute = np.sort(rng.integers(0, DAYS * 24 * 60, n))
    source, size = rng.choice(list(SOURCE), n), rng.choice(list(SIZE), n)
    line = -0.5 + np.vectorize(SOURCE.get)(source) + effect * np.vectorize(SIZE.get)(size)
    chance = expit(line + drift * (minute / minute.max() > 0.66))
    made, took = rng.random(n) < chance, rng.integers(1, TIME, n)
    start = datetime(FIRST.year, FIRST.month, 1, tzinfo=UTC)
    came = [start + timedelta(minutes=int(m)) for m in minute]
    done = [c.date() + timedelta(int(t)) if m else None for c, t, m in zip(came, took, made,
                                                                          strict=True)]  # fmt: skip
    return pl.DataFrame(
        {
            "lead_id": [f"l{i:05}" for i in range(n)],
            "created_at": came,
            "source": source,
            "Size": size,
            "Status": ["closed" if m else "idle" for m in made],
            "rep_id": rng.choice(["r1", "r2"], n),
            "converted_at": pl.Series(done, dtype=pl.Date),
            "truth": chance,
        }
    )


def company_of(leads: pl.DataFrame, known: tuple[str, ...] = ("Size",)) -> Company:
    made = frames(random_facts(5, deals=5))
    made["leads"] = leads.drop("truth")
    day = FIRST + timedelta(DAYS)
    made["leads"] = made["leads"].with_columns(
        pl.when(pl.col("converted_at") <= day).then("converted_at").alias("converted_at")
    )
    return company_from_frames(made, SETTINGS, as_of=day, known_at_creation={"leads": list(known)})


@cache
def planted(seed: int = 1) -> tuple[LeadScore, pl.DataFrame]:
    leads = leads_of(seed, effect=1.0, n=2500)
    return lead_score(company_of(leads)), leads


def test_planted_chances_come_back_and_every_group_holds() -> None:
    made, leads = planted()
    assert made.verdict == "shown"
    assert made.gain.low is not None
    assert made.gain.low > 0.02
    both = made.waiting.join(leads, on="lead_id")
    assert both.height > 20
    assert np.corrcoef(both["chance"], both["truth"])[0, 1] > 0.95
    assert np.abs(both["chance"].to_numpy() - both["truth"].to_numpy()).mean() < 0.06
    for row in made.groups.iter_rows(named=True):
        assert row["low"] <= row["expected"] <= row["high"]
    assert made.groups["leads"].sum() == made.held_out


def test_the_chances_are_those_of_a_maximised_likelihood() -> None:
    """Second route: the penalised likelihood of dummies, by a general optimiser."""
    made, leads = planted()
    told = leads.join(made.sides, on="lead_id", maintain_order="left")
    names = [c.column for c in made.columns if c.refused is None]
    assert names == ["source", "Size", "weekday", "part_of_day", "load"]
    assert SETTINGS.workspace.timezone == "Asia/Jerusalem"
    local = told["created_at"].dt.convert_time_zone("Asia/Jerusalem")
    day = local.dt.date()
    number = np.array([d.toordinal() for d in day])
    load = []
    for at in number:
        week = ((number >= at - 7) & (number < at)).sum()
        usual = ((number >= at - 35) & (number < at - 7)).sum() / 4
        busy = "busy" if week > 1.25 * usual else "quiet" if week < 0.75 * usual else "usual"
        load.append(busy if usual else "")
    parts = [
        told["source"].to_list(),
        told["Size"].to_list(),
        [d.isoweekday() for d in day],
        [hour // 4 for hour in local.dt.hour()],
        load,
    ]
    x = np.hstack([np.ones((told.height, 1)),
                   *(np.array([[v == w for w in sorted(set(p))] for v in p], float)
                     for p in parts)])  # fmt: skip
    took = (told["converted_at"] - day).dt.total_days()
    won = (took.fill_null(999) <= made.horizon).to_numpy()
    learned = (told["side"] == "learned").to_numpy()

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        line = x[learned] @ beta
        free = np.r_[0.0, beta[1:]]
        value = (np.logaddexp(0, line) - won[learned] * line).sum() + (free**2).sum() / 2
        return float(value), x[learned].T @ (expit(line) - won[learned]) + free

    beta = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", tol=1e-12).x
    chance = dict(zip(told["lead_id"], expit(x @ beta), strict=True))
    for lead, found in made.waiting.select("lead_id", "chance").iter_rows():
        assert found == pytest.approx(chance[lead], abs=1e-3)


def test_nothing_learned_from_had_its_end_after_the_test_began() -> None:
    made, leads = planted()
    told = leads.join(made.sides, on="lead_id").with_columns(day=pl.col("created_at").dt.date())
    first = told.filter(side="held out")["day"].min()
    last = told.filter(side="learned")["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    assert last + timedelta(made.horizon) <= first
    figures = made.figures()
    assert {f.receipt.read for f in figures} == {leads.height}
    assert {f.metric for f in figures} == {
        "lead.score_gain", "lead.score_said", "lead.score_became", "lead.score"
    }  # fmt: skip


def test_what_is_filled_in_later_is_never_looked_at() -> None:
    """A status tells the outcome; a source that only converted leads have does too."""
    made, leads = planted()
    refused = {c.column for c in made.columns if c.refused is not None}
    assert {"Status", "rep_id", "converted_at"} <= refused
    late = leads.with_columns(
        source=pl.when(pl.col("converted_at").is_not_null()).then("source"), Size=pl.lit("one")
    )
    other = lead_score(company_of(late))
    assert {"source", "Size"} <= {c.column for c in other.columns if c.refused is not None}
    assert other.verdict == "no better"
    owned = lead_score(company_of(leads, ("Size", "rep_id")))
    assert {"rep_id", "load"} <= {c.column for c in owned.columns if c.refused is None}


@pytest.mark.slow
def test_without_an_effect_beyond_the_source_no_score_is_shown() -> None:
    made = [lead_score(company_of(leads_of(100 + seed, effect=0.0))) for seed in range(20)]
    withheld = [one for one in made if one.verdict == "no better"]
    assert len(withheld) >= 19
    for one in withheld:
        assert [f.metric for f in one.figures()] == ["lead.score_gain"]
        assert not one.waiting.height
        (told,) = one.statements
        assert told.tell(language("en")).startswith("No score is shown: on ")


def test_a_change_of_times_is_seen_and_the_score_withheld() -> None:
    made = lead_score(company_of(leads_of(1, effect=1.0, n=3000, drift=-1.0)))
    assert made.verdict == "not calibrated"
    assert not made.waiting.height
    assert "became deals more or less often" in made.statements[0].tell(language("en"))


@pytest.mark.slow
def test_the_groups_hold_as_often_as_they_say() -> None:
    """Five intervals at 95 % together, and what is learned has errors too: few are withheld."""
    held = [
        lead_score(company_of(leads_of(200 + s, effect=1.0, n=3000))).verdict for s in range(12)
    ]
    assert held.count("shown") >= 9
    assert "no better" not in held


def test_few_leads_are_refused() -> None:
    with pytest.raises(DataError, match="too few"):
        lead_score(company_of(leads_of(1, effect=1.0, n=300)))
    with pytest.raises(DataError, match="no lead is known"):
        lead_score(company(random_facts(5, deals=5)))
