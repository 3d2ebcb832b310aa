"""A letter tells one person the own plan: the numbers by a second route, and nobody else's."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter

import spm_lib
from spm_lib.core.catalogue import catalogue
from spm_lib.core.errors import TeamError
from spm_lib.core.language import language
from spm_lib.incentives.plan.pays import Pays
from spm_lib.store import ClientFolder
from spm_lib.team import Letter, LetterFiles, LetterMaker, letter_maker
from spm_lib.team.letters.changes import letter_changes
from spm_lib.team.letters.letter_terms import LetterTerms, letter_terms
from spm_lib.team.letters.pay_in_words import PayInWords
from spm_lib.team.letters.wording import Line

from .small_team import PLAN, company, plan, write_client

EN, HE = language("en"), language("he")
TERMS = LetterTerms.model_validate(
    {"base_pay": ({"amount": "144000", "per": "year"},), "dispute_days": 30,
     "leave": "Less target.", "leaving": {"en": "Paid out.", "he": "משולם."}}
)  # fmt: skip


@pytest.fixture(scope="module")
def maker() -> LetterMaker:
    whole = company()
    made = letter_maker(whole, None, client=ClientFolder(Path("nowhere")))
    paid = plan()
    window = replace(made.window, start=paid.plan.valid_from, end=paid.plan.valid_to)
    return replace(made, pay=paid, terms=TERMS, window=window)


@pytest.fixture(scope="module")
def letter(maker: LetterMaker) -> Letter:
    return maker.letter("R1")


def told(letter: Letter, tongue=EN) -> str:
    lines = [line for c in letter.clauses for line in (*c.lines, *c.missing)]
    return "\n".join(line.tell(tongue) for line in lines)


def by_hand(attainment: Decimal) -> int:
    """Return a year's pay in minor units as the plan's text says: from 50 %, x 1.5 above, cap."""
    target = 48_000_00
    share = max(Decimal(0), (min(attainment, Decimal(1)) - Decimal("0.5")) / Decimal("0.5"))
    share += max(Decimal(0), attainment - 1) * Decimal("1.5")
    return int(target * min(share, Decimal("1.2")))


def test_worked_pay_is_that_of_the_plan_s_own_words(letter: Letter) -> None:
    assert {w.attainment: w.pay for w in letter.worked} == {
        step: by_hand(step) for step in map(Decimal, ("0.5", "0.8", "1", "1.2"))
    }
    assert [w.sales for w in letter.worked] == [600_000_00, 960_000_00, 1_200_000_00, 1_440_000_00]
    assert by_hand(Decimal("1.2")) == 57_600_00, "the cap bites"


def test_target_pay_mix_and_indicators_add_up(letter: Letter) -> None:
    assert letter.target == sum(t.value for t in letter.targets) == 1_200_000_00
    assert (letter.variable, letter.base_pay) == (48_000_00, 144_000_00)
    assert letter.on_target == 192_000_00
    own = {f.metric: f.value for f in letter.kpis}
    assert (own["won.count"], own["deal.mean_amount"]) == ("12", "50000.00")
    assert "24 won deals" in told(letter), "1,200,000 / 50,000"
    assert (letter.team, letter.manager) == ("North", "Dana")


def test_nothing_of_anybody_else_is_in_a_letter(letter: Letter) -> None:
    body = letter.model_dump_json()
    for secret in ("R2", "Secret", "7777777", "93333324", '"D0"'):
        assert secret not in body


def test_what_is_not_known_is_said_where_it_would_stand(maker: LetterMaker) -> None:
    bare = replace(maker, pay=None, terms=LetterTerms()).letter("R1")
    assert (bare.worked, bare.variable, bare.on_target) == ((), None, None)
    for part in ("mix", "measures", "rates", "worked", "crediting", "odds", "leave", "questions"):
        assert bare.clause(part).missing, part
    boss = maker.letter("M1")
    assert boss.target is None
    assert "no target" in boss.clause("target").missing[0].tell(EN)
    assert "does not pay your role" in boss.clause("mix").missing[0].tell(EN)


def test_the_fingerprint_is_of_what_it_says_and_nothing_else(
    letter: Letter, maker: LetterMaker
) -> None:
    assert maker.letter("R1").hash == letter.hash
    assert Letter.model_validate_json(letter.model_dump_json()).hash == letter.hash
    for changed in ({"target": 1}, {"manager": "Ron"}, {"clauses": letter.clauses[1:]}):
        assert letter.model_copy(update=changed).hash != letter.hash


def test_a_new_version_says_what_changed_and_the_same_words_make_none(
    tmp_path: Path, letter: Letter, maker: LetterMaker
) -> None:
    files = LetterFiles(ClientFolder(tmp_path))
    first = files.issue(letter, on=date(2026, 12, 31))
    assert (first.version, first.changes) == (1, ())
    assert files.issue(letter, on=date(2027, 1, 5)) == first, "nothing changed: the same letter"
    raised = replace(maker, company=company("110000")).letter("R1")
    second = files.issue(raised, on=date(2027, 1, 6))
    assert second.version == 2
    assert second.changes[0].tell(EN) == "Target: ₪1,320,000, before ₪1,200,000."
    assert {"Changed: Worked pay.", "Changed: Key indicators behind the target."} == {
        line.tell(EN) for line in second.changes[1:]
    }
    assert files.all_of("R1") == [first, second]
    assert files.people() == ["R1"]
    assert files.last_of("R2") is None


def test_a_changed_rule_is_named_by_its_part(letter: Letter, maker: LetterMaker) -> None:
    stricter = plan(PLAN.replace("factor = 1.5", "factor = 2"))
    after = replace(maker, pay=stricter).letter("R1")
    said = [line.tell(EN) for line in letter_changes(letter, after)]
    assert said == ["Changed: Rates, accelerators and caps."], "the cap holds worked pay"


WAYS = {
    '{ kind = "rate", rate = 0.05 }': "Pays 5% of sales.",
    '{ kind = "table", of = "base", bands = [{ up_to = 50000, rate = 0.01 }, { rate = 0.02 }] }': (
        "Pays by bands of sales: 1% up to ₪50,000 and 2% above; "
        "each band pays for its own part only."
    ),
    '{ kind = "curve", points = [{ attainment = 0.5, payout = 0 }, { attainment = 1, payout = 1 }'
    '], beyond = "flat" }': (
        "Pays 0% of target pay at 50% of quota and 100% of target pay at 100% of quota, in "
        "straight lines between them."
    ),
    '{ kind = "bonus", amount = 500, per = "period", at_least = 10000 }': (
        "Pays ₪500 once in a period that reaches ₪10,000."
    ),
    '{ kind = "pool", pool = 9000, share = "equal", scaled = "fixed" }': (
        "A pool of ₪9,000 is shared out equally among the people of the plan."
    ),
    '{ kind = "contest", prizes = [5000, 3000], ties = "shared" }': (
        "Prizes by rank: ₪5,000 and ₪3,000."
    ),
}


@pytest.mark.parametrize("pays", WAYS)
def test_each_way_to_pay_is_told_in_words(pays: str) -> None:
    known = plan()
    content = tomllib.loads(f"pays = {pays}", parse_float=Decimal)["pays"]
    way = TypeAdapter(Pays).validate_python(content)
    component = known.components[0].model_copy(update={"pays": way, "cap": None})
    words = PayInWords(known)
    assert words.component(component)[0].tell(EN) == WAYS[pays]
    assert not [w for line in words.component(component) for w in untranslated(line)]


def test_a_rule_of_some_deals_and_some_days_says_so() -> None:
    known = plan(
        PLAN.replace('quota = "won.amount"', 'quota = "won.amount"\nwhere = { type = "new" }')
        .replace('tag = "premium"', 'tag = "premium"\nvalid_from = 2027-04-01')
        .replace('valid_from = 2027-04-01', 'valid_from = 2027-04-01\nvalid_to = 2027-07-01')
    )  # fmt: skip
    words = PayInWords(known)
    said = [line.tell(EN) for line in words.component(known.components[0])]
    assert words.base_of("sales").tell(EN) == "sales (type: new)"
    assert "It pays from 1 Apr 2027 on." in said
    assert "It pays until 30 Jun 2027." in said


def untranslated(line: Line) -> list[str]:
    """Return the message ids of a line, and of the lines inside, that have no Hebrew."""
    known = catalogue("he").texts
    found = [] if line.text in known else [line.text]
    for value in line.values.values():
        for part in getattr(value, "parts", (value,)):
            if isinstance(part, Line):
                found += untranslated(part)
            elif part.kind == "known" and part.text not in known:
                found.append(part.text)
    return [text for text in found if text.strip("{}") != "measure" and "said" not in text]


def test_a_letter_is_told_in_hebrew_whole(letter: Letter, maker: LetterMaker) -> None:
    bare = replace(maker, pay=None, terms=LetterTerms()).letter("R1")
    for one in (letter, bare):
        lines = [line for c in one.clauses for line in (*c.lines, *c.missing)]
        assert not [text for line in lines for text in untranslated(line)]
    assert "משולם." in told(letter, HE)
    assert "Paid out." not in told(letter, HE)


def test_letter_terms_tell_all_faults_at_once(tmp_path: Path) -> None:
    file = tmp_path / "letter.toml"
    file.write_text(
        'dispute_days = 0\nkpis = ["win_rate"]\npurpse = "x"\n[[base_pay]]\nper = "week"\n',
        encoding="utf-8",
    )
    with pytest.raises(TeamError) as refused:
        letter_terms(file)
    for part in ("dispute_days", "kpis 1", "Did you mean 'purpose'", "base_pay 1 amount", "week"):
        assert part in str(refused.value), part
    file.write_bytes(b'\xef\xbb\xbf[[base_pay]]\namount = 12345.67\nper = "month"\n')
    assert letter_terms(file).base_pay[0].amount == Decimal("12345.67"), "money is never a float"
    for broken in (b"purpose = \xff", b"x = " + b"[" * 5000, b"amount = " + b"9" * 5000):
        file.write_bytes(broken)
        with pytest.raises(TeamError, match="is not valid TOML in UTF-8"):
            letter_terms(file)
    odd = ("kpis = [5]", '[[base_pay]]\namount = 1e400\nper = "month"')
    for text, place in zip(odd, ("kpis 1: found 5", "base_pay 1 amount: found 1E"), strict=True):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(TeamError) as refused:
            letter_terms(file)
        assert place in str(refused.value)


def test_a_client_with_two_plans_in_force_must_name_one(tmp_path: Path) -> None:
    file = write_client(tmp_path / "acme")
    whole, client = spm_lib.open(file, as_of="2026-12-31"), ClientFolder.of(file)
    assert letter_maker(whole, None, client=client).window.start == date(2027, 1, 1)
    again = PLAN.replace("field-2027", "other")
    (client.plans / "other.toml").write_text(again, encoding="utf-8")
    with pytest.raises(TeamError, match="field-2027, other"):
        letter_maker(whole, None, client=client)
    assert letter_maker(whole, None, pay_plan="other", client=client).pay is not None
