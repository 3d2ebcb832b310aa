"""1:1s and reviews as forms: every open promise gone through, the self-rating first."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from spm_lib.cli import app
from spm_lib.core.errors import TeamError
from spm_lib.core.language import language
from spm_lib.team import (
    AREAS,
    MeetingForm,
    Promise,
    agenda,
    meeting_form,
    open_register,
    read_form,
    records_of_meeting,
)
from spm_lib.workspace import load_settings
from tests.examples import examples
from tests.team.fill_in import filled_sheet
from tests.team.people import promise
from tests.team.test_team_command import ACCESS, FILES

ON = date(2026, 10, 14)
STATES = ("open", "done", "withdrawn")


@pytest.fixture
def client(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with (tmp_path / "spm.toml").open("a", encoding="utf-8") as file:
        file.write(ACCESS)
    return tmp_path


def said(client: Path, *words: str, who: str = "dana", day: str = "2026-10-14") -> tuple[int, str]:
    line = ["team", *words, "--as", who, "--on", day, "--workspace", str(client)]
    done = CliRunner().invoke(app, line)
    return done.exit_code, done.output


def fill(text: str, **values: str) -> str:
    for key, value in values.items():
        text = re.sub(rf"(?m)^{key} = .*$", lambda _, v=value, k=key: f"{k} = {v}", text, count=1)
    return text


histories = st.lists(st.tuples(st.sampled_from(STATES), st.integers(1, 30)), max_size=8)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.lists(st.sampled_from(STATES), min_size=8, max_size=8), st.integers(0, 7))
def test_no_open_promise_is_ever_dropped(
    history: list[tuple[str, int]], after: list[str], lost: int
) -> None:
    """Any history; the talk may close what it likes, but whatever is left open stays listed."""
    there = [_any_promise(n, *one) for n, one in enumerate(history, start=1)]
    open_ = [one.number for one in there if one.open]
    text = meeting_form("R1", ON, agenda(there), language=language("en"))
    assert [int(n) for n in re.findall(r"(?m)^number = (\d+)$", text)] == [
        one.number for one in agenda(there).open
    ]
    for state in after[: len(open_)]:
        text = fill(text.replace('state = ""', f'state = "{state}"', 1))
        text = text.replace('outcome = ""', 'outcome = "as said"', 1)
    form = read_form(text.encode(), MeetingForm, name="talk.toml")
    written = dict.fromkeys(open_)
    for kind, record in records_of_meeting(form, there):
        if kind == "promise":
            assert isinstance(record, Promise)
            written[record.number] = record
    closed = {n for n, one in written.items() if one is not None and not one.open}
    states = dict(zip([one.number for one in agenda(there).open], after, strict=False))
    assert closed == {n for n, state in states.items() if state != "open"}
    if open_:
        short = form.promises[: lost % len(open_)]
        with pytest.raises(TeamError, match="goes through every open promise"):
            records_of_meeting(form.model_copy(update={"promises": short}), there)


def _any_promise(number: int, state: str, due: int) -> Promise:
    ended = {} if state == "open" else {"outcome": "so", "closed_on": date(2026, 10, 5)}
    return promise("R1", number, due=date(2026, 10, due), status=state, **ended)


def test_a_talk_is_entered_as_a_whole_or_not_at_all(client: Path) -> None:
    said(client, "promise", "R1", "Call Acme", "--due", "2026-10-10", day="2026-10-01")
    said(client, "promise", "R1", "Send prices", "--who", "M1", day="2026-10-01")
    form = client / "talk.toml"
    assert said(client, "meeting", "R1", "--form", str(form)) == (0, f"Wrote {form}\n")
    blank = form.read_text("utf-8")
    code, told = said(client, "meeting", "R1", "--take", str(form))
    assert code == 1
    assert "promises 1 state: found ''" in told  # all of them at once
    assert "promises 2 state: found ''" in told
    text = blank.replace('state = ""', 'state = "done"', 1).replace('state = ""', 'state = "open"')
    text = fill(text, will='"Call on Monday"', confidence="7", what='"Call Acme"')
    new = '[[new_promises]]\nwho = "M1"\nwhat = "Join the visit"\ndue = "2026-10-28"\n'
    form.write_text(text + new, "utf-8")
    code, told = said(client, "meeting", "R1", "--take", str(form))
    assert code == 1
    assert "outcome is missing" in told  # done, but nothing said of it
    assert "Call Acme" in said(client, "promise", "R1")[1]  # nothing was written
    assert not open_register(load_settings(client / "spm.toml")).events(kinds=["meeting"])
    form.write_text(text.replace('outcome = ""', 'outcome = "They sign"', 1) + new, "utf-8")
    code, told = said(client, "meeting", "R1", "--take", str(form))
    assert (code, told) == (0, "Entered: 1:1 of 14 Oct 2026; 1 of 2 promises closed, 1 new.\n")
    listed = said(client, "meeting", "R1")[1]
    assert "Send prices" in listed
    assert "Join the visit" in listed
    assert "They sign" in listed
    code, told = said(client, "meeting", "R3", "--take", str(form))
    assert code == 1
    assert "about somebody else" in told
    forged = fill(form.read_text("utf-8"), rep_id='"R3"')
    (client / "forged.toml").write_text(forged, "utf-8")
    code, told = said(client, "meeting", "R3", "--take", str(client / "forged.toml"))
    assert code == 1
    assert "nobody 'R3' whose rows 'dana' may see" in told
    hebrew = said(client, "meeting", "R1", "--form", str(form), "--language", "he")[0]
    assert hebrew == 0
    assert "כל הבטחה פתוחה" in form.read_text("utf-8")


def test_a_review_stands_beside_the_self_rating_which_comes_first(client: Path) -> None:
    own, boss = client / "own.toml", client / "boss.toml"
    assert said(client, "review", "R1")[1] == "Nobody has rated 2026-Q3 yet.\n"
    said(client, "review", "R1", "--form", str(own), who="noam")
    said(client, "review", "R1", "--form", str(boss))
    assert 'side = "self"' in own.read_text("utf-8")
    early = _rated(boss, 2)
    code, told = said(client, "review", "R1", "--take", str(early))
    assert code == 1
    assert "The self-rating comes first." in told
    assert said(client, "review", "R1", "--take", str(_rated(own, 4)), who="noam")[0] == 0
    assert said(client, "review", "R1", "--form", str(boss))[0] == 0
    assert boss.read_text("utf-8").count("# Self: 4, seen") == len(AREAS)
    code, told = said(client, "review", "R1", "--take", str(_rated(boss, 2)), who="noam")
    assert code == 1  # nobody rates oneself as the manager
    assert said(client, "review", "R1", "--take", str(_rated(boss, 2)))[0] == 0
    shown = said(client, "review", "R1")[1]
    assert len(re.findall(r" 4 +2 +\+2 +seen", shown)) == len(AREAS)
    sheet = client / "boss.xlsx"
    assert said(client, "review", "R1", "--form", str(sheet))[0] == 0
    sheet.write_bytes(filled_sheet(sheet.read_bytes(), {"B10": 3, "C10": "calls", "B9": 9}))
    code, told = said(client, "review", "R1", "--take", str(sheet))
    assert code == 1
    assert "cell B9" in told
    assert "cell C9" in told
    sheet.write_bytes(filled_sheet(sheet.read_bytes(), {"B9": 3, "C9": "105 %"}))
    assert said(client, "review", "R1", "--take", str(sheet))[0] == 0
    assert "105 %" in said(client, "review", "R1")[1]
    assert said(client, "review", "R3", "--take", str(sheet))[0] == 1
    wrong = _rated(boss, 6)
    assert "whole number from 1 to 5" in said(client, "review", "R1", "--take", str(wrong))[1]
    dated = own.read_text("utf-8").replace("2026-Q3", "2026-04-01/2026-07-01")
    own.write_text(dated, "utf-8")
    assert "review 2026-Q2" in said(client, "review", "R1", "--take", str(own), who="noam")[1]
    assert "seen" in said(client, "review", "R1", "--period", "2026-Q2")[1]
    assert said(client, "review", "R1", "--period", "2026")[0] == 1
    assert "שיעור" not in said(client, "review", "R1", "--language", "he")[1]
    assert "Area" not in said(client, "review", "R1", "--language", "he")[1]


def _rated(form: Path, rating: int) -> Path:
    text = form.read_text("utf-8")
    text = re.sub(r"(?m)^rating = \d+$", f"rating = {rating}", text)
    form.write_text(re.sub(r'(?m)^ground = ".*"$', 'ground = "seen"', text), "utf-8")
    return form
