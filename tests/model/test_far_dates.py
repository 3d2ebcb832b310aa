"""Days that stand for something else: 9999-12-31 for never, year 1 for nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.errors import ParameterError
from spm_lib.metrics import measure
from spm_lib.model import check_workspace, company_from_frames
from tests.model.test_checking import FILE

DAY = date(2026, 2, 1)
AMOUNTS = pl.Series("amount", [10, 20, 30])
WRITTEN = {
    "days": ["2026-02-10", "9999-12-31", "1899-12-30"],
    "times": ["2026-02-10 10:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"],
    "typed days": [date(2026, 2, 10), date(9999, 12, 31), date(1, 1, 1)],
    "typed times": [
        datetime(2026, 2, 10, 10, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
    "clock times": [datetime(2026, 2, 10, 10), datetime(9999, 12, 31), datetime(1, 1, 1)],  # noqa: DTZ001
}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("zone", ["Asia/Jerusalem", "America/New_York"])
def test_a_close_that_nobody_can_mean_is_unreadable(settings_of, form: str, zone: str) -> None:
    deals = pl.DataFrame(
        {"opportunity_id": ["a", "b", "c"], "stage": ["Won"] * 3, "created_at": [DAY] * 3}
    ).with_columns(AMOUNTS, closed_at=pl.Series(WRITTEN[form]))
    co = company_from_frames({"opportunities": deals}, settings_of(timezone=zone))
    assert co.exported_on == co.as_of == date(2026, 2, 10)
    part = co.receipt("opportunities").set_aside["unreadable closed_at"]
    assert (part.rows, part.amount) == (2, 5000)
    assert co.rows("opportunities").collect().to_native().rows()  # every value is one of Python's
    for by in ("week", "month", "year"):
        assert measure(co, "won.amount", by=by).frame["value"].sum() == 1000


def test_an_end_that_never_comes_is_no_end(settings, frame_of) -> None:
    deals = frame_of(
        [
            {
                "opportunity_id": "a",
                "rep_id": "ann",
                "stage": "Won",
                "amount": 1,
                "created_at": DAY,
            },
            {
                "opportunity_id": "b",
                "rep_id": "bob",
                "stage": "Won",
                "amount": 2,
                "created_at": DAY,
            },
        ]
    ).with_columns(closed_at=pl.lit(DAY))
    members = frame_of(
        [
            {"rep_id": "ann", "team": "N", "valid_from": "0001-01-01", "valid_to": "9999-12-31"},
            {"rep_id": "bob", "team": "S", "valid_from": "2020-01-01", "valid_to": "2199-12-31"},
        ]
    )
    reps = frame_of([{"rep_id": "ann", "hired_on": "1753-01-01", "left_on": "2999-01-01"}])
    frames = {"opportunities": deals, "memberships": members, "reps": reps}
    co = company_from_frames(frames, settings)
    assert measure(co, "won.amount", by="team").frame.select("team", "value").rows() == [
        ("N", 100),
        ("S", 200),
    ]
    held = co.book.tables["memberships"].select("valid_from", "valid_to").rows()
    assert held == [(None, None), (date(2020, 1, 1), date(2199, 12, 31))]
    assert co.table("reps").select("hired_on", "left_on").rows() == [(None, None)]


def test_the_row_is_named_and_can_be_mended_or_declared(tmp_path: Path) -> None:
    rows = ["id,stage,made,close,sum", "1,Won,1/2/2026,20/2/2026,5", "2,Lead,1/2/2026,31/12/9999,7"]
    (tmp_path / "deals.csv").write_text("\n".join(rows))
    (tmp_path / "spm.toml").write_text(FILE)
    found = check_workspace(tmp_path / "spm.toml")
    assert found.quarantine["opportunities"].select("row", "column", "value", "reason").rows() == [
        (3, "close", "31/12/9999", "unreadable closed_at")
    ]
    never = FILE.replace('dates = "day-first"', 'dates = "day-first"\nmissing = ["", "31/12/9999"]')
    (tmp_path / "spm.toml").write_text(never)
    assert measure(spm_lib.open(tmp_path / "spm.toml"), "open.amount").frame["value"].item() == 700


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", date(1899, 12, 31), "30/06/2026"])
def test_a_day_that_nobody_can_mean_is_refused(settings, day) -> None:
    deals = pl.DataFrame({"opportunity_id": ["a"], "stage": ["Lead"], "created_at": [DAY]})
    with pytest.raises(ParameterError, match=r"1900 to 2200|Write it as 2026-01-31"):
        company_from_frames({"opportunities": deals}, settings, as_of=day)


def test_a_delimiter_of_any_script_splits_fields(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        'idאstageאmadeאcloseאsum\n1אWonא1/2/2026א20/2/2026א5\n2אWonא1/2/2026א21/2/2026א"6"\n'
    )
    (tmp_path / "spm.toml").write_text(FILE.replace("dates =", 'delimiter = "א"\ndates ='))
    assert measure(spm_lib.open(tmp_path / "spm.toml"), "won.amount").frame["value"].item() == 1100
