"""A sealed company gives every figure that the scoped one gives, and holds nothing of others."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from spm_lib.core.errors import SpmError
from spm_lib.metrics import measure
from spm_lib.model import Company, metric_ids
from spm_lib.model.sealed import seal
from spm_lib.workspace import Scope
from tests.examples import rest_as_proofs
from tests.metrics.companies import REPS, company, random_facts

pytestmark = pytest.mark.slow

IDS = [m.id for m in metric_ids() if m.room == "metrics"]
SCOPES = {
    "rep": Scope.rep("r1"),
    "two": Scope.reps({"r1", "r2"}, label="two"),
    "nobody": Scope.reps(set(), label="nobody"),
    "part": Scope.of_part("segment", "small"),
}


def told(co: Company, name: str) -> tuple[object, ...]:
    """The metric as anybody sees it: its values and receipts, or why it has none."""
    try:
        made = measure(co, name)
    except SpmError as error:
        return (str(error),)
    return made.frame.to_dicts(), made.receipts


# every scope where there is a history, one where there is none; of all seeds in ``make validate``
SEALED = [("rep", 0), ("two", 0), ("nobody", 0), ("part", 0), ("rep", 2)]
PROOFS = [(s, n) for n in range(3) for s in SCOPES if (s, n) not in SEALED]


@pytest.mark.parametrize(("scope", "seed"), rest_as_proofs(SEALED + PROOFS, each_run=len(SEALED)))
def test_every_figure_is_the_same(scope: str, seed: int) -> None:
    whole = company(random_facts(seed, history=seed % 3 != 2))
    open_view = whole.within(SCOPES[scope])
    sealed = seal(open_view)
    for name in IDS:
        assert told(sealed, name) == told(open_view, name), name
    assert [n.message for n in sealed.notices] == [n.message for n in open_view.notices]
    for table in whole.book.tables:
        assert sealed.receipt(table) == open_view.receipt(table), table
        assert sealed.table(table).equals(open_view.table(table)), table


@pytest.mark.parametrize("scope", ["rep", "two", "part"])
@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 2, 15)])
@pytest.mark.parametrize("seed", rest_as_proofs(range(6), each_run=2))
def test_what_was_seen_on_an_earlier_day_is_the_same(scope: str, day: date, seed: int) -> None:
    open_view = company(random_facts(seed)).within(SCOPES[scope])
    sealed = seal(open_view).at(day)
    for name in ("open.count", "open.amount", "won.amount", "win_rate.closed.count"):
        assert told(sealed, name) == told(open_view.at(day), name), name


@pytest.mark.parametrize("seed", range(6))
def test_nothing_of_others_is_in_memory(seed: int) -> None:
    """No id of another person stands in any column; no amount of another's deal does either."""
    whole = company(random_facts(seed))
    sealed = seal(whole.within(Scope.rep("r1")))
    others = set(REPS) - {"r1"}
    for name, frame in sealed.book.tables.items():
        for column in frame.columns:
            if frame.schema[column] == pl.String:
                assert not others & set(frame[column].drop_nulls()), (name, column)
    mine = sealed.table("opportunities")["opportunity_id"].implode()
    rows = sealed.book.tables["opportunities"].filter(
        ~pl.col("opportunity_id").is_in(mine) & pl.col("set_aside").is_null()
    )
    assert rows["amount"].null_count() == rows.height
    assert rows["account_id"].null_count() == rows.height
    assert set(rows["outcome"]) <= {"open"}
