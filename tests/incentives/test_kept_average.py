"""The mean month of the last twelve worked ones, split where the plan changed: plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from spm_lib.incentives import PayFiles, PersonPaid, calculate, load_plan, paid_period, pay_data
from spm_lib.incentives.paid.kept_average import averages, stretches
from spm_lib.store import ClientFolder
from tests.incentives.small import component, day, deals, people, plan_text

COMMISSION = component('{ kind = "rate", rate = 0.10 }')
MONTHS = [date(2026, month, 1) for month in range(1, 13)]
SOLD = [1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900, 2000, 2101]


def told(
    tmp_path: Path,
    files: dict[str, tuple[str, list[str]]],
    *,
    last: str,
    sold: Sequence[int] = SOLD,
) -> PersonPaid:
    """Keep months by plan files, the first text first, and return what R1's statement tells."""
    client = ClientFolder(tmp_path)
    client.plans.mkdir(exist_ok=True)
    rows = [(f"D{n}", "R1", f"{n:02d}-10", str(paid)) for n, paid in enumerate(sold, 1) if paid]
    data = pay_data(transactions=deals(*rows), people=people("R1"))
    for name, (text, labels) in files.items():
        file = client.plans / f"{name.partition('#')[0]}.toml"
        file.write_text(text, encoding="utf-8")
        plan = load_plan(file)
        for label in labels:
            run = calculate(plan, data, through=label)
            PayFiles(client, plan.plan.id).keep(run, label)
    (*_, plan_id) = (name.partition("#")[0] for name in files)
    paid = paid_period(client, plan=plan_id, period=last).of("R1")
    assert paid is not None
    return paid


def labels(first: int, last: int) -> list[str]:
    return [f"2026-{month:02d}" for month in range(first, last + 1)]


def mean(person: PersonPaid, place: int | None = None) -> tuple[int, int, int]:
    (row,) = person.averages if place is None else person.stretches[place].averages
    return row.months, row.total, row.mean


def test_a_plan_that_did_not_change_is_one_stretch(tmp_path: Path) -> None:
    person = told(tmp_path, {"small": (plan_text(COMMISSION), labels(1, 3))}, last="2026-03")
    assert mean(person) == (3, 33_000, 11_000)
    assert (person.plan_changes, person.stretches) == ((), ())


def test_a_plan_file_that_was_edited_splits_the_months(tmp_path: Path) -> None:
    """10 % to June, 4 % from July on: six months of each, the mean of neither thins the other."""
    cut = plan_text(COMMISSION.replace("0.10", "0.04"))
    files = {"small": (plan_text(COMMISSION), labels(1, 6)), "small#2": (cut, labels(7, 12))}
    person = told(tmp_path, files, last="2026-12")
    before, after = [s * 10 for s in SOLD[:6]], [s * 4 for s in SOLD[6:]]
    assert mean(person) == (12, sum(before + after), round(sum(before + after) / 12))
    assert person.plan_changes == (date(2026, 7, 1),)
    assert mean(person, 0) == (6, sum(before), 12_500)
    assert mean(person, 1) == (6, sum(after), 7_401)  # 44 404 / 6 = 7 400.67
    assert [(s.start, s.end) for s in person.stretches] == [
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), date(2027, 1, 1)),
    ]


def test_a_dated_rule_splits_where_it_begins_and_only_for_whom_it_pays(tmp_path: Path) -> None:
    """The file is one and the same; a rule of another role changes nobody else's months."""
    until = COMMISSION + "valid_to = 2026-04-01\n"
    since = component('{ kind = "rate", rate = 0.05 }', id='"main-2"') + "valid_from = 2026-04-01\n"
    other = component('{ kind = "rate", rate = 0.01 }', id='"other"', roles='["lead"]')
    other += "valid_from = 2026-03-01\n"
    files = {"small": (plan_text(until + since + other), labels(1, 5))}
    person = told(tmp_path, files, last="2026-05")
    assert person.plan_changes == (date(2026, 4, 1),)
    assert mean(person, 0) == (3, 33_000, 11_000)
    assert mean(person, 1) == (2, 13_500, 6_750)


def test_a_new_plan_after_the_old_one_is_a_change_and_one_beside_it_is_none(
    tmp_path: Path,
) -> None:
    first = plan_text(COMMISSION).replace("valid_to = 2027-01-01", "valid_to = 2026-03-01")
    second = plan_text(COMMISSION).replace('id = "small"', 'id = "later"')
    second = second.replace("valid_from = 2026-01-01", "valid_from = 2026-03-01")
    beside = plan_text(COMMISSION).replace('id = "small"', 'id = "beside"')
    files = {
        "small": (first, labels(1, 2)),
        "beside": (beside, labels(4, 4)),
        "later": (second, labels(3, 4)),
    }
    person = told(tmp_path, files, last="2026-04")
    assert person.plan_changes == (date(2026, 3, 1),)
    assert mean(person, 0) == (2, 21_000, 10_500)
    assert mean(person, 1) == (2, 12_000 + 2 * 13_000, 19_000)


def payments(*rows: tuple[str, str, int]) -> pl.DataFrame:
    made = [(label, day(start), "commission", amount) for label, start, amount in rows]
    names = ["period", "period_start", "tag", "amount"]
    return pl.DataFrame(made, schema=names, orient="row")


def test_the_old_stretch_reaches_back_over_twelve_months_of_its_own() -> None:
    """20 months of 100, then 4 of 40: what was paid by the old plan is a mean of 100."""
    known = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(24)]
    rows = [(f"{m:%Y-%m}", f"{m:%Y-%m-%d}", 100 if n < 20 else 40) for n, m in enumerate(known)]
    old, new = stretches(payments(*rows), known, [date(2025, 9, 15)])
    assert (old.start, old.end, old.averages[0].months) == (known[8], known[20], 12)
    assert (old.averages[0].mean, new.averages[0].mean, new.averages[0].months) == (100, 40, 4)
    assert averages(payments(*rows), known)[0].mean == 80
    assert stretches(payments(*rows), known, [date(2024, 3, 1)]) == ()


@pytest.mark.parametrize(
    ("worked", "total"),
    [([1, 2, 3], 900), ([2, 3], 900), ([2, 3, 4, 5, 6], 1500), ([], None)],
)
def test_pay_of_a_quarter_is_of_its_worked_months(worked: list[int], total: int | None) -> None:
    """With a January on leave the quarter's pay is that of February and March."""
    rows = payments(("2026-Q1", "01-01", 900), ("2026-Q2", "04-01", 600))
    found = averages(rows, [MONTHS[n - 1] for n in worked])
    assert [(row.total, row.months) for row in found] == ([(total, len(worked))] if total else [])


def test_the_window_takes_its_part_of_a_quarter_that_it_cuts() -> None:
    """Thirteen worked months: of the first quarter's three months two are among the last twelve."""
    rows = payments(("2025-Q1", "2025-01-01", 900), ("2026", "2026-01-01", 1000))
    known = [date(2025, m, 1) for m in (1, 2, 3)] + MONTHS[:10]
    (row,) = averages(rows, known)
    assert (row.months, row.total, row.mean) == (12, 1600, 133)


QUARTERLY = plan_text(component('{ kind = "rate", rate = 0.01 }'), period="quarter")
SPIF = QUARTERLY.replace('id = "small"', 'id = "spif"')


def test_a_quarter_that_still_runs_counts_in_none_of_its_months(tmp_path: Path) -> None:
    """1 % of 3,300 in a quarter beside 10 % a month: of February's statement nothing of March."""
    files = {"spif": (SPIF, ["2026-Q1"]), "small": (plan_text(COMMISSION), labels(1, 4))}
    person = told(tmp_path, files, last="2026-02")
    assert mean(person) == (2, 21_000, 10_500)
    whole = [paid_period(ClientFolder(tmp_path), plan=plan, period=period).of("R1")
             for plan, period in (("small", "2026-03"), ("spif", "2026-Q1"))]  # fmt: skip
    assert [mean(one) for one in whole if one] == [(3, 33_000 + 3_300, 12_100)] * 2


def test_a_month_in_which_nobody_sold_was_worked(tmp_path: Path) -> None:
    files = {"small": (plan_text(COMMISSION), labels(1, 3))}
    person = told(tmp_path, files, last="2026-03", sold=[1000, 0, 1100])
    assert mean(person) == (3, 21_000, 7_000)


def test_each_plan_has_its_own_tags_though_components_are_called_alike(tmp_path: Path) -> None:
    other = plan_text(COMMISSION.replace('"commission"', '"premium"').replace("0.10", "0.01"))
    beside = other.replace('id = "small"', 'id = "beside"')
    files = {"beside": (beside, labels(1, 2)), "small": (plan_text(COMMISSION), labels(1, 2))}
    person = told(tmp_path, files, last="2026-02")
    found = {row.tag: (row.months, row.total, row.mean) for row in person.averages}
    assert found == {"commission": (2, 21_000, 10_500), "premium": (2, 2_100, 1_050)}


@pytest.mark.parametrize(("role", "changes"), [("lead", 1), ("rep", 0), (None, 1)])
def test_target_pay_of_another_role_changes_nothing(
    role: str | None, changes: int, tmp_path: Path
) -> None:
    """Null: the role is not known, and the stretches are told rather than not."""
    pays = [f'[[target_pay]]\namount = {n}\nper = "year"\nrole = "lead"\n{days} = 2026-03-01\n'
            for n, days in ((1200, "valid_to"), (900, "valid_from"))]  # fmt: skip
    files = {"small": (plan_text(COMMISSION + "".join(pays)), labels(1, 4))}
    told(tmp_path, files, last="2026-04")
    person = paid_period(ClientFolder(tmp_path), people={"R1": role}).of("R1")
    assert person is not None
    assert len(person.plan_changes) == changes
    assert len(person.stretches) == (2 if changes else 0)


def test_who_was_paid_nothing_has_a_mean_of_nothing(tmp_path: Path) -> None:
    """Three months without a sale of R1, whom nobody else's pay stands beside."""
    bonus = component('{ kind = "bonus", amount = 50, per = "period", at_least = 1150 }',
                      id='"bonus"', tag='"premium"')  # fmt: skip
    files = {"small": (plan_text(COMMISSION + bonus), labels(1, 3))}
    person = told(tmp_path, files, last="2026-03", sold=[0, 0, 0, 10])
    found = [(row.tag, row.months, row.total, row.mean) for row in person.averages]
    assert found == [("commission", 3, 0, 0), ("premium", 3, 0, 0)]
