"""A response is checked whole: what is right is kept to the letter, all that is wrong is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.language import language
from spm_lib.team import CATEGORIES, DECISIONS, ResponseError, response_content, response_of
from tests.examples import examples

HASH = "ab" * 32
WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=40)


def filled(**more: Any) -> dict[str, Any]:
    return {
        "letter": HASH,
        "version": 2,
        "rep_id": "R1",
        "read_on": "2026-12-01",
        "decision": "accept_with_remarks",
        "confidence": 3,
        "remarks": "Fine, but for March.",
        "worries": [{"category": "territory", "text": "Haifa is gone"}],
        "ideas": ["A price list for schools"],
        "goals": [
            {"metric": "win_rate.closed.count", "measure": "30 %", "due": "2027-06-30"},
        ],
        **more,
    }


def faults_of(**more: Any) -> dict[tuple, str]:
    with pytest.raises(ResponseError) as refused:
        response_of(filled(**more))
    return {fault.place: str(fault) for fault in refused.value.faults}


def test_what_is_filled_in_is_kept_and_read_back() -> None:
    made = response_of(filled(goals=[*filled()["goals"], {"metric": "", "measure": None}]))
    assert made.goals[0].due == date(2027, 6, 30)
    assert len(made.goals) == 1, "a row without a word is no goal"
    assert response_of(response_content(made)) == made


@given(
    decision=st.sampled_from(DECISIONS),
    worries=st.lists(st.tuples(st.sampled_from(CATEGORIES), WORDS)),
    confidence=st.integers(1, 5),
)
@settings(max_examples=examples(12), deadline=None)
def test_no_word_is_lost_on_the_way_there_and_back(decision, worries, confidence) -> None:
    rows = [{"category": c, "text": t} for c, t in worries[:6]]
    made = response_of(filled(decision=decision, worries=rows, confidence=confidence))
    assert response_content(made)["worries"] == rows
    assert response_of(response_content(made)) == made


def test_all_faults_are_told_at_once_each_with_its_place() -> None:
    found = faults_of(
        letter="short",
        version=0,
        read_on="soon",
        decision="maybe",
        confidence=6,
        remarks="=HYPERLINK(1)",
        worries=[{"category": "weather", "text": "x" * 2001}],
        ideas=["-2+3", 7],
        goals=[{"metric": "win_rate.closed", "measure": "\u202ereversed"}],
        salary="more",
    )
    assert set(found) == {
        ("letter",),
        ("version",),
        ("read_on",),
        ("decision",),
        ("confidence",),
        ("remarks",),
        ("worries", 0, "category"),
        ("worries", 0, "text"),
        ("ideas", 0),
        ("ideas", 1),
        ("goals", 0, "metric"),
        ("goals", 0, "measure"),
        ("goals", 0, "due"),
        ("salary",),
    }
    assert found["confidence",] == "Confidence: found 6; write a whole number, 1 to 5"
    assert "2,001 characters" in found["worries", 0, "text"]
    assert "win_rate.closed.count" in found["goals", 0, "metric"], "the nearest ids are named"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2", " \t=1", "\n=2"])
def test_a_text_that_a_spreadsheet_runs_is_refused(text: str) -> None:
    assert "formula" in faults_of(remarks=text)["remarks",]


def test_a_decision_that_needs_words_asks_for_them() -> None:
    assert set(faults_of(decision="not_accept", remarks="", worries=[])) == {("remarks",)}
    assert set(faults_of(decision="accept_with_remarks", remarks=" ", worries=[])) == {("remarks",)}
    assert response_of(filled(decision="accept", remarks="", worries=[])).remarks == ""


def test_more_goals_than_three_and_a_metric_of_nobody_are_refused() -> None:
    goal = filled()["goals"][0]
    assert set(faults_of(goals=[goal] * 4)) == {("goals",)}
    alone = faults_of(goals=[{**goal, "metric": "target.over_assignment"}])
    assert set(alone) == {("goals", 0, "metric")}


def test_a_fault_is_told_in_the_reader_s_language() -> None:
    with pytest.raises(ResponseError) as refused:
        response_of(filled(confidence="high"))
    assert refused.value.faults[0].tell(language("he")).startswith("ביטחון: נמצא")
