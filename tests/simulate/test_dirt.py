"""The planted dirt is in the sample's files where the truth says, and there is no other dirt."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from datetime import datetime

import polars as pl
import pytest

from spm_lib.simulate.presets import PRESETS

pytestmark = pytest.mark.slow

AMOUNT = re.compile(r"-?\d+(\.\d\d)?")


@pytest.fixture(scope="module")
def planted(sample_folder) -> dict[str, list[dict[str, str]]]:
    with (sample_folder / "truth" / "planted.csv").open(encoding="utf-8", newline="") as file:
        found = defaultdict(list)
        for row in csv.DictReader(file):
            found[row["kind"]].append(row)
        return found


def lines(folder, name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def deals(sample_folder) -> list[dict[str, str]]:
    return lines(sample_folder, "opportunities.csv")


@pytest.fixture(scope="module")
def edits(sample_folder) -> list[dict[str, str]]:
    return lines(sample_folder, "history.csv")


def readable(day: str) -> bool:
    try:
        datetime.strptime(day, "%d/%m/%Y")  # noqa: DTZ007 - a plain date
    except ValueError:
        return False
    return True


def test_as_many_faults_as_the_preset_says(planted) -> None:
    dirt = PRESETS["sample"].dirt
    counts = {kind: len(rows) for kind, rows in planted.items() if kind != "unknown_owner_edit"}
    expected = {
        "exact_duplicate": dirt.exact_duplicates,
        "conflicting_id": dirt.conflicting_ids,
        "unreadable_date": dirt.unreadable_dates,
        "unreadable_amount": dirt.unreadable_amounts,
        "bracketed_amount": dirt.bracketed_amounts,
        "shekel_amount": dirt.shekel_amounts,
        "unknown_owner": dirt.unknown_owners,
        "undated": dirt.undated,
        "product_variant": dirt.product_variant,
        "plan_as_close_date": dirt.plan_as_close_date,
        "close_before_created": dirt.close_before_created,
        "future_row": dirt.future_rows,
        "orphan_history": dirt.orphan_history,
        "repeated_history": dirt.repeated_history,
        "orphan_activity": dirt.orphan_activities,
        "missing_amount": int(dirt.missing_amounts * 6500),
    }
    assert counts == {kind: count for kind, count in expected.items() if count}


def test_every_fault_is_on_its_line(planted, deals, edits, sample_folder) -> None:
    activities = pl.read_parquet(sample_folder / "activities.parquet").to_dicts()
    files = {
        "opportunities.csv": (deals, 2),
        "history.csv": (edits, 2),
        "activities.parquet": (activities, 1),
    }
    for kind, faults in planted.items():
        for fault in faults:
            rows, first = files[fault["file"]]
            row = rows[int(fault["line"]) - first]
            assert row["Opp ID"] == fault["opportunity_id"], kind
            if fault["column"]:
                assert row[fault["column"]] == fault["written"], kind


def test_a_csv_line_is_a_line_of_the_file(sample_folder, deals) -> None:
    text = (sample_folder / "opportunities.csv").read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == len(deals) + 1


def test_duplicates_are_those_planted(planted, deals, edits) -> None:
    def repeated(rows):
        seen = Counter(tuple(row.items()) for row in rows)
        return sum(count - 1 for count in seen.values())

    assert repeated(deals) == len(planted["exact_duplicate"])
    assert repeated(edits) == len(planted["repeated_history"])
    ids = Counter(row["Opp ID"] for row in deals)
    twice = {key for key, count in ids.items() if count > 1}
    assert twice == {
        f["opportunity_id"] for kind in ("exact_duplicate", "conflicting_id") for f in planted[kind]
    }


def test_only_planted_dates_are_odd(planted, deals) -> None:
    odd = {
        (row["Opp ID"], column)
        for row in deals
        for column in ("Created", "Close Date", "Expected Close")
        if row[column] and not readable(row[column])
    }
    assert odd == {(f["opportunity_id"], f["column"]) for f in planted["unreadable_date"]}
    blank = {row["Opp ID"] for row in deals if not row["Created"]}
    assert blank == {f["opportunity_id"] for f in planted["undated"]}
    plans = {
        row["Opp ID"]
        for row in deals
        if row["Close Date"] and not row["Stage"].startswith("Closed")
    }
    assert plans == {f["opportunity_id"] for f in planted["plan_as_close_date"]}


def test_only_planted_amounts_are_odd(planted, deals) -> None:
    kinds = ("unreadable_amount", "bracketed_amount", "shekel_amount", "missing_amount")
    odd = {row["Opp ID"] for row in deals if not AMOUNT.fullmatch(row["Amount"])}
    assert odd == {f["opportunity_id"] for kind in kinds for f in planted[kind]}


def test_only_planted_keys_lead_nowhere(planted, deals, edits, sample_folder) -> None:
    people = {row["Employee"] for row in lines(sample_folder, "reps.csv")}
    strangers = {row["Opp ID"] for row in deals if row["Owner"] not in people}
    assert strangers == {f["opportunity_id"] for f in planted["unknown_owner"]}
    edited = {row["Opp ID"] for row in edits if row["Owner"] not in people}
    assert edited == strangers
    assert {f["opportunity_id"] for f in planted["unknown_owner_edit"]} == strangers
    products = {row["Product"] for row in lines(sample_folder, "products.csv")}
    variants = {row["Opp ID"] for row in deals if row["Product"] not in products}
    assert variants == {f["opportunity_id"] for f in planted["product_variant"]}
    accounts = {row["מספר לקוח"] for row in lines_of_accounts(sample_folder)}
    assert {row["Account"] for row in deals} <= accounts
    ids = {row["Opp ID"] for row in deals}
    assert {row["Opp ID"] for row in edits} - ids == {
        f["opportunity_id"] for f in planted["orphan_history"]
    }
    done = pl.read_parquet(sample_folder / "activities.parquet")["Opp ID"].drop_nulls()
    assert set(done) - ids == {f["opportunity_id"] for f in planted["orphan_activity"]}


def lines_of_accounts(folder) -> list[dict[str, str]]:
    text = (folder / "accounts.csv").read_bytes().decode("cp1255")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_accounts_are_hebrew_in_windows_1255(sample_folder) -> None:
    rows = lines_of_accounts(sample_folder)
    hebrew = [row for row in rows if re.search("[א-ת]", row["שם לקוח"])]
    assert len(rows) == 900
    assert 300 < len(hebrew) < 600
    with pytest.raises(UnicodeDecodeError):
        (sample_folder / "accounts.csv").read_text(encoding="utf-8")


def test_a_clean_preset_has_no_dirt(tmp_path) -> None:
    from spm_lib.simulate import simulate

    simulate("tiny", 1, tmp_path)
    assert (tmp_path / "truth" / "planted.csv").read_text(encoding="utf-8").count("\n") == 1
