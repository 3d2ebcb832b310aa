"""The checklist: shipped and own, what is due by day and calendar, and faults told at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from spm_lib.core.calendar import WorkCalendar
from spm_lib.core.catalogue import catalogue
from spm_lib.core.errors import TeamError
from spm_lib.store import ClientFolder
from spm_lib.team.following.acceptance import acceptance
from spm_lib.team.following.checklist import Item, checklist_of, checklist_with, read_checklist
from spm_lib.team.following.due import Due, Member, due_items, signed
from spm_lib.team.records.check import Check
from tests.team.people import letter, response

ISRAEL = WorkCalendar()
NOAM = Member("R1", "closer", date(2026, 9, 1))


def item(**more: object) -> Item:
    return Item(**({"key": "a", "name": "A", "owner": "rep", "evidence": "x"} | more))  # type: ignore[arg-type]


def due(one: Item, *checks: Check, on: date, member: Member = NOAM) -> Due:
    (found,) = due_items([one], [member], checks, on=on, calendar=ISRAEL)
    return found


def check(on: date, status: str = "done") -> Check:
    return Check("R1", "a", on, "seen", status)  # type: ignore[arg-type]


def naive_working_days(first: date, last: date) -> int:
    """Working days after ``first`` up to ``last``, counted by hand: Sunday to Thursday."""
    holidays = {date(2026, 9, 12), date(2026, 9, 13), date(2026, 9, 21)}  # Rosh Hashana, Kippur
    holidays |= {date(2026, 9, 26), date(2026, 10, 3)}  # Sukkot, Simchat Torah
    days = (first + timedelta(days=k) for k in range(1, (last - first).days + 1))
    return sum(d.weekday() not in (4, 5) and d not in holidays for d in days)


def test_the_shipped_list_has_the_items_of_a_readiness_check_in_both_languages(
    tmp_path: Path,
) -> None:
    items = checklist_of(ClientFolder(tmp_path))
    assert len([one for one in items if one.is_for("rep")]) == 11
    of_managers = [one.key for one in items if one.is_for("manager") and not one.is_for("rep")]
    assert of_managers == ["one_on_ones_held", "forecast_reviewed"]
    known = catalogue("he").texts
    told = {text for one in items for text in (one.name, one.evidence)}
    assert [text for text in sorted(told) if text not in known] == []
    renewed = [one.key for one in items if one.renew_months == 12]
    assert "product_knowledge" in renewed
    assert {one.owner for one in items} == {"manager", "rep", "analyst"}


def test_done_once_is_due_after_days_and_again_after_months() -> None:
    once = item(within_days=11, renew_months=12)
    # 12 September 2026 is a Saturday and Rosh Hashana, 13 September its second day
    assert due(once, on=date(2026, 9, 14)).due == date(2026, 9, 14)
    assert due(once, on=date(2026, 9, 14)).late == 0
    for on in (date(2026, 9, 15), date(2026, 9, 22), date(2026, 10, 11)):
        assert due(once, on=on).late == naive_working_days(date(2026, 9, 14), on)
    done = due(once, check(date(2026, 9, 10)), on=date(2027, 9, 13))
    assert (done.due, done.overdue) == (date(2027, 9, 12), True)  # 10 September 2027 is a Friday
    assert due(once, check(date(2026, 9, 10), "failed"), on=date(2026, 9, 20)).overdue
    assert due(once, check(date(2026, 9, 10), "not_needed"), on=date(2029, 1, 1)).due is None
    assert due(item(), check(date(2026, 9, 10)), on=date(2029, 1, 1)).due is None


def test_what_is_due_in_each_month_is_late_from_the_first_month_without_it() -> None:
    monthly = item(every="month")
    assert due(monthly, on=date(2026, 9, 30)).due == date(2026, 9, 30)
    assert not due(monthly, on=date(2026, 9, 30)).overdue
    assert due(monthly, on=date(2026, 10, 1)).overdue
    done = check(date(2026, 9, 2))
    assert due(monthly, done, on=date(2026, 10, 29)).due == date(2026, 10, 29)  # 30, 31: weekend
    assert not due(monthly, done, on=date(2026, 10, 29)).overdue
    late = due(monthly, done, on=date(2026, 12, 15))
    assert late.due == date(2026, 10, 29)
    assert late.late == naive_working_days(date(2026, 10, 29), date(2026, 12, 15))
    fiscal = WorkCalendar(fiscal_year_start=4)
    (yearly,) = due_items([item(every="year")], [NOAM], [], on=date(2027, 1, 1), calendar=fiscal)
    assert yearly.due == date(2027, 3, 31)


def test_a_late_day_off_counts_as_a_day() -> None:
    friday = due(item(within_days=1), on=date(2026, 9, 4))
    assert friday.due == date(2026, 9, 2)
    weekend = due(item(within_days=2), on=date(2026, 9, 4))  # due on Thursday, seen on Friday
    assert (weekend.due, weekend.late) == (date(2026, 9, 3), 1)


def test_the_latest_comes_first_and_roles_have_their_own_items() -> None:
    items = [item(key="late"), item(key="later", within_days=3), item(key="x", roles=("SDR",))]
    people = [NOAM, Member("R2", "SDR", date(2026, 9, 8)), Member("R3", None, date(2026, 9, 8))]
    found = due_items(items, people, [], on=date(2026, 9, 10), calendar=ISRAEL)
    assert [(d.rep_id, d.item.key) for d in found if d.overdue] == [
        ("R1", "late"), ("R1", "later"), ("R2", "late"), ("R2", "x"), ("R3", "late"),
    ]  # fmt: skip
    assert [d.late for d in found] == sorted((d.late for d in found), reverse=True)
    assert len(found) == 3 * 2 + 1


def test_an_accepted_letter_signs_the_plan_until_it_changes() -> None:
    once = item(key="plan_signed", within_days=14)
    accepted = acceptance([letter("R1")], [response("R1")])
    assert due(once, *signed(accepted), on=date(2026, 12, 1)).due is None
    changed = acceptance([letter("R1"), letter("R1", 2)], [response("R1")])
    assert due(once, *signed(changed), on=date(2026, 12, 1)).overdue
    refused = acceptance([letter("R1")], [response("R1", decision="not_accept")])
    assert signed(refused) == []


def test_a_clients_own_file_goes_before_and_its_faults_are_told_at_once(tmp_path: Path) -> None:
    own = tmp_path / "checklist.toml"
    own.write_text(
        '[[items]]\nkey = "b"\nname = "בדיקה"\nowner = "rep"\nevidence = "x"\n', encoding="utf-8"
    )
    assert [one.name for one in checklist_of(ClientFolder(tmp_path))] == ["בדיקה"]
    own.write_text(
        '[[items]]\nkey = "B b"\nname = ""\nowner = "boss"\nevry = "month"\n', encoding="utf-8"
    )
    with pytest.raises(TeamError) as caught:
        checklist_of(ClientFolder(tmp_path))
    told = str(caught.value)
    for part in (
        "items 1 key",
        "items 1 name",
        "items 1 owner",
        "Did you mean 'every'",
        "Add evidence",
    ):
        assert part in told
    twice = '[[items]]\nkey = "b"\nname = "B"\nowner = "rep"\nevidence = "x"\n' * 2
    own.write_text(twice + 'every = "month"\nrenew_months = 2\n', encoding="utf-8")
    with pytest.raises(TeamError, match=r"'b': it is there twice(.|\n)*renew_months is for"):
        read_checklist(own)
    own.write_bytes(b"items = [")
    with pytest.raises(TeamError, match="not valid TOML"):
        read_checklist(own)


def test_items_of_a_playbook_join_the_client_s_own_and_are_replaced(tmp_path: Path) -> None:
    client, shipped = ClientFolder(tmp_path), checklist_of(ClientFolder(tmp_path))
    one = '[[items]]\nkey = "x"\nname = "X"\nowner = "rep"\nevidence = "x"\nevery = "month"\n'
    client.checklist.write_text(checklist_with(client, one), "utf-8")
    assert [i.key for i in checklist_of(client)] == [*(i.key for i in shipped), "x"]
    again = checklist_with(client, one.replace('"x"', '"y"'))
    client.checklist.write_text(again, "utf-8")
    assert [i.key for i in checklist_of(client)] == [*(i.key for i in shipped), "y"]
    assert checklist_with(client, one.replace('"x"', '"y"')) == again
    own = "# ours\n" + one.replace('"x"', '"z"')
    client.checklist.write_text(own, "utf-8")
    assert checklist_with(client, one).startswith(own)
    with pytest.raises(TeamError, match="it is there twice"):
        checklist_with(client, one.replace('"x"', '"z"'))
