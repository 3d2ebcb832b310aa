"""What one person reads of the others: of one group, nothing exact, nobody's own number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta

import polars as pl
import pytest

from spm_lib.model import Company, company_from_frames
from spm_lib.reps import Peers, peers_of
from spm_lib.workspace import Settings, settings_from_text

TEXT = """
version = 1
[workspace]
id = "small"
name = "Small"
currency = "USD"
[stages]
open = ["Open"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
columns = { opportunity_id = "id", stage = "stage" }
"""
AS_OF = date(2026, 9, 30)
YEAR = "2025-10-01/2026-10-01"
Person = tuple[int, int, int]  # closed, won, money of a won deal
NORTH: dict[str, Person] = {
    "R02": (83, 31, 8123),
    "R03": (71, 22, 9377),
    "R04": (94, 29, 7411),
    "R05": (67, 18, 9019),
    "R06": (88, 33, 6733),
    "R07": (79, 24, 8641),
}


def settings() -> Settings:
    return settings_from_text(TEXT)


def company(people: Mapping[str, Person], *, alone: str = "", still_open: int = 9) -> Company:
    """Make a company of these people, all of team North but one, with open deals each."""
    deals = []
    for rep, (closed, won, money) in people.items():
        for number in range(closed + still_open):
            day = AS_OF - timedelta(3 + number * 350 // (closed + still_open))
            done = number < closed
            stage = ("Won" if number < won else "Lost") if done else "Open"
            deals.append(
                {
                    "opportunity_id": f"{rep}-{number}",
                    "rep_id": rep,
                    "stage": stage,
                    "amount": money + number,
                    "created_at": day - timedelta(40 + len(rep) * number % 30),
                    "closed_at": day if done else None,
                }
            )
    teams = [
        {"rep_id": rep, "team": "South" if rep == alone else "North", "valid_from": "2020-01-01"}
        for rep in people
    ]
    frames = {"opportunities": pl.DataFrame(deals), "memberships": pl.DataFrame(teams)}
    return company_from_frames(frames, settings(), as_of=AS_OF)


def told(made: Company, rep: str) -> Peers:
    return peers_of(made, window=made.calendar.parse_window(YEAR)).of(rep)


def of_gap(peers: Peers, against: str = "team") -> dict[str, int]:
    return {part.term: part.amount for part in peers.gaps if part.against == against}


def inverted(peers: Peers, own: Mapping[str, float]) -> dict[str, float]:
    """Undo the decomposition as a reader could who knows the own factors."""
    parts = of_gap(peers)
    luck = parts.pop("luck")
    reference = next(p.reference for p in peers.gaps if p.against == "team")
    now = reference + sum(parts.values())
    mean = (now - reference) / math.log(now / reference)
    assert luck is not None
    return {term: own[term] / math.exp(parts[term] / mean) for term in own}


def test_the_others_of_the_gap_are_those_of_the_other_numbers() -> None:
    """Who sits alone in another team leaves no trace on the page of a team of six."""
    pages = [
        told(company({**NORTH, "R01": lone}, alone="R01"), "R03")
        for lone in ((125, 38, 9555), (12, 11, 200))
    ]
    for page in pages:
        assert (page.level, page.others) == ("team", 5)
        assert page.value("peers.win_rate") is not None
        assert of_gap(page)
    first, second = pages
    assert first.values == second.values
    references = [{p.reference for p in page.gaps if p.against == "team"} for page in pages]
    assert references[0] == references[1]
    assert len(references[0]) == 1


def test_an_inverted_gap_gives_the_rounded_numbers_of_the_page_only() -> None:
    page = told(company({**NORTH, "R01": (125, 38, 9555)}, alone="R01"), "R03")
    closed, won, money = NORTH["R03"]
    size = money + (won - 1) / 2
    found = inverted(
        page, {"volume": closed + 9, "speed": closed / (closed + 9), "deal_size": size}
    )
    mates = [person for rep, person in NORTH.items() if rep != "R03"]
    worked = sum(n + 9 for n, _, _ in mates)
    assert found["volume"] == pytest.approx(coarse(tens(worked) / 5), rel=1e-4)
    assert found["speed"] == pytest.approx(round(sum(n for n, _, _ in mates) / worked, 2), rel=1e-4)
    paid = sum(w * m + w * (w - 1) / 2 for _, w, m in mates)
    wins = sum(w for _, w, _ in mates)
    assert found["deal_size"] == pytest.approx(coarse(paid / wins), rel=1e-4)
    rate = page.value("peers.win_rate")
    assert rate is not None
    assert rate.value == round(wins / sum(n for n, _, _ in mates), 2)
    reference = next(p.reference for p in page.gaps if p.against == "team") / 100
    product = coarse(tens(worked) / 5) * round(found["speed"], 2) * rate.value
    assert reference == pytest.approx(product * coarse(paid / wins), abs=0.01)


def coarse(value: float) -> float:
    """Round to two digits, by logarithms."""
    step = 10 ** (math.floor(math.log10(value)) - 1)
    return round(value / step) * step


def tens(count: float) -> float:
    """Round a count to two digits, to ten at the finest."""
    return max(coarse(count) if count >= 100 else round(count / 10) * 10, 10)


def test_parts_add_up_to_own_less_the_rounded_reference_to_the_cent() -> None:
    page = told(company({**NORTH, "R01": (125, 38, 9555)}, alone="R01"), "R03")
    _, won, money = NORTH["R03"]
    own = 100 * (won * money + won * (won - 1) // 2)
    for against in ("team",):
        reference = next(p.reference for p in page.gaps if p.against == against)
        assert sum(of_gap(page, against).values()) == own - reference


def test_who_won_most_of_the_money_is_not_told_as_a_reference() -> None:
    """The rule looks at the group that the reference is made of."""
    people = {**NORTH, "R01": (80, 25, 9_000_000)}
    for rep in ("R03", "R07"):
        page = told(company(people), rep)
        assert page.value("peers.win_rate") is not None  # of the cases nobody has most
        assert not of_gap(page)
    alone, balanced = (
        told(company({**NORTH, "R01": (80, 25, money)}, alone="R01"), "R03")
        for money in (9_000_000, 9000)
    )
    references = [
        {p.reference for p in page.gaps if p.against == "team"} for page in (alone, balanced)
    ]
    assert references[0] == references[1] != set()


def test_who_has_most_of_the_cases_is_not_told_either() -> None:
    people = {**NORTH, "R01": (900, 25, 9000)}
    page = told(company(people), "R03")
    assert page.value("peers.win_rate") is None
    assert not of_gap(page)


def test_two_days_of_a_month_do_not_give_who_left_away() -> None:
    """A mate moves to another team in between: the difference is not that one's own."""
    before = told(company({**NORTH, "R09": (136, 49, 9100)}), "R03")
    after = told(company({**NORTH, "R09": (136, 49, 9100)}, alone="R09"), "R03")
    first, second = before.value("peers.win_rate"), after.value("peers.win_rate")
    assert first is not None
    assert second is not None
    assert (first.n, second.n) == (550, 410)
    assert (first.others, second.others) == (6, 5)
    won = [round(v.value * (v.n or 0), 6) for v in (first, second)]
    assert won[0] - won[1] != 49


@pytest.mark.parametrize("rep", ["R01", "R03", "R07"])
def test_nothing_exact_of_the_others_is_handed_over(rep) -> None:
    page = told(company({**NORTH, "R01": (125, 38, 9555)}), rep)
    assert len(page.values) >= 5
    for value in page.values:
        if value.n is not None:
            assert value.n == tens(value.n)
            assert [round(x or 0, 2) for x in (value.value, value.low, value.high)] == [
                value.value,
                value.low,
                value.high,
            ]
        elif value.value:
            assert value.value == pytest.approx(coarse(value.value), rel=1e-12)
    for part in page.gaps:
        for bound in (part.low, part.high):
            assert bound is None or abs(bound) == pytest.approx(coarse(abs(bound) or 1))
    for skill in page.standings:
        assert skill.p_above is None or skill.p_above == round(skill.p_above, 2)
    assert "0.29021" not in str(asdict(page))


def test_a_typical_number_is_nobody_s_own() -> None:
    """The median of five small counts is one person's count."""
    wins = {"R02": 31, "R03": 22, "R04": 29, "R05": 18, "R06": 33, "R07": 24}
    page = told(company({rep: (90, n, 8000) for rep, n in wins.items()}), "R03")
    typical = page.value("peers.won.count")
    assert typical is not None
    assert typical.value == 28  # of 24, 29 and 31
    assert typical.value not in wins.values()
    alike = told(company({rep: (90 + n, 20, 8000) for n, rep in enumerate(wins)}), "R03")
    assert alike.value("peers.won.count") is None  # 20 is what each of them won


@pytest.mark.parametrize("won", [0, 80])
def test_a_rate_that_says_the_same_of_everybody_is_withheld(won) -> None:
    people = {rep: (80, won, money) for rep, (_, _, money) in NORTH.items()}
    page = told(company({**people, "R03": (80, 20, 9000)}), "R03")
    assert page.level == "team"
    assert page.value("peers.win_rate") is None
    assert not of_gap(page)
