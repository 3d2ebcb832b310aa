"""Who answered, who is asked again and why, who doubts a stretched target, who owes a reply."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spm_lib.core.language import language
from spm_lib.team.following.acceptance import acceptance
from spm_lib.team.records.reply import Reply
from spm_lib.team.records.target_request import TargetRequest
from spm_lib.team.responses.response import CATEGORIES, DECISIONS, Worry
from tests.examples import examples
from tests.team.people import DATA, TOO_HIGH, letter, response


def test_a_letter_that_changed_after_sign_off_asks_again_and_says_what_changed() -> None:
    letters = [letter("R1", n) for n in (1, 2, 3)] + [letter("R2", n) for n in (1, 2)]
    answered = [response("R1", 1), response("R2", 1), response("R2", 2)]
    first, second = acceptance(letters, answered).standings
    assert first.ask_again
    assert not first.accepted
    assert [c.tell(language("en")) for c in first.changes] == ["Version 2.", "Version 3."]
    assert first.waiting(date(2026, 10, 10)) == 7
    assert not second.ask_again
    assert second.accepted
    assert second.changes == ()
    assert second.waiting(date(2026, 10, 10)) == 0
    # a response with the right number but another content is no answer to this letter
    stray = acceptance([letter("R1", 2)], [response("R1", 1)]).standings[0]
    assert stray.ask_again


def test_of_two_answers_to_the_same_words_the_newest_counts() -> None:
    first = letter("R1", 1)
    letters = [first, letter("R1", 2), replace(letter("R1", 3), letter=first.letter)]  # taken back
    agreed, refused = response("R1", 1), replace(response("R1", 3), letter=first.letter)
    refused = replace(refused, decision="not_accept", worries=(DATA,))
    (told,) = acceptance(letters, [agreed, refused]).standings
    assert (told.response, told.accepted, told.owed) == (refused, False, (DATA,))
    (told,) = acceptance(letters, [agreed]).standings
    assert told.accepted, "what was agreed to in the same words stays agreed"


def test_low_confidence_is_told_where_the_target_asks_more_than_of_all() -> None:
    letters = [
        letter("R1", target=2_000_000),  # + 100 %
        letter("R2", target=1_100_000),  # + 10 %
        letter("R3", target=1_500_000, last_result=0),  # not known
        letter("R4", target=1_000_000, last_result=1_000_000),  # 0 %
        letter("R5", target=1_000_000, end=date(2027, 7, 2)),  # half a year: + 100.5 %
    ]
    sure = {"R1": 2, "R2": 1, "R3": 1, "R4": 5, "R5": 2}
    low = [response(rep, confidence=c) for rep, c in sure.items()]
    told = acceptance(letters, low)
    growths = [s.letter.growth for s in told.standings]
    assert growths[:4] == [pytest.approx(1.0), pytest.approx(0.1), None, pytest.approx(0.0)]
    assert growths[4] == pytest.approx(365 / 182 - 1)
    asked = 2_000_000 + 1_100_000 + 1_000_000 + 1_000_000 * 365 / 182
    assert told.growth == pytest.approx(asked / 4_000_000 - 1)
    assert [s.rep_id for s in told.doubtful] == ["R5", "R1"]
    assert acceptance([letter("R1", target=None)], [response("R1")]).growth is None


def test_a_reply_belongs_to_the_words_of_the_worry() -> None:
    worried = response("R1", worries=(TOO_HIGH, DATA), decision="not_accept")
    request = TargetRequest("R1", 1, 1_200_000, 900_000, "one account left")
    said = Reply("R1", TOO_HIGH.category, TOO_HIGH.text, "We look at it in March")
    told = acceptance([letter("R1")], [worried], replies=[said], requests=[request])
    assert told.owed == (("R1", DATA),)
    assert told.standings[0].requests == (request,)
    again = response("R1", worries=(Worry("target_too_high", "It still doubles"),))
    told = acceptance([letter("R1")], [again], replies=[said])
    assert [w.text for _, w in told.owed] == ["It still doubles"]
    others = acceptance([letter("R2")], [response("R2", worries=(TOO_HIGH,))], replies=[said])
    assert others.owed == (("R2", TOO_HIGH),)


WORRIES = st.lists(
    st.builds(Worry, st.sampled_from(CATEGORIES), st.sampled_from(["a", "b"])), max_size=3
)
ANSWERS = st.tuples(st.integers(1, 3), st.sampled_from(DECISIONS), st.integers(1, 5), WORRIES)


@settings(max_examples=examples(10))
@given(
    st.dictionaries(
        st.sampled_from([f"R{i}" for i in range(6)]),
        st.tuples(st.integers(1, 3), st.lists(ANSWERS, max_size=3)),
        max_size=6,
    )
)
def test_the_tracker_agrees_with_a_plain_loop(team: dict) -> None:  # fmt: skip
    letters = [letter(r, n) for r, (last, _) in team.items() for n in range(1, last + 1)]
    kept = {}
    for rep, (last, answers) in team.items():
        for version, decision, confidence, worries in answers:
            if version <= last:  # a later answer to the same letter takes the earlier one's place
                kept[rep, version] = response(
                    rep, version, decision=decision, confidence=confidence, worries=tuple(worries)
                )
    told = acceptance(letters, kept.values())
    unanswered, accepted, counted, sure = set(), 0, Counter(), []
    for rep, (last, _) in team.items():
        own = {v: r for (who, v), r in kept.items() if who == rep}
        if last not in own:
            unanswered.add(rep)
        else:
            sure.append(own[last].confidence)
            accepted += own[last].decision != "not_accept"
        if own:
            counted.update(w.category for w in own[max(own)].worries)
    assert {s.rep_id for s in told.unanswered} == unanswered
    assert told.accepted == accepted
    assert sorted(told.confidences) == sorted(sure)
    assert {c: n for c, n in told.worries.items() if n} == dict(counted)
    assert set(told.worries) == set(CATEGORIES)
    assert len(told.owed) == sum(counted.values())
