"""Trainings and SPIFs of the ledger: who took part, what it went with, and when nothing is said."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from spm_lib.core.language import language
from spm_lib.model import Company, company_from_frames
from spm_lib.segments import Programme, Programmes, customer_payback, programmes
from tests.metrics.companies import SETTINGS

TRAINING, SPIF, LATE = date(2025, 9, 1), date(2025, 8, 1), date(2026, 3, 1)
PEOPLE = [f"r{n:02}" for n in range(24)]
TRAINED, LIFT = PEOPLE[::3], 3000


def deals(seed: int, *, lift: int = LIFT) -> list[dict]:
    """Return a won deal a month of each person, whose amounts rise for the trained ones."""
    rng = np.random.default_rng(seed)
    strength = dict(zip(PEOPLE, rng.normal(2000, 400, len(PEOPLE)), strict=True))
    rows = []
    for rep in PEOPLE:
        for month in range(18):
            day = date(2025 + month // 12, month % 12 + 1, 10)
            after = rep in TRAINED and day >= TRAINING
            amount = max(int(strength[rep] + rng.normal(0, 150) + (lift if after else 0)), 1)
            rows.append({"opportunity_id": f"{rep}-{month}", "rep_id": rep, "stage": "Won",
                         "amount": amount, "created_at": day - timedelta(30),
                         "closed_at": day})  # fmt: skip
    return rows


def ledger() -> list[dict]:
    empty = {"rep_id": None, "team": None}
    return [
        *({**empty, "period_start": TRAINING, "kind": "Training", "amount": 500, "rep_id": rep}
          for rep in TRAINED),
        {**empty, "period_start": date(2025, 10, 1), "kind": "training", "amount": 1000,
         "rep_id": TRAINED[0]},
        {**empty, "period_start": SPIF, "kind": "SPIF", "amount": 900, "team": "North"},
        {**empty, "period_start": LATE, "kind": "Coaching", "amount": 70, "rep_id": "r01"},
        {**empty, "period_start": date(2025, 2, 1), "kind": "enablement", "amount": 70},
        {**empty, "period_start": SPIF, "kind": "salaries", "amount": 9000, "rep_id": "r01"},
    ]  # fmt: skip


def company(seed: int = 1, *, lift: int = LIFT) -> Company:
    teams = [{"rep_id": rep, "team": "North" if n < 10 else "South", "valid_from": None,
              "valid_to": None} for n, rep in enumerate(PEOPLE)]  # fmt: skip
    tables = {
        "opportunities": pl.DataFrame(deals(seed, lift=lift)),
        "costs": pl.DataFrame(ledger()),
        "memberships": pl.DataFrame(
            teams, schema_overrides={"valid_from": pl.Date, "valid_to": pl.Date}
        ),
    }
    return company_from_frames(tables, SETTINGS, as_of=date(2026, 6, 30))


@pytest.fixture(scope="module")
def made() -> Programmes:
    return programmes(company())


def of(made: Programmes, kind: str) -> Programme:
    return next(one for one in made.told if one.kind == kind)


def test_programmes_are_read_from_the_ledger_newest_first(made: Programmes) -> None:
    assert [(one.kind, one.start) for one in made.told] == [
        ("Coaching", LATE), ("Training", TRAINING), ("SPIF", SPIF), ("enablement", date(2025, 2, 1))
    ]  # fmt: skip
    training = of(made, "Training")
    assert training.people == tuple(TRAINED)
    assert training.cost == (500 * len(TRAINED) + 1000) * 100, "a month later it is the same one"
    assert of(made, "SPIF").people == tuple(PEOPLE[:10])
    assert made.on == "revenue"


def test_a_planted_lift_is_within_and_its_return_by_a_second_route(made: Programmes) -> None:
    """Least squares by hand: after on before and on having taken part."""
    sides: dict[str, list[int]] = {rep: [0, 0] for rep in PEOPLE}
    for row in deals(1):
        months = (row["closed_at"].year - 2025) * 12 + row["closed_at"].month
        for side, span in enumerate((range(3, 9), range(9, 15))):
            sides[row["rep_id"]][side] += row["amount"] * (months in span)
    before, after = np.array([sides[rep] for rep in PEOPLE], float).T
    part = np.array([rep in TRAINED for rep in PEOPLE], float)
    design = np.column_stack([np.ones(len(PEOPLE)), part, before])
    effect = np.linalg.lstsq(design, after, rcond=None)[0][1] * len(TRAINED) * 100
    training = of(made, "Training")
    found = training.found
    assert found is not None
    assert found.incremental == pytest.approx(effect, rel=1e-6)
    assert found.low is not None
    assert found.high is not None
    assert found.low < LIFT * 6 * len(TRAINED) * 100 < found.high
    months, low, high = training.payback
    assert months == pytest.approx(training.cost / (effect / 6))
    assert low is not None
    assert high is not None
    assert low < months < high
    assert found.verdict == "paid"


def test_a_lift_of_nothing_is_not_shown_and_never_pays_back_at_its_worst() -> None:
    verdicts = []
    for seed in range(8):
        one = of(programmes(company(seed, lift=0)), "Training")
        assert one.found is not None
        verdicts.append(one.found.verdict)
        assert one.payback[2] is None
    assert "paid" not in verdicts


def test_what_cannot_be_said_is_said(made: Programmes) -> None:
    told = [s.tell(language("en")) for s in made.statements]
    assert "has not had its six months" in told[0]
    assert "associated with more than it cost" in told[1]
    assert "It is not shown that the programme paid" in told[2]
    assert "does not say who took part" in told[3]
    assert not any("cause" in text for text in told)
    figures = made.figures()
    assert {f.by["programme"] for f in figures if f.metric == "programme.return"} == {
        "Training",
        "SPIF",
    }
    assert {f.receipt.read for f in figures} == {len(ledger())}


def test_six_months_are_whole_ones_from_any_day_of_a_month_on() -> None:
    rows = [{"period_start": date(2025, 9, 15), "kind": kind, "amount": 500, "rep_id": rep}
            for rep in TRAINED for kind in ("Training", "training ")]  # fmt: skip
    tables = {"opportunities": pl.DataFrame(deals(1)), "costs": pl.DataFrame(rows)}
    (one,) = programmes(company_from_frames(tables, SETTINGS, as_of=date(2026, 6, 30))).told
    assert (one.window.start, one.window.end) == (date(2025, 9, 15), date(2026, 3, 15))
    assert one.cost == 500 * len(rows) * 100


def test_a_ledger_without_them_tells_nothing(sample: Company) -> None:
    assert programmes(sample).told == ()


WORKSPACE = """version = 1
[workspace]
id = "trained"
name = "Trained"
currency = "ILS"
as_of = "2026-06-30"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "opportunity_id", rep_id = "rep_id", stage = "stage", amount = "amount", created_at = "created_at", closed_at = "closed_at" }
[tables.costs]
path = "costs.csv"
columns = { period_start = "period_start", kind = "kind", amount = "amount", rep_id = "rep_id", team = "team" }
"""  # noqa: E501


@pytest.mark.slow
def test_the_page_prints_them_beside_the_other_returns(tmp_path: Path) -> None:
    from spm_lib.reports import SegmentsPage
    from spm_lib.reports.blocks import Table

    pl.DataFrame(deals(1)).write_csv(tmp_path / "deals.csv")
    pl.DataFrame(ledger()).write_csv(tmp_path / "costs.csv")
    (tmp_path / "spm.toml").write_text(WORKSPACE, "utf-8")
    section = SegmentsPage(str(tmp_path / "spm.toml"), language="en").returns()
    table = next(b for b in section.blocks if isinstance(b, Table) and "SPIF" in b.title)
    assert [getattr(row[0], "text", "") for row in table.rows][1] == "Training"
    assert "Associated is not caused" in table.note
    figures = {f.metric for f in section.figures_used()}
    assert {"programme.return", "programme.payback_months", "programme.incremental"} <= figures
    hebrew = SegmentsPage(str(tmp_path / "spm.toml"), language="he").returns()
    named = [b.title for b in hebrew.blocks if isinstance(b, Table)]
    assert any("הדרכות" in title for title in named)


def test_a_new_customer_pays_back_as_counted_by_hand() -> None:
    """Three customers won for 900 in a year; orders of four customers left 1,200 over."""
    day = date(2025, 3, 10)
    won = [{"opportunity_id": f"d{n}", "rep_id": "r00", "account_id": f"a{n}", "stage": "Won",
            "amount": 10 + n, "created_at": day, "closed_at": day} for n in range(3)]  # fmt: skip
    orders = [{"order_id": f"o{n}", "rep_id": "r00", "date": day, "account_id": f"a{n}",
               "amount": 500, "cost": 200} for n in range(4)]  # fmt: skip
    cost = {"period_start": date(2025, 1, 1), "kind": "salaries", "amount": 900}
    tables = {"opportunities": won, "orders": orders, "costs": [cost]}
    co = company_from_frames(
        {name: pl.DataFrame(rows) for name, rows in tables.items()},
        SETTINGS,
        as_of=date(2026, 1, 1),
    )
    told = customer_payback(co, window=("2025-01-01", "2026-01-01"))
    assert told is not None
    monthly = 4 * (500 - 200) / 4 / (365 / (365.25 / 12))
    assert float(told.value or 0) == pytest.approx(900 / 3 / monthly, abs=1e-5)
    assert customer_payback(company()) is None
