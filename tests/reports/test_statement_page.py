"""The statement of pay: the numbers of the kept files, to the cent, and of no one else's rows."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import spm_lib
from spm_lib.core.months import months_after
from spm_lib.incentives import (
    PayFiles,
    calculate,
    load_plan,
    paid_period,
    pay_data_of,
    read_decided,
    with_corrections,
)
from spm_lib.incentives.paid.paid_period import Average, Stretch
from spm_lib.model import company_from_frames, scope_named
from spm_lib.reports import StatementPage, build_document, run_report
from spm_lib.reports.document import Document
from spm_lib.reports.pages.statement_paid import outcome_text
from spm_lib.store import ClientFolder
from spm_lib.team import Desk, open_register
from spm_lib.team.register.event import Author, Change, Key
from spm_lib.workspace import load_settings, settings_from_text
from tests.team.people import ANALYST, response
from tests.team.people import letter as issued
from tests.team.registers import START

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "cover", "summary", "head", "team", "credited", "calculation", "payment", "derivation",
    "average", "definitions",
)  # fmt: skip
FOREIGN = """
version = 1
[workspace]
id = "acme"
name = "Acme"
currency = "ILS"
as_of = "2026-02-28"
[stages]
open = ["Lead"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
[tables.fx_rates]
path = "rates.csv"
"""
pytestmark = pytest.mark.slow  # pay of a whole company


def keep(client: ClientFolder, *periods: str, close: bool = False) -> None:
    """Work out and keep periods, as ``spm pay calculate`` (and ``close``) do."""
    plan = load_plan(client.plans / "field-2026.toml")
    decided = read_decided(plan, client.plans)
    company = spm_lib.open(client.workspace)
    data = pay_data_of(company, "opportunities", **decided)
    files = PayFiles(client, "field-2026")
    for period in periods:
        run = with_corrections(calculate(plan, data, through=period), files)
        files.keep(run, period, as_of=company.as_of)
        for step in ("reviewed", "approved", "closed") if close else ():
            files.move(period, step, by="Dana")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> ClientFolder:
    """The sample company: June and July closed, August with a correction and an adjustment."""
    goal = tmp_path_factory.mktemp("pay") / "sample"
    shutil.copytree(ROOT / "data" / "sample", goal, ignore=shutil.ignore_patterns("truth"))
    page = (ROOT / "docs" / "pay.md").read_text("utf-8")
    folder = ClientFolder.of(goal / "spm.toml")
    folder.plans.mkdir(exist_ok=True)
    plan = page.split("```toml\n", 1)[1].split("```", 1)[0]
    plan = plan.replace("valid_from = 2026-01-01", "valid_from = 2026-06-01")
    plan += '\n[currency]\nrate = "fixed"\nfixed = { USD = 3.4725 }\n'
    (folder.plans / "field-2026.toml").write_text(plan, encoding="utf-8")
    keep(folder, "2026-06", "2026-07", close=True)
    (folder.plans / "field-2026.adjustments.csv").write_text(
        "adjustment_id,rep_id,date,amount,kind,reason,approver,transaction_id\n"
        "A1,R12,2026-08-31,-120.55,dispute,late order,Dana,\n"
        "A2,R12,2026-07-31,10.05,dispute,forgotten,Dana,\n",
        encoding="utf-8",
    )
    (folder.plans / "field-2026.payees.csv").write_text("rep_id,currency\nR12,USD\n", "utf-8")
    keep(folder, "2026-08")
    return folder


def rows(client: ClientFolder, name: str, period: str = "2026-08") -> list[dict[str, str]]:
    """Return a kept file as the csv module reads it: the second route."""
    file = client.pay / "field-2026" / period / "v1" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def built(client: ClientFolder, scope: str, **options: str) -> Document:
    page = StatementPage(str(client.workspace), scope=scope, **options)
    blocks = [getattr(page, name)() for name in PARTS]
    return build_document([block for block in blocks if block is not None], title="page")


def test_final_pay_is_the_sum_of_the_kept_lines_to_the_cent(client: ClientFolder) -> None:
    due: dict[str, int] = {}
    for row in rows(client, "payments"):
        due[row["rep_id"]] = due.get(row["rep_id"], 0) + int(row["amount"])
    document = built(client, "")
    told = {f.by["rep_id"]: f.value for f in document.figures
            if f.metric == "pay.final" and "rep_id" in f.by}  # fmt: skip
    assert {rep: Decimal(value or 0) * 100 for rep, value in told.items() if rep in due} == due
    assert {value for rep, value in told.items() if rep not in due} <= {"0.00"}
    (whole,) = [f for f in document.figures if f.metric == "pay.final" and "rep_id" not in f.by]
    assert Decimal(whole.value or 0) * 100 == sum(due.values())


def test_lines_corrections_and_deals_are_those_of_the_files(client: ClientFolder) -> None:
    document = built(client, "rep:R12")
    told = [(f.metric, f.by, Decimal(f.value)) for f in document.figures if f.value is not None]
    lines = {by["line"]: v * 100 for metric, by, v in told
             if metric == "pay.line" and "line" in by}  # fmt: skip
    mine = [row for row in rows(client, "payments") if row["rep_id"] == "R12"]
    mine_paid = mine
    shown = {r["line"]: int(r["amount"]) for r in mine if r["kind"] != "correction"}
    assert lines == shown
    (correction,) = [row for row in rows(client, "corrections") if row["rep_id"] == "R12"]
    assert int(correction["difference"]) == 1005
    parts = {m.rpartition(".")[2]: v * 100 for m, _, v in told if ".correction." in m}
    assert parts == {k: int(correction[k]) for k in ("original", "corrected", "difference")}
    credited = {by["deal"]: v * 100 for metric, by, v in told if metric == "pay.credited"}
    mine = [row for row in rows(client, "credits") if row["rep_id"] == "R12"]
    assert credited == {row["transaction_id"]: int(row["pay.amount"]) for row in mine}
    brought = {by["deal"]: v * 100 for metric, by, v in told if metric == "pay.deal"}
    earned = [int(r["amount"]) for r in rows(client, "earnings") if r["rep_id"] == "R12"]
    assert sum(brought.values()) == sum(earned) != 0
    assert set(brought) - {""} <= set(credited)
    head = json.dumps(document.blocks[2].payload())
    day = spm_lib.open(client.workspace).as_of.isoformat()
    assert re.search(f'"Worked out as of".{{0,80}}"{day}"', head)
    (out,) = {f.value for f in document.figures if f.metric == "pay.payout"}
    final = Decimal(sum(int(row["amount"]) for row in mine_paid)) / 100 / Decimal("3.4725")
    assert Decimal(out or 0) == round(final, 2)
    summary = json.dumps(document.blocks[1].payload(), ensure_ascii=False)
    assert re.search(r"It is paid out as \S*\$[\d,]+\.\d\d\S*, at \S*3\.4725\S* ILS", summary)
    rates = {metric: value for metric, _, value in told if metric.endswith("rate")}
    assert rates["pay.payout.rate"] == Decimal("3.4725")
    assert "pay.exchange_rate" not in rates, "no deal of this person is in another currency"
    ids = {metric for metric, _, _ in told}
    assert {"pay.base", "pay.quota", "pay.attainment", "pay.earned", "pay.quota.stated"} <= ids


def test_the_average_is_that_of_the_worked_months(client: ClientFolder) -> None:
    total = 0
    for period in ("2026-06", "2026-07", "2026-08"):
        total += sum(
            int(row["amount"])
            for row in rows(client, "payments", period)
            if row["rep_id"] == "R01" and row["component"] == "attainment"
        )
    paid = paid_period(client, rep_ids=["R01"]).of("R01")
    assert paid is not None
    (average,) = [row for row in paid.averages if row.tag == "premium"]
    assert (average.months, average.total) == (3, total)
    assert abs(average.mean * 3 - total) <= 1


def test_months_with_leave_are_no_worked_ones(client: ClientFolder) -> None:
    file = client.plans / "field-2026.leave.csv"
    before = paid_period(client, rep_ids=["R01"]).of("R01")
    said = "leave is not in the data"
    assert before is not None
    assert said in str(built(client, "rep:R01").blocks[-2].payload())
    file.write_text("rep_id,valid_from,valid_to\nR01,2026-07-20,2026-08-01\n", encoding="utf-8")
    try:
        told = paid_period(client, rep_ids=["R01", "R12"])
        assert said not in str(built(client, "rep:R01").blocks[-2].payload())
    finally:
        file.unlink()
    (after, other) = told.people
    july = sum(
        int(row["amount"])
        for row in rows(client, "payments", "2026-07")
        if row["rep_id"] == "R01" and row["component"] == "attainment"
    )
    premium = [next(a for a in p.averages if a.tag == "premium") for p in (before, after)]
    assert [a.months for a in premium] == [3, 2]
    assert premium[0].total - premium[1].total == july
    assert len(other.worked) == 3


@pytest.mark.parametrize(
    ("language", "said"), [("en", "The plan changed within"), ("he", "התוכנית השתנתה בתוך")]
)
def test_a_change_of_the_plan_gives_each_stretch_its_own_mean(
    client: ClientFolder, tmp_path: Path, language: str, said: str
) -> None:
    pay = paid_period(client, rep_ids=["R01"])
    (person,) = pay.people
    months = {"2026-06-01": 6000, "2026-07-01": 9000}
    split = [
        Stretch(start=day, end=months_after(day, 1), averages=(
            Average(tag="premium", months=1, total=paid, mean=paid),))
        for day, paid in ((date.fromisoformat(d), paid) for d, paid in months.items())
    ]  # fmt: skip
    changed = person.model_copy(
        update={"stretches": tuple(split), "plan_changes": (split[1].start,)}
    )
    file = tmp_path / "paid.json"
    file.write_text(outcome_text(pay.model_copy(update={"people": (changed,)})), encoding="utf-8")
    page = StatementPage(str(client.workspace), scope="rep:R01", language=language, paid=str(file))
    section = page.average()
    assert section is not None
    assert said in json.dumps(section.payload(), ensure_ascii=False)
    told = {f.by["from"]: f.value for f in build_document([section], title="page").figures
            if "from" in f.by and "part" not in f.by}  # fmt: skip
    assert told == {"2026-06-01": "60.00", "2026-07-01": "90.00"}


def test_leave_of_somebody_unknown_is_told_by_name_to_who_may_see_everybody(
    client: ClientFolder,
) -> None:
    file = client.plans / "field-2026.leave.csv"
    file.write_text("rep_id,valid_from,valid_to\nR9999,2026-07-20,2026-08-01\n", encoding="utf-8")
    try:
        own, whole = (str(built(client, scope).blocks[1].payload()) for scope in ("rep:R01", ""))
        hebrew = str(built(client, "rep:R01", language="he").blocks[1].payload())
    finally:
        file.unlink()
        said = "field-2026.leave.csv names people whom nobody knows."
    assert said in own
    assert said in whole
    assert "R9999" in whole
    assert "R9999" not in own
    assert "לתקן את הקובץ" in hebrew
    assert "R9999" not in hebrew


def test_the_version_of_the_plan_that_was_signed_is_told(client: ClientFolder) -> None:
    desk = Desk(open_register(load_settings(client.workspace)), ANALYST)
    year = {"start": date(2026, 1, 1), "end": date(2027, 1, 1)}
    for rep, versions in {"R12": (1, 2), "R05": (1,)}.items():
        for version in versions:
            made = replace(issued(rep, version), **year)
            desk.write("letter", made, seen=0, at=START)
    first = response("R12", read_on=date(2026, 1, 7), decision="accept_with_remarks",
                     remarks="steep")  # fmt: skip
    desk.write("response", first, seen=0, at=START)
    try:
        signed, waiting, none = (
            [str(b.payload()) for b in built(client, f"rep:{rep}").blocks][-3]
            for rep in ("R12", "R05", "R01")
        )
        hebrew = str(built(client, "rep:R12", language="he").blocks[-3].payload())
    finally:
        (client.root / "team.db").unlink()
    letter = first.letter[:8]
    assert f"Plan letter: version 1 ({letter}), accepted with remarks on 7 Jan 2026." in signed
    assert "Version 2 was handed out since, and is not answered." in signed
    assert "גרסה 2, ועדיין לא נענתה" in hebrew
    assert "was handed out, and not answered." in waiting
    assert "since" not in waiting
    assert "Plan letter" not in none
    assert f"({letter})" in hebrew
    assert "מכתב התוכנית: גרסה 1" in hebrew


def test_a_register_that_cannot_be_read_holds_up_no_pay(client: ClientFolder) -> None:
    register = open_register(load_settings(client.workspace))
    torn = Change(Key("letter", "R12", "1"), {"said": "by other hands"})
    register.write(torn, author=Author("dana"), at=START)
    try:
        document = built(client, "rep:R12")
    finally:
        (client.root / "team.db").unlink()
    assert [f.value for f in document.figures if f.metric == "pay.final"]
    assert "Plan letter" not in str([block.payload() for block in document.blocks])


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_scope_holds_its_own_rows_only(client: ClientFolder, language: str) -> None:
    document = built(client, "rep:R12", language=language)
    body = json.dumps([block.payload() for block in document.blocks], ensure_ascii=False)
    names = spm_lib.open(client.workspace).table("reps").select("rep_id", "name").rows()
    others = [name for rep, name in names if rep != "R12"]
    assert not [name for name in others if f'"{name}"' in body]
    foreign = {r["transaction_id"] for r in rows(client, "credits") if r["rep_id"] != "R12"}
    assert foreign
    assert not [deal for deal in foreign if deal in body]


def test_a_manager_sees_the_sums_of_the_own_team_and_no_deal(client: ClientFolder) -> None:
    company = spm_lib.open(client.workspace)
    manager = company.table("memberships")["manager_id"].drop_nulls().sort()[0]
    document = built(client, f"manager:{manager}", language="he")
    told = {f.by["rep_id"] for f in document.figures if "rep_id" in f.by}
    under = company.within(scope_named(company, f"manager:{manager}"))
    assert told
    assert told <= set(under.table("reps")["rep_id"])
    assert not [f for f in document.figures if f.metric == "pay.credited"]
    (whole,) = [f for f in document.figures if f.metric == "pay.final" and "rep_id" not in f.by]
    parts = [f for f in document.figures if f.metric == "pay.final" and "rep_id" in f.by]
    assert Decimal(whole.value or 0) == sum(Decimal(f.value or 0) for f in parts)


def test_a_correction_says_why_in_hebrew(client: ClientFolder) -> None:
    body = json.dumps([b.payload() for b in built(client, "rep:R12", language="he").blocks],
                      ensure_ascii=False)  # fmt: skip
    assert "היתרות שלפני כן השתנו" in body
    assert "השגה: late order (Dana)" in body


def test_a_period_that_nobody_worked_out_says_what_to_run(client: ClientFolder) -> None:
    text = json.dumps([b.payload() for b in built(client, "rep:R12", period="2026-01").blocks])
    assert "spm pay calculate field-2026 2026-01" in text


def test_a_run_prints_the_pay_on_a4_in_every_format(client: ClientFolder, tmp_path: Path) -> None:
    place = run_report(
        "statement",
        workspace=client.workspace,
        scopes=["rep:R12"],
        language="he",
        parameters={"period": "2026-07"},
        formats=("html", "pdf", "xlsx"),
        output=tmp_path,
    )
    folder = place.path
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    final = next(f["value"] for f in figures if f["metric"] == "pay.final")
    mine = [row for row in rows(client, "payments", "2026-07") if row["rep_id"] == "R12"]
    assert Decimal(final) * 100 == sum(int(row["amount"]) for row in mine)
    from pypdf import PdfReader

    printed = PdfReader(folder / "report.pdf")
    assert f"{Decimal(final):,.2f}" in "".join(page.extract_text() for page in printed.pages)
    assert abs(float(printed.pages[0].mediabox.width) - 595) < 1, "A4"
    assert (folder / "report.xlsx").is_file()


def test_a_foreign_deal_tells_the_rate_that_its_amount_was_converted_by() -> None:
    """Beside it: the amount that the model itself converted."""
    deals = pl.DataFrame(
        {"opportunity_id": ["A", "B"], "rep_id": ["R1", "R1"], "stage": ["Won", "Won"],
         "created_at": ["2026-01-01"] * 2, "closed_at": ["2026-02-10", "2026-02-11"],
         "amount": ["100", "50"], "currency": ["USD", "ILS"]}
    )  # fmt: skip
    rates = pl.DataFrame(
        {"currency": ["USD"] * 3, "date": ["2026-01-31", "2026-02-09", "2026-02-11"],
         "rate": ["3.6", "3.71", "3.9"]}
    )  # fmt: skip
    settings = settings_from_text(FOREIGN)
    page = StatementPage.__new__(StatementPage)
    page.company = company_from_frames({"opportunities": deals, "fx_rates": rates}, settings)
    ((deal, (currency, rate)),) = page._rates.items()
    assert (deal, currency, rate) == ("A", "USD", Decimal("3.71"))
    worth = dict(page.company.table("opportunities").select("opportunity_id", "amount").rows())
    assert rate is not None
    assert worth["A"] == 100_00 * rate
