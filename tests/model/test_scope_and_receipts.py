"""Receipts add up for every table, and no scope shows anybody else's rows."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from spm_lib.core.errors import ScopeError
from spm_lib.model import TABLES, company_from_frames, scope_named
from spm_lib.model.columns import Table
from spm_lib.workspace import Scope
from tests.examples import examples
from tests.model.companies import DAYS, SCHEMAS, START, companies, frames

pytestmark = pytest.mark.slow


@hypothesis_settings(max_examples=examples(12), deadline=None)
@given(company=companies(), day=DAYS)
def test_rows_are_used_or_set_aside_and_belong_to_the_scope(settings, company, day) -> None:
    whole = company_from_frames(frames(company), settings).at(day)
    views = {"all": whole, **{r: whole.within(Scope.rep(r)) for r in ("ann", "bob")}}
    for name in SCHEMAS:
        for who, view in views.items():
            rows = view.rows(name).collect().to_native()
            receipt = view.receipt(name)
            assert receipt.read == rows.height
            assert receipt.used == view.table(name).height == rows["set_aside"].null_count()
            if who != "all" and name != "stage_events" and "rep_id" in SCHEMAS[name]:
                assert set(rows["rep_id"]) <= {who}
                everybody = whole.rows(name).collect().to_native()
                assert rows.height == (everybody["rep_id"] == who).sum()
        if "rep_id" in SCHEMAS[name]:
            parts = [views[r].receipt(name).read for r in ("ann", "bob")]
            assert sum(parts) <= views["all"].receipt(name).read
    for rep in ("ann", "bob"):
        assert set(views[rep].stints["rep_id"]) <= {rep}
        assert views[rep].stints.height == (whole.stints["rep_id"] == rep).sum()


def small(settings, **more: pl.DataFrame):
    deals = pl.DataFrame(
        {
            "opportunity_id": ["1", "2", "3", "4"],
            "rep_id": ["ann", "bob", "cy", None],
            "account_id": ["x", "y", "x", "z"],
            "stage": ["Won", "Lead", "Lead", "Lead"],
            "created_at": [START] * 4,
            "closed_at": [START, None, None, None],
            "amount": [1, 2, 3, 4],
        }
    )
    return company_from_frames({"opportunities": deals, **more}, settings)


MEMBERS = pl.DataFrame(
    {
        "rep_id": ["ann", "bob", "cy", "ann"],
        "team": ["north", "north", "south", "south"],
        "manager_id": ["mo", "mo", "bob", "mo"],
        "valid_from": [None, None, None, START + timedelta(days=10)],
        "valid_to": [START + timedelta(days=10), None, None, None],
    }
)


def test_teams_and_managers_are_dated(settings) -> None:
    company = small(settings, memberships=MEMBERS).at(START + timedelta(days=20))
    assert scope_named(company, "team:south").rep_ids == {"ann", "cy"}
    assert scope_named(company.at(START), "team:south").rep_ids == {"cy"}
    assert scope_named(company, "manager:mo").rep_ids == {"ann", "bob", "cy", "mo"}
    assert scope_named(company, "manager:bob").rep_ids == {"cy", "bob"}
    assert scope_named(company, "company").rep_ids is None
    with pytest.raises(ScopeError, match=r"names nobody.*north, south"):
        scope_named(company, "team:west")
    with pytest.raises(ScopeError, match="names nobody"):
        scope_named(company, "rep:nobody")


def test_a_view_is_never_widened(settings) -> None:
    ann = small(settings).within(Scope.rep("ann"))
    with pytest.raises(ScopeError, match="cannot be widened"):
        ann.within(Scope.company())
    with pytest.raises(ScopeError, match="cannot be widened"):
        ann.within(Scope.rep("bob"))
    assert ann.at(START).scope == Scope.rep("ann")
    assert ann.at(START - timedelta(days=1)).table("opportunities").height == 0


def test_team_rows_are_seen_by_those_who_see_the_whole_team(settings) -> None:
    targets = pl.DataFrame(
        {
            "rep_id": ["ann", None],
            "team": [None, "north"],
            "period_start": [START, START],
            "period_end": [START + timedelta(days=31)] * 2,
            "value": [10, 30],
        }
    )
    members = MEMBERS.filter(pl.col("valid_from").is_null()).with_columns(
        valid_to=pl.lit(None, pl.Date)
    )
    company = small(settings, memberships=members, targets=targets)
    seen = {
        reps: company.within(Scope.reps(set(reps), label="x")).table("targets")["value"].to_list()
        for reps in (("ann",), ("ann", "bob"), ("cy",))
    }
    assert seen == {("ann",): [1000], ("ann", "bob"): [1000, 3000], ("cy",): []}


def test_accounts_are_seen_by_those_who_deal_with_them(settings) -> None:
    accounts = pl.DataFrame({"account_id": ["x", "y", "z"], "name": ["X", "Y", "Z"]})
    company = small(settings, accounts=accounts)
    assert company.within(Scope.rep("ann")).table("accounts")["name"].to_list() == ["X"]
    assert company.within(Scope.rep("dan")).table("accounts").height == 0
    assert company.table("accounts").height == 3


def test_what_is_not_declared_is_denied(settings, monkeypatch) -> None:
    deals = TABLES["opportunities"]
    undeclared = Table(deals.name, deals.key, deals.columns, "company", deals.meaning)
    monkeypatch.setitem(TABLES, "opportunities", undeclared)
    assert small(settings).within(Scope.rep("ann")).table("opportunities").height == 0


def test_rows_of_an_unknown_owner_are_seen_by_the_company_only(settings) -> None:
    company = small(settings)
    assert company.receipt("opportunities").read == 4
    reps = Scope.reps({"ann", "bob", "cy"}, label="all")
    assert company.within(reps).receipt("opportunities").read == 3
    assert company.within(reps).receipt("opportunities").scoped
    assert not company.receipt("opportunities").scoped


def test_notices_of_a_view_tell_of_its_rows_only(settings) -> None:
    products = pl.DataFrame({"product_id": ["p"], "name": ["P"]})
    deals = pl.DataFrame(
        {
            "opportunity_id": ["1", "2"],
            "rep_id": ["ann", "bob"],
            "product_id": ["p", "secret"],
            "stage": ["Lead", "Lead"],
            "created_at": [START, START],
        }
    )
    company = company_from_frames({"opportunities": deals, "products": products}, settings)
    assert any("secret" in str(n) for n in company.notices)
    assert not any("secret" in str(n) for n in company.within(Scope.rep("ann")).notices)


def pointing(settings, *, other_deal: str, other_account: str, own: str = "1"):
    """Ann's calls point to no row; Bob owns a deal on an account, called as said."""
    deals = pl.DataFrame(
        {
            "opportunity_id": [own, other_deal],
            "rep_id": ["ann", "bob"],
            "account_id": ["x", other_account],
            "stage": ["Lead", "Lead"],
            "created_at": [START, START],
        }
    )
    calls = pl.DataFrame(
        {
            "activity_id": ["a"],
            "rep_id": ["ann"],
            "happened_at": [START],
            "opportunity_id": ["secret77"],
            "account_id": ["globex ltd"],
        }
    )
    accounts = pl.DataFrame({"account_id": ["x", other_account], "name": ["X", other_account]})
    return company_from_frames(
        {"opportunities": deals, "activities": calls, "accounts": accounts}, settings
    )


@pytest.mark.parametrize("scope", [Scope.rep("ann"), Scope.of_part("account_id", "x")])
def test_a_notice_of_a_view_does_not_change_with_the_names_of_others(settings, scope) -> None:
    alike = pointing(settings, other_deal="SECRET-77", other_account="Globex-Ltd")
    unlike = pointing(settings, other_deal="b", other_account="y")
    assert alike.within(scope).notices == unlike.within(scope).notices
    told = {n.column: n.details["near"] for n in alike.notices if n.kind == "unmatched_key"}
    assert told == {
        "opportunity_id": "secret77 ~ SECRET-77",
        "account_id": "globex ltd ~ Globex-Ltd",
    }


def test_a_view_is_told_what_of_its_own_rows_a_key_looks_like(settings) -> None:
    company = pointing(settings, other_deal="SECRET/77", other_account="y", own="Secret 77")
    told = [n for n in company.within(Scope.rep("ann")).notices if n.kind == "unmatched_key"]
    assert ("opportunity_id", "secret77 ~ Secret 77") in [
        (n.column, n.details["near"]) for n in told
    ]
