"""The response form: what is typed is what is kept; a fault says what to change, and nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from spm_lib.core.errors import ScopeError, TeamError
from spm_lib.core.language import language
from spm_lib.dashboards.team.own_letter import OwnLetter, own_letter
from spm_lib.dashboards.team.response_page import ResponsePage
from spm_lib.dashboards.told import admitted
from spm_lib.store import ClientFolder
from spm_lib.team import (
    Desk,
    Goal,
    LetterDesk,
    LetterFiles,
    Response,
    Viewer,
    Worry,
    letter_maker,
    open_register,
)
from spm_lib.workspace import Scope
from tests.team.small_team import write_client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_client(tmp_path_factory.mktemp("form") / "acme")


@pytest.fixture(scope="module")
def letters(client: Path):
    """The letters of R1: twice issued."""
    folder = ClientFolder.of(client)
    whole = admitted(workspace=client, environment={}).company
    files = LetterFiles(folder)
    made = letter_maker(whole, None, client=folder).letter("R1")
    files.issue(made.model_copy(update={"target": 1}), on=date(2026, 12, 1))
    return files, files.issue(made, on=date(2026, 12, 31))


class Kept(list):
    def __call__(self, response: Response) -> None:
        self.append(response)


def page_of(client: Path, issued, kept, code: str = "en", answered=None) -> ResponsePage:
    own = OwnLetter(issued, answered, kept)
    return ResponsePage(language=code, workspace=client, own=own)


def test_what_is_typed_is_what_is_kept(client: Path, letters) -> None:
    issued, kept = letters[1], Kept()
    page = page_of(client, issued, kept)
    fields = page.fields.fields
    page.send()
    assert not kept
    for said in ("Read on: it is missing", "Decision: it is missing", "Confidence: it is missing"):
        assert said in page.said.value
    typed = {
        ("read_on",): date(2026, 12, 5), ("decision",): "not_accept", ("confidence",): 2,
        ("worries", 1, "category"): "territory", ("worries", 1, "text"): "Haifa <is> gone",
        ("ideas", 0): "Schools", ("goals", 0, "metric"): "win_rate.closed.count",
        ("goals", 0, "measure"): "30 %", ("goals", 0, "due"): date(2027, 6, 30),
    }  # fmt: skip
    for place, value in typed.items():
        fields[place].value = value
    fields["remarks",].value = "=1+1"
    page.send()
    assert not kept
    assert "Remarks: found =1+1" in page.said.value
    assert 'role="alert"' in page.said.value
    fields["remarks",].value = ""
    page.send()
    assert kept == [
        Response(
            issued.hash, 2, "R1", date(2026, 12, 5), "not_accept", 2,
            worries=(Worry("territory", "Haifa <is> gone"),), ideas=("Schools",),
            goals=(Goal("win_rate.closed.count", "30 %", date(2027, 6, 30)),),
        )
    ]  # fmt: skip
    assert "Your response is kept" in page.said.value
    again = page_of(client, issued, kept, answered=kept[0])
    again.send()
    assert kept[1] == kept[0], "an answer that is taken up again says the same"


def test_the_page_tells_the_key_numbers_in_both_languages(client: Path, letters) -> None:
    for code in ("en", "he"):
        page = page_of(client, letters[1], Kept(), code)
        head = page.box.children[0].value
        assert language(code).money(1_200_000_00, "ILS") in head
        assert language(code).money(48_000_00, "ILS") in head
        assert letters[1].hash[:16] in head
        page.send()
        assert language(code).text("Confidence") in page.said.value
    assert "spm-rtl" in page.box._dom_classes


def test_only_one_s_own_letter_is_opened_and_only_the_newest_is_answered(
    client: Path, letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(scope: str):
        told = {"SPM_WORKSPACE": str(client), "SPM_SCOPE": scope}
        return own_letter(admitted(environment=told))

    with pytest.raises(ScopeError, match="one person's own letter"):
        seen("company")
    with pytest.raises(TeamError, match="No letter was issued to you"):
        seen("rep:R2")
    own = seen("rep:R1")
    assert own.issued == letters[1]
    assert own.answered is None
    old = Response(letters[0].all_of("R1")[0].hash, 1, "R1", date(2026, 12, 5), "accept", 3)
    with pytest.raises(TeamError, match="was not issued"):
        own.keep(old)  # the files hold it, but nobody entered it into the register
    letters[0].issue(own.issued.letter.model_copy(update={"target": 2}), on=date(2027, 1, 1))
    with pytest.raises(TeamError, match="new version of your letter"):
        own.keep(old)


def test_of_two_forms_that_are_open_at_once_the_second_is_told(tmp_path: Path) -> None:
    file = write_client(tmp_path / "acme")
    folder, whole = ClientFolder.of(file), admitted(workspace=file, environment={}).company
    desk = Desk(open_register(whole.settings), Viewer("boss", Scope.company()))
    seat = LetterDesk(desk, LetterFiles(folder), lambda: datetime(2026, 12, 31, tzinfo=UTC))
    issued = seat.issue(letter_maker(whole, None, client=folder).letter("R1"))
    told = {"SPM_WORKSPACE": str(file), "SPM_SCOPE": "rep:R1"}
    first, second = (own_letter(admitted(environment=told)) for _ in range(2))
    refused = Response(issued.hash, 1, "R1", date(2026, 12, 31), "not_accept", 2, "too steep")
    agreed = replace(refused, decision="accept", remarks="")
    first.keep(refused)
    with pytest.raises(TeamError, match="answered in another place since you opened"):
        second.keep(agreed)
    assert seat.answered(issued) == (refused, 1)
    second.keep(refused)  # says the same: nothing to be told
    first.keep(agreed)  # one page may change its mind as often as it likes
    first.keep(refused)
    assert seat.answered(issued) == (refused, 3)
