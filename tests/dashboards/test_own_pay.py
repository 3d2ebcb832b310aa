"""What a deal pays a person, from that person's rows alone, is what the company's run pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from spm_lib.core.errors import ParameterError, PayError
from spm_lib.core.language import language
from spm_lib.dashboards.pay.own_page import read_amount
from spm_lib.dashboards.pay.own_pay import OwnPay, plan_of
from spm_lib.dashboards.pay.own_told import OwnTold
from spm_lib.incentives import calculate, pay_data_of, plan_from_text
from spm_lib.model import Company, company_from_frames
from spm_lib.store import ClientFolder
from spm_lib.workspace import settings_from_text
from tests.incentives.small import component, plan_text

FILE = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
[stages]
open = ["Open"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
"""
DAY = date(2026, 3, 20)
DEALS = [
    ("A", "R1", 4_000, "Won", "2026-01-10"),
    ("B", "R1", 3_000, "Won", "2026-03-02"),
    ("C", "R1", 2_500, "Won", "2026-03-05"),
    ("D", "R2", 91_234, "Won", "2026-03-07"),
    ("E", "R1", 5_000, "Open", None),
    ("F", "R1", None, "Open", None),
    ("G", "R2", 77_777, "Open", None),
]
TABLE = '{ kind = "table", of = "base", bands = [{ up_to = 6000, rate = 0.05 }, { rate = 0.1 }] }'
POOL = '{ kind = "pool", pool = 900, share = "equal", scaled = "fixed" }'
RULES = (
    component(TABLE)
    + component(POOL, id='"pool"', name='"Team pool"')
    + component(
        '{ kind = "rate", rate = 0.01 }',
        id='"late"',
        name='"Late"',
        release='{ on = "booking", holdback = 0.5, holdback_days = 60 }',
    )
    + '[cap]\non = "payment"\namount = 900\n'
)
CREDITS = """[[credits]]
id = "shared"
to = "splits"
[[credits]]
id = "owner"
to = "owner"
[[credits]]
id = "above"
kind = "rollup"
to = "manager"
"""
PLAN = plan_text(RULES).replace('[[credits]]\nid = "owner"\nto = "owner"\n', CREDITS)
PLAN = PLAN.replace('base = "amount"', 'base = "amount"\ncredits = ["shared", "owner"]')
SPLITS = "transaction_id,rep_id,share\nC,R1,0.6\nC,R2,0.4\nD,R2,1\n"


def company(scope: str | None = None, *, won: tuple[str, float] | None = None) -> Company:
    """Return two people under a manager; of ``won`` an open deal is won at an amount."""
    rows = [
        (i, r, won[1] if won and won[0] == i else a, "Won" if won and won[0] == i else s,
         "2026-01-02", DAY.isoformat() if won and won[0] == i else c)
        for i, r, a, s, c in DEALS
    ]  # fmt: skip
    columns = ["opportunity_id", "rep_id", "amount", "stage", "created_at", "closed_at"]
    reps = {"rep_id": ["R1", "R2", "M1"], "name": ["Noa", "Other Person", "Boss"],
            "role": ["rep", "rep", "manager"], "hired_on": ["2020-01-01"] * 3}  # fmt: skip
    members = {"rep_id": ["R1", "R2"], "team": ["T", "T"], "manager_id": ["M1", "M1"],
               "valid_from": ["2020-01-01"] * 2, "valid_to": [None, None]}  # fmt: skip
    frames = {
        "opportunities": pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None),
        "reps": pl.DataFrame(reps),
        "memberships": pl.DataFrame(members, schema_overrides={"valid_to": pl.String}),
    }
    return company_from_frames(frames, settings_from_text(FILE), as_of=DAY, scope=scope)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> ClientFolder:
    made = ClientFolder(tmp_path_factory.mktemp("acme"))
    made.plans.mkdir()
    (made.plans / "small.toml").write_text(PLAN, encoding="utf-8")
    (made.plans / "small.splits.csv").write_text(SPLITS, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def own(folder) -> OwnPay:
    alone = company("rep:R1")
    return OwnPay.of(alone, "R1", plan_of(folder, alone, "R1"), folder)


@pytest.fixture
def same_name(own) -> OwnPay:
    """The person's pay by a plan whose two tables have one name."""
    later = TABLE.replace("6000", "7000")
    plan = plan_from_text(plan_text(component(TABLE) + component(later, id='"late"')))
    run = calculate(plan, own.tables.data, through="2026-03")
    return replace(own, plan=plan, tables=replace(own.tables, plan=plan), run=run)


def whole_run(won=None):
    """Return everybody's run of the plan without its pool, by the company's own tables."""
    plan = plan_from_text(PLAN)
    plan = plan.model_copy(
        update={"components": tuple(c for c in plan.components if c.id != "pool")}
    )
    data = pay_data_of(company(won=won))
    shares = pl.DataFrame(
        {"transaction_id": ["C", "C", "D"], "rep_id": ["R1", "R2", "R2"],
         "share": ["0.6", "0.4", "1"]}
    ).with_columns(pl.col("share").cast(pl.Decimal(38, 12)), quota_share=None)  # fmt: skip
    typed = shares.cast(dict(data.splits.schema))  # type: ignore[arg-type]
    return calculate(
        plan, replace(data, splits=typed.select(data.splits.columns)), through="2026-03"
    )


def test_own_rows_pay_what_the_whole_company_pays(own):
    whole = whole_run()
    mine = whole.payments.filter(pl.col("rep_id") == "R1").sort(pl.all())
    assert own.run.payments.filter(pl.col("rep_id") == "R1").sort(pl.all()).equals(mine)
    assert own.so_far == {
        "period": whole.paid("R1", "2026-03"),
        "quarter": int(mine["amount"].sum()),
        "year": int(mine["amount"].sum()),
    }
    assert own.tables.left_out == ("Team pool",)
    people = own.tables.data.people
    assert set(people.filter(pl.col("rep_id") != "R1")["name"]) == {""}
    assert own.run.payments["rep_id"].unique().to_list() == ["R1"]


@pytest.mark.parametrize(("deal", "amount"), [("E", 5_000), ("E", 1_234.56), ("F", 9_000)])
def test_a_deal_pays_what_winning_it_pays(own, deal, amount):
    """Beside it: the company with that deal won on that day."""
    before, after = whole_run(), whole_run(won=(deal, amount))
    told = own.with_deal(round(amount * 100), deal)
    assert told.paid == after.paid("R1", "2026-03") - before.paid("R1", "2026-03")
    assert told.lines["change"].sum() == told.paid
    assert told.later == round(amount * 100) // 200
    assert told.opened.amount == after.paid("R1", "2026-03")
    lines = told.opened.table.filter(pl.col("level") == "line")
    assert lines["amount"].sum() == told.opened.amount


def test_the_next_band_and_what_it_is_worth(own):
    """4,500 credited in March; 5 % and 1 % (half of it later) up to 6,000, from there 10 %."""
    (band,) = own.bands
    assert (band.component, band.missing) == ("main", 1_500_00)
    assert band.brings == 1_500 * 6
    assert (band.below, band.above) == (1_000 * 6, 1_000 * 11)
    told = own.with_deal(1_000_00)
    assert told.missing == {"main": 500_00, "late": None}
    assert told.deal == "+"


def test_two_rules_of_one_name_each_tell_their_next_band(same_name):
    told = same_name.with_deal(1_000_00)
    assert told.missing == {"main": None, "late": 500_00}
    bands = OwnTold(same_name, language("en")).bands()
    assert bands.count("Main: ") == 2


def test_a_cap_of_the_payment_bites_and_is_a_line_of_its_own(own):
    told = own.with_deal(50_000_00)
    assert told.opened.amount == 900_00
    assert "cap" in told.lines["kind"].to_list()


def test_refusals(own, folder):
    for asked in ((0, "E"), (100, "G"), (100, "A")):
        with pytest.raises(ParameterError):
            own.with_deal(*asked)
    with pytest.raises(PayError, match="No pay plan"):
        plan_of(folder, company("rep:R1"), "R1", "other")
    later = ClientFolder(folder.root / "later")
    later.plans.mkdir(parents=True)
    for name in ("one", "two"):
        text = PLAN.replace('id = "small"', f'id = "{name}"')
        (later.plans / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PayError, match="Several pay plans"):
        plan_of(later, company("rep:R1"), "R1")
    (later.pay / "two").mkdir(parents=True)
    assert plan_of(later, company("rep:R1"), "R1").plan.id == "two", "what pays, not a draft"
    with pytest.raises(PayError, match="No pay plan"):
        plan_of(later, company("rep:R1"), "R1", "one")


@pytest.mark.parametrize("text", ["", "0", "-5", "many", "1e999", "NaN", "9" * 30, "5\n<b>"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ParameterError, match="above 0"):
        read_amount(text, "ILS")


@pytest.mark.parametrize("code", ["en", "he"])
def test_what_is_told_holds_nobody_else(own, code):
    write = OwnTold(own, language(code))
    told = "".join([write.so_far(), write.bands(), write.notes(),
                    write.deal(own.with_deal(5_000_00, "E"))])  # fmt: skip
    assert "Other Person" not in told
    assert "R2" not in told
    for amount in ("91,234", "77,777", "36,493"):
        assert amount not in told
    assert own.deals["opportunity_id"].to_list() == ["E", "F"]


def test_a_name_cannot_become_part_of_the_page(own):
    told = OwnTold(own, language("en")).deal(own.with_deal(100_00, named="<img src=x>"))
    assert "<img" not in told
    assert "&lt;img" in told


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("leave", "rep_id,valid_from,valid_to\nR2,2026-05-09,2026-05-09\n"),
        ("leave", "rep_id,valid_from,valid_to\nR2,2026-05-09,soon\n"),
        ("adjustments", "adjustment_id,rep_id,date,amount,kind,reason,approver\n"
         "A1,R2,2026-03-01,R2 owes,dispute,x,Dana\n"),
    ],
)  # fmt: skip
def test_a_broken_file_tells_the_person_nothing_of_others(folder, table: str, text: str):
    """Whose leave is torn, and what somebody else is owed, is for who works out the pay."""
    file = folder.plans / f"small.{table}.csv"
    file.write_text(text, encoding="utf-8")
    alone = company("rep:R1")
    try:
        with pytest.raises(PayError, match=f"small.{table}.csv") as error:
            OwnPay.of(alone, "R1", plan_of(folder, alone, "R1"), folder)
    finally:
        file.unlink()
    assert "R2" not in str(error.value)
    assert "2026-05-09" not in str(error.value)
    assert "mend the file" in str(error.value)
