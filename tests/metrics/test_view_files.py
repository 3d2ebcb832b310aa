"""A view on disk is the same company, holds nothing of others, and is never widened."""

from __future__ import annotations

from datetime import date

import pytest

import spm_lib
from spm_lib.core.errors import DataError, ScopeError
from spm_lib.metrics import measure
from spm_lib.model.view_files import write_view
from spm_lib.model.visibility import scope_named
from tests.metrics.companies import company, random_facts

ASKED = ("company", "rep:r1", "team:South", "segment=small")


@pytest.mark.parametrize("asked", ASKED)
def test_a_view_read_back_is_the_same(tmp_path, asked) -> None:
    whole = company(random_facts(5))
    view = whole.within(scope_named(whole, asked)) if asked != "company" else whole
    read = spm_lib.open(write_view(view, tmp_path / "view", asked=asked), scope=asked)
    assert (read.as_of, read.scope, read.scoped) == (view.as_of, view.scope, view.scoped)
    assert read.notices == view.notices
    for name in view.book.tables:
        assert read.table(name).equals(view.table(name)), name
        assert read.receipt(name) == view.receipt(name), name
    for name in ("win_rate.closed.count", "stage_conversion.cohort", "velocity", "coverage"):
        assert measure(read, name).frame.equals(measure(view, name).frame), name


def test_the_bytes_of_a_view_hold_no_one_else(tmp_path) -> None:
    whole = company(random_facts(5))
    write_view(whole.within(scope_named(whole, "rep:r1")), tmp_path / "view", asked="rep:r1")
    for file in (tmp_path / "view").iterdir():
        assert b"r2" not in file.read_bytes(), file.name
        assert b"r3" not in file.read_bytes(), file.name


@pytest.mark.parametrize("day", [date(2026, 2, 15), None])
def test_what_views_share_changes_none_of_them(tmp_path, day) -> None:
    shared = company(random_facts(5))
    shared = shared.at(day) if day else shared
    for asked in ("rep:r1", "rep:r2", "team:South", "segment=small"):
        alone = company(random_facts(5)).at(shared.as_of)
        first = write_view(alone.within(scope_named(alone, asked)), tmp_path / f"first {asked}")
        later = write_view(shared.within(scope_named(shared, asked)), tmp_path / f"later {asked}")
        files = sorted(path.name for path in first.parent.iterdir())
        assert files == sorted(path.name for path in later.parent.iterdir())
        for name in files:
            bytes_first = (first.parent / name).read_bytes()
            assert (later.parent / name).read_bytes() == bytes_first, name


@pytest.mark.parametrize("asked", ["company", "rep:r2", "team:North"])
def test_a_view_is_not_widened(tmp_path, asked) -> None:
    whole = company(random_facts(5))
    path = write_view(whole.within(scope_named(whole, "rep:r1")), tmp_path / "v", asked="rep:r1")
    with pytest.raises(ScopeError):
        spm_lib.open(path, scope=asked)


def test_a_view_knows_no_later_day(tmp_path) -> None:
    whole = company(random_facts(5))
    path = write_view(whole, tmp_path / "view")
    assert spm_lib.open(path, as_of="2026-01-31").as_of == date(2026, 1, 31)
    with pytest.raises(DataError, match="does not know that day"):
        spm_lib.open(path, as_of="2027-01-31")


def test_a_part_shows_only_its_deals_and_what_belongs_to_them() -> None:
    whole = company(random_facts(5))
    part = whole.within(scope_named(whole, "segment=small"))
    deals = part.table("opportunities")
    assert deals.height
    assert set(deals["segment"]) == {"small"}
    assert set(part.table("stage_events")["opportunity_id"]) <= set(deals["opportunity_id"])
    counts = [
        measure(whole.within(scope_named(whole, f"segment={value}")), "won.count").frame["value"][0]
        for value in ("small", "large")
    ]
    by = measure(whole, "won.count", by="segment").frame
    assert counts == [by.filter(segment=value)["value"][0] for value in ("small", "large")]
    with pytest.raises(ScopeError, match="No deal has 'huge'"):
        scope_named(whole, "segment=huge")
    with pytest.raises(ScopeError, match="no column 'sgment'"):
        scope_named(whole, "sgment=small")
